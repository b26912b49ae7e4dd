"""Keys of an object type, compiled: from the texts of an object's fields to key values (reference
§3.5, §3.6).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from openprofiles.features.object_types import content_type, predefined_key, standard_objects
from openprofiles.features.object_types.mapped_object import Keep, KeyValue, Unmappable

Texts = Mapping[str, str]
ValueOf = Callable[[Texts], str | None]
"""From an object's field texts to the key's value, None when it is empty."""

NO_KEY = "The UNIQUE key or PROFILE key does not exist in the profile object"
"""The documented dead-letter text (core reference §9.4)."""

LINKING_TEMPLATES = ("Servicenow-task", "Servicenow-incident")
LINKED_KEY = "_serviceNowSystemId"
"""ServiceNow gives the user as a REST link; the key is the id at its end (templates README, rule
3).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlan:
    """One entry of a type's keys, and what its standard identifiers say about it."""

    name: str
    value_of: ValueOf
    keep: Keep
    is_unique: bool
    is_profile: bool
    is_secondary: bool
    record_types: tuple[str, ...]


class KeyValues(Struct, frozen=True, kw_only=True):
    """The key values of one object, as MappedObject holds them."""

    unique: KeyValue
    lookups: tuple[KeyValue, ...]
    stored: tuple[KeyValue, ...]
    record_lookups: dict[str, tuple[KeyValue, ...]]


def values_of(plans: Sequence[KeyPlan], texts: Texts) -> KeyValues:
    """The values of all keys; Unmappable without a UNIQUE value or without any PROFILE value."""
    unique: KeyValue | None = None
    primary: list[KeyValue] = []
    secondary: list[KeyValue] = []
    stored: dict[tuple[str, str], KeyValue] = {}
    record_lookups: dict[str, tuple[KeyValue, ...]] = {}
    for plan in plans:
        value = plan.value_of(texts)
        if value is None:
            continue
        key_value = KeyValue(plan.name, value, plan.keep)
        if plan.is_unique:
            unique = key_value
        if plan.is_profile:
            (secondary if plan.is_secondary else primary).append(key_value)
        for record_type in plan.record_types:
            record_lookups[record_type] = (*record_lookups.get(record_type, ()), key_value)
        known = stored.get((plan.name, value))
        if plan.keep != "never" and (known is None or known.keep == "if_created"):
            stored[plan.name, value] = key_value
    lookups = (*primary, *secondary)
    if unique is None or not lookups:
        raise Unmappable(NO_KEY)
    return KeyValues(
        unique=unique,
        lookups=lookups,
        stored=tuple(stored.values()),
        record_lookups=record_lookups,
    )


def compile_keys(definition: Mapping[str, Any]) -> tuple[KeyPlan, ...]:
    """The keys of a valid definition, in its order, which is the order of resolution."""
    return tuple(
        _compile_key(name, entry, definition)
        for name, entries in definition["Keys"].items()
        for entry in entries
    )


def content_types_of(name: str, field_names: Sequence[str], fields: Mapping[str, Any]) -> list[str]:
    """By which content types the parts of a key compare: those of a predefined key, else those
    of its fields.
    """
    predefined = predefined_key.all_keys().get(name)
    if predefined is not None:
        return list(predefined) * len(field_names)
    return [fields[field].get("ContentType") or content_type.DEFAULT for field in field_names]


def _compile_key(name: str, entry: Mapping[str, Any], definition: Mapping[str, Any]) -> KeyPlan:
    identifiers = frozenset(entry.get("StandardIdentifiers") or ())
    is_unique = "UNIQUE" in identifiers
    value_of = _compile_value(name, entry["FieldNames"], definition["Fields"], is_unique=is_unique)
    if name == LINKED_KEY and definition.get("TemplateId") in LINKING_TEMPLATES:
        value_of = _end_of_link(value_of)
    return KeyPlan(
        name=name,
        value_of=value_of,
        keep=_keep(identifiers),
        is_unique=is_unique,
        is_profile="PROFILE" in identifiers,
        is_secondary="SECONDARY" in identifiers,
        record_types=tuple(
            record.name
            for record in standard_objects.all_objects().values()
            if record.identifier in identifiers and record.name != standard_objects.PROFILE
        ),
    )


def _keep(identifiers: frozenset[str]) -> Keep:
    if "LOOKUP_ONLY" in identifiers:
        return "never"
    return "if_created" if "NEW_ONLY" in identifiers else "always"


def _compile_value(
    name: str, field_names: Sequence[str], fields: Mapping[str, Any], *, is_unique: bool
) -> ValueOf:
    kinds = content_types_of(name, field_names, fields)
    if len(field_names) == 1:
        return _single(field_names[0], content_type.NORMALISERS[kinds[0]])
    if name == predefined_key.FULL_NAME:
        return _full_name(field_names)

    def value_of(texts: Texts) -> str | None:
        parts = [texts.get(field, "") for field in field_names]
        # A UNIQUE key may have blank parts as long as one is not; any other key needs all
        # (reference §4.1).
        return content_type.normalise(kinds, parts, blanks_allowed=is_unique)

    return value_of


def _single(field: str, normaliser: Callable[[str], str]) -> ValueOf:
    shortened = content_type.shortened

    def value_of(texts: Texts) -> str | None:
        text = texts.get(field)
        if text is None or text.isspace():
            return None
        return shortened(normaliser(text)) or None

    return value_of


def _full_name(field_names: Sequence[str]) -> ValueOf:
    """A name given in parts equals the name that the standard profile's own index holds."""

    def value_of(texts: Texts) -> str | None:
        parts = " ".join(texts[field] for field in field_names if field in texts)
        return content_type.normalise(["NAME"], [parts])

    return value_of


def _end_of_link(value_of: ValueOf) -> ValueOf:
    def end_of_link(texts: Texts) -> str | None:
        value = value_of(texts)
        return (value.rpartition("/")[2] or None) if value else None

    return end_of_link
