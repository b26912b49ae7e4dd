"""What a domain says about a definition: which keys it has already, how much room there is.

PutProfileObjectType asks it in turn and refuses with the first answer that is no; who draws up a
definition gets all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.features.context import Context
from openprofiles.features.domains import Domain
from openprofiles.features.object_types import defining, key_rules, store
from openprofiles.features.object_types.object_type import ObjectType
from openprofiles.features.object_types.problem import Problem, noted


@dataclass(frozen=True, slots=True)
class Checked:
    """A definition drawn up, None when there is none yet, and all that is wrong with it."""

    definition: dict[str, Any] | None
    problems: tuple[Problem, ...]


def check(context: Context, domain: Domain, request: Mapping[str, Any]) -> Checked:
    """What PutProfileObjectType would say to a request, all at once."""
    try:
        definition = defining.draft(request)
    except BadRequest as error:
        return Checked(None, (Problem("", error.message),))
    problems: list[Problem] = []
    name = request["ObjectTypeName"]
    current = store.find(context.transaction, domain.id, name)
    most = context.settings.keys_per_object_type
    problems += defining.find_problems(definition, most_key_entries=most)
    declared = key_rules.declared_types(definition)
    problems += key_rules.find_problems_of_names(
        declared, keys_elsewhere(context, domain, name, declared)
    )
    with noted(problems, "EncryptionKey"):
        require_same_encryption(domain, current, definition)
    with noted(problems, "MaxProfileObjectCount"):
        require_room(context, domain, current, definition)
    return Checked(definition, tuple(problems))


def keys_elsewhere(
    context: Context, domain: Domain, name: str, declared: key_rules.KeyTypes
) -> key_rules.KeyTypes:
    """The content types of those of the keys that other types use: who alone uses a key may give
    it other ones.
    """
    in_domain = store.find_keys(context.transaction, domain.id, list(declared))
    shared = store.keys_of_other_types(
        context.transaction, domain.id, name=name, key_names=list(in_domain)
    )
    return {key: types for key, types in in_domain.items() if key in shared}


def require_same_encryption(
    domain: Domain, current: ObjectType | None, definition: Mapping[str, Any]
) -> None:
    """With the data store on, objects of a type are already copied under its key [D]."""
    data_store = domain.configuration.get("DataStore") or {}
    if (
        current is not None
        and data_store.get("Enabled")
        and current.definition.get("EncryptionKey") != definition.get("EncryptionKey")
    ):
        raise BadRequest("EncryptionKey cannot be changed while the data store is enabled")


def require_room(
    context: Context, domain: Domain, current: ObjectType | None, definition: Mapping[str, Any]
) -> int:
    """Objects per profile that no type claims, with this type defined; BadRequest beyond a
    quota.
    """
    count, claimed = store.count_and_claims(context.transaction, domain.id)
    most_types = context.settings.object_types_per_domain
    if current is None and count >= most_types:
        raise BadRequest(f"The domain has {most_types} object types, the most that are allowed")
    before: int = (current.definition if current else {}).get("MaxProfileObjectCount", 0)
    after: int = definition.get("MaxProfileObjectCount", 0)
    available = context.settings.objects_per_profile - (claimed - before + after)
    if available < 0 and after > before:
        raise BadRequest(
            "MaxProfileObjectCount of all object types must not add up to more than "
            f"{context.settings.objects_per_profile} objects of a profile"
        )
    return max(available, 0)
