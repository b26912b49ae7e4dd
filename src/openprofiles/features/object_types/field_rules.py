"""The rules of an object type's fields (core reference §3.2, §3.7 no. 3 to 6)."""

import re
from collections.abc import Mapping
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types import standard_objects, target, timestamp_format
from openprofiles.features.object_types.problem import Problem, noted
from openprofiles.features.object_types.source import compile_source
from openprofiles.features.object_types.target import Target

MOST_FIELDS = 250
RESERVED_NAMES = ("Tags", "tags")
EXCLUSIVE_PAIRS = (("Gender", "GenderString"), ("PartyType", "PartyTypeString"))

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_.-]{0,63}")


def find_problems(
    fields: Mapping[str, Any], *, time_format: str | None
) -> tuple[dict[str, Target], list[Problem]]:
    """The targets of fields by field name, of those that keep the rules, and what others break."""
    targets: dict[str, Target] = {}
    problems: list[Problem] = []
    if len(fields) > MOST_FIELDS:
        problems.append(Problem("Fields", f"Fields has more than {MOST_FIELDS} fields"))
    for name, field in fields.items():
        with noted(problems, f"Fields.{name}"):
            _require_name(name)
            place = _require_field(name, field)
            if place is not None:
                targets[name] = place
    paths = {
        place.path: f"Fields.{name}"
        for name, place in targets.items()
        if place.object_name == standard_objects.PROFILE
    }
    for one, other in EXCLUSIVE_PAIRS:
        if {one, other} <= paths.keys():
            rule = f"Fields may target either _profile.{one} or _profile.{other}"
            problems.append(Problem(paths[other], rule))
    with noted(problems, "SourceLastUpdatedTimestampFormat"):
        _require_format(time_format, is_needed=standard_objects.SOURCE_TIME in paths)
    return targets, problems


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BadRequest(
            f"Fields.{name}: a field name begins with a letter, "
            "and has up to 64 letters, digits, dots, dashes and underscores"
        )
    if name in RESERVED_NAMES:
        raise BadRequest(f"Fields.{name}: this name is reserved")


def _require_field(name: str, field: Mapping[str, Any]) -> Target | None:
    if not field.get("Source"):
        raise BadRequest(f"Fields.{name}: Source must be given")
    try:
        compile_source(field["Source"])
        return target.parse(field["Target"]) if field.get("Target") else None
    except BadRequest as error:
        raise BadRequest(f"Fields.{name}: {error.message}") from error


def _require_format(time_format: str | None, *, is_needed: bool) -> None:
    if time_format is not None:
        timestamp_format.compile_format(time_format)
    elif is_needed:
        raise BadRequest(
            "SourceLastUpdatedTimestampFormat must be given, "
            "as a field targets _profile.SourceLastUpdatedTimestamp"
        )
