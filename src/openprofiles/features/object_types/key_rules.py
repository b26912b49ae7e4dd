"""The rules of an object type's keys (core reference §3.5, §3.6, §3.7 no. 7 to 10)."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types import content_type, predefined_key, standard_objects
from openprofiles.features.object_types.field_rules import RESERVED_NAMES
from openprofiles.features.object_types.problem import Problem, noted

KeyTypes = Mapping[str, tuple[str, ...]]
"""Key name -> content types of its parts."""

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}")
_RESTRICTIONS = frozenset({"LOOKUP_ONLY", "NEW_ONLY"})
_REFINEMENTS = _RESTRICTIONS | {"SECONDARY"}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of Keys."""

    name: str
    field_names: Sequence[str]
    identifiers: frozenset[str]

    @property
    def is_profile(self) -> bool:
        return "PROFILE" in self.identifiers


def find_problems(
    definition: Mapping[str, Any], *, targeted_objects: Collection[str], most_entries: int
) -> list[Problem]:
    """What the keys of a definition break of the rules that need no look at the domain."""
    problems: list[Problem] = []
    entries: list[_Entry] = []
    for name, given in definition["Keys"].items():
        with noted(problems, _member(name)):
            entries.extend(_entries(name, given))
    if len(entries) > most_entries:
        problems.append(Problem("Keys", f"Keys has more than {most_entries} entries"))
    types: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        with noted(problems, _member(entry.name)):
            _require_fields(entry, definition["Fields"])
            _require_identifiers(entry)
            _declare(types, entry, definition["Fields"])
    with noted(problems, "Keys"):
        _require_unique_and_profile(entries)
    if definition.get("AllowProfileCreation"):
        with noted(problems, "Keys"):
            _require_findable(entries)
    for object_name in targeted_objects:
        with noted(problems, "Keys"):
            _require_record_key(entries, object_name)
    return problems


def declared_types(definition: Mapping[str, Any]) -> KeyTypes:
    """The content types that a definition gives its keys, of those entries that keep the rules."""
    types: dict[str, tuple[str, ...]] = {}
    unsound: list[Problem] = []
    for name, given in definition["Keys"].items():
        with noted(unsound, _member(name)):
            for entry in _entries(name, given):
                _require_fields(entry, definition["Fields"])
                _declare(types, entry, definition["Fields"])
    return types


def find_problems_of_names(declared: KeyTypes, in_domain: KeyTypes) -> Iterator[Problem]:
    """Where new key names are not free to be made, or known ones would change content types."""
    for name, types in declared.items():
        known = in_domain.get(name)
        if known is not None and known != types:
            yield Problem(
                _member(name),
                f"Keys.{name}: the domain has this key with content types {', '.join(known)}; "
                f"the fields here have {', '.join(types)}",
            )
        if name.startswith("_") and known is None and name not in predefined_key.all_keys():
            yield Problem(_member(name), f"Keys.{name}: only predefined keys begin with _")


def _member(name: str) -> str:
    return f"Keys.{name}"


def _entries(name: str, entries: Sequence[Mapping[str, Any]]) -> Iterator[_Entry]:
    if not _NAME.fullmatch(name):
        raise BadRequest(
            f"Keys.{name}: a key name begins with a letter, "
            "and has up to 64 letters, digits, dashes and underscores"
        )
    if name in RESERVED_NAMES:
        raise BadRequest(f"Keys.{name}: this name is reserved")
    if not entries:
        raise BadRequest(f"Keys.{name}: a key needs at least one entry")
    for entry in entries:
        identifiers = frozenset(entry.get("StandardIdentifiers") or ())
        yield _Entry(name, entry.get("FieldNames") or (), identifiers)


def _declare(
    types: dict[str, tuple[str, ...]], entry: _Entry, fields: Mapping[str, Mapping[str, Any]]
) -> None:
    """Note the content types of an entry's fields; BadRequest when they contradict others."""
    found = tuple(
        fields[field].get("ContentType") or content_type.DEFAULT for field in entry.field_names
    )
    if types.setdefault(entry.name, found) != found:
        raise BadRequest(f"Keys.{entry.name}: its entries have fields of different content types")
    _require_like_predefined(entry.name, found)


def _require_fields(entry: _Entry, fields: Mapping[str, Any]) -> None:
    if not entry.field_names:
        raise BadRequest(f"Keys.{entry.name}: FieldNames must name at least one field")
    for field in entry.field_names:
        if field not in fields:
            raise BadRequest(f"Keys.{entry.name}: FieldNames has {field}, which is not in Fields")
        if "." in field:
            raise BadRequest(
                f"Keys.{entry.name}: a field with a dot in its name cannot be in a key"
            )


def _require_identifiers(entry: _Entry) -> None:
    identifiers = entry.identifiers
    reason = None
    if "UNIQUE" in identifiers and identifiers & _RESTRICTIONS:
        reason = "UNIQUE cannot be combined with LOOKUP_ONLY or NEW_ONLY"
    elif identifiers >= _RESTRICTIONS:
        reason = "LOOKUP_ONLY and NEW_ONLY exclude each other"
    elif "SECONDARY" in identifiers and not entry.is_profile:
        reason = "SECONDARY needs PROFILE"
    elif identifiers & _RESTRICTIONS and not identifiers - _REFINEMENTS:
        reason = "LOOKUP_ONLY and NEW_ONLY need PROFILE or the identifier of a standard object"
    elif entry.name in predefined_key.IDS_OF_RECORDS and "LOOKUP_ONLY" not in identifiers:
        reason = "this key holds ids that the service makes, so it must be LOOKUP_ONLY"
    if reason:
        raise BadRequest(f"Keys.{entry.name}: {reason}")


def _require_like_predefined(name: str, declared: tuple[str, ...]) -> None:
    """A predefined key has one part of a known type; fields of plain text or numbers are
    welcome too.
    """
    predefined = predefined_key.all_keys().get(name)
    if predefined is None:
        return
    if len(declared) > 1 and name != predefined_key.FULL_NAME:
        raise BadRequest(f"Keys.{name}: this predefined key takes one field")
    allowed = {*predefined, "STRING"} | ({"NUMBER"} if predefined == ("STRING",) else set())
    if not allowed.issuperset(declared):
        raise BadRequest(f"Keys.{name}: this predefined key takes fields of type {predefined[0]}")


def _require_unique_and_profile(entries: Sequence[_Entry]) -> None:
    uniques = sum("UNIQUE" in entry.identifiers for entry in entries)
    if uniques != 1:
        raise BadRequest(f"Keys must have exactly one entry with UNIQUE, and has {uniques}")
    if not any(entry.is_profile for entry in entries):
        raise BadRequest("Keys must have at least one entry with PROFILE")


def _require_findable(entries: Sequence[_Entry]) -> None:
    """Pass when a profile that an object creates can be found again by the keys it leaves there.

    Documented is that beside LOOKUP_ONLY and NEW_ONLY keys there must be a PROFILE key without
    either. The guide's own ticket example (core reference §4.5) has none, but a NEW_ONLY key
    beside another, which serves the same end.
    """
    profile_entries = [
        entry for entry in entries if entry.is_profile and entry.name != "_profileId"
    ]
    plain = any(not entry.identifiers & _RESTRICTIONS for entry in profile_entries)
    new_only = any("NEW_ONLY" in entry.identifiers for entry in profile_entries)
    if profile_entries and not plain and not (new_only and len(profile_entries) > 1):
        raise BadRequest(
            "Keys must have a PROFILE entry without LOOKUP_ONLY and NEW_ONLY: "
            "nothing else could find the profiles that AllowProfileCreation makes"
        )


def _require_record_key(entries: Sequence[_Entry], object_name: str) -> None:
    needed = standard_objects.all_objects()[object_name].identifier
    if not any(needed in entry.identifiers for entry in entries):
        raise BadRequest(f"Keys must have an entry with {needed}, as a field targets {object_name}")
