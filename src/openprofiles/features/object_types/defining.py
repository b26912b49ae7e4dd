"""From a PutProfileObjectType request to a definition: what the request says, or its template
(reference §3.7).
"""

from collections.abc import Mapping
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.core.text import require_storable
from openprofiles.features.object_types import field_rules, key_rules, template
from openprofiles.features.object_types.problem import Problem

TEMPLATE_OWNED = ("AllowProfileCreation", "SourceLastUpdatedTimestampFormat", "Fields", "Keys")
OWN = (
    "Description",
    "TemplateId",
    "ExpirationDays",
    "EncryptionKey",
    "MaxProfileObjectCount",
    "SourcePriority",
)
"""Members that a request gives whether or not it uses a template."""


def define(request: Mapping[str, Any], *, most_key_entries: int) -> dict[str, Any]:
    """The definition that a request makes; BadRequest with the first rule that it breaks.

    What needs the domain to be known (names of keys, counts) is not checked here.
    """
    definition = draft(request)
    for problem in find_problems(definition, most_key_entries=most_key_entries):
        raise BadRequest(problem.message)
    return definition


def draft(request: Mapping[str, Any]) -> dict[str, Any]:
    """The definition that a request makes, whatever its fields and keys; BadRequest when it is not
    clear what they are.
    """
    if request["ObjectTypeName"].startswith("_"):
        raise BadRequest("ObjectTypeName must not begin with _: those are the standard objects")
    given = {
        member: request[member]
        for member in (*OWN, *TEMPLATE_OWNED)
        if request.get(member) not in (None, "", {})
    }
    require_storable("The object type", given)
    template_id = given.get("TemplateId")
    if template_id is not None:
        return {**given, **_template_members(template_id, given)}
    if "Fields" not in given or "Keys" not in given:
        raise BadRequest("Fields and Keys must both be given, or TemplateId instead of them")
    return {**given, "AllowProfileCreation": bool(given.get("AllowProfileCreation"))}


def find_problems(definition: Mapping[str, Any], *, most_key_entries: int) -> list[Problem]:
    """All rules that the fields and keys of a definition break; a template's break none."""
    if "TemplateId" in definition:
        return []
    targets, problems = field_rules.find_problems(
        definition["Fields"], time_format=definition.get("SourceLastUpdatedTimestampFormat")
    )
    of_keys = key_rules.find_problems(
        definition,
        targeted_objects=dict.fromkeys(place.object_name for place in targets.values()),
        most_entries=most_key_entries,
    )
    return [*problems, *of_keys]


def _template_members(template_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    for member in TEMPLATE_OWNED:
        if member in given:
            raise BadRequest(f"{member} must not be given with TemplateId: the template has it")
    found = template.find_ingestible(template_id)
    if found is None:
        raise BadRequest("TemplateId names no template that objects can be ingested through")
    return {member: found[member] for member in TEMPLATE_OWNED if member in found}
