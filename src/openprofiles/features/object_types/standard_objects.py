"""The standard objects: which fields they have, which may be targeted, which feed index keys
(reference §5).

The schema is `templates/meta/standard-objects.json`, taken from AWS's public definition pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple

import msgspec

from openprofiles.features.object_types import content_type

PROFILE = "_profile"
SOURCE_TIME = "SourceLastUpdatedTimestamp"

TEXT_LIMIT = 255
LONG_TEXT_LIMITS = {"AdditionalInformation": 1000}

FieldType = Literal["string", "number", "object", "list", "map"]
INDEX_CONTENT_TYPES = {
    "_phone": "PHONE_NUMBER",
    "_email": "EMAIL_ADDRESS",
    "_fullName": "NAME",
}
"""Index keys whose equality is not that of STRING."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a standard object; `fields` are the members of an object or of a list's
    elements.

    `fields` is None when the members are not known, so that any is good (maps, open objects).
    """

    type: FieldType
    fields: Mapping[str, "Field"] | None = None


class Index(NamedTuple):
    """One way into an index key: the fields that make its value, and its one form."""

    key_name: str
    normaliser: Callable[[str], str]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardObject:
    """One kind of standard object, such as `_profile` or `_order`."""

    name: str
    id_field: str
    identifier: str
    fields: Mapping[str, Field]
    not_targetable: frozenset[str]
    indexes: tuple["Index", ...]


def all_objects() -> Mapping[str, StandardObject]:
    """Every standard object by name, `_profile` first."""
    return _load()


def find(name: str) -> StandardObject | None:
    """The standard object called `name`, None when there is none."""
    return _load().get(name)


def text_limit(path: str) -> int:
    """How many characters a field of the standard profile holds."""
    return LONG_TEXT_LIMITS.get(path, TEXT_LIMIT)


def index_keys(record_type: str, flat_fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The index keys that a standard object's fields feed: `(key name, normalised value)`, once
    each.

    `flat_fields` are paths as in MappedObject; the generated id counts when it is among them.
    """
    found: dict[tuple[str, str], None] = {}
    for key_name, normaliser, paths in _load()[record_type].indexes:
        if len(paths) == 1:
            text = flat_fields.get(paths[0])
        else:
            text = " ".join(filter(None, map(flat_fields.get, paths)))
        if text and not text.isspace():
            value = normaliser(text)
            if value:
                found[key_name, content_type.shortened(value)] = None
    return list(found)


def index_key_names() -> frozenset[str]:
    """The names of all index keys, and of the keys that hold the id of a standard object."""
    return frozenset(index.key_name for entry in _load().values() for index in entry.indexes)


@cache
def _load() -> Mapping[str, StandardObject]:
    text = (
        resources.files(__package__).joinpath("templates/meta/standard-objects.json").read_bytes()
    )
    return {name: _parse(name, entry) for name, entry in msgspec.json.decode(text).items()}


def _parse(name: str, entry: dict[str, Any]) -> StandardObject:
    fields = {
        member: Field(type="map") if member in entry["openObjects"] else _parse_field(described)
        for member, described in entry["fields"].items()
    }
    internal = frozenset(entry["internalFields"])
    return StandardObject(
        name=name,
        id_field=entry["idField"],
        identifier=entry["standardIdentifier"],
        fields={**{member: Field(type="string") for member in internal}, **fields},
        not_targetable=frozenset(entry["notTargetable"]),
        indexes=tuple(
            Index(key_name, _normaliser(key_name), tuple(source.split("+")))
            for key_name, sources in entry["indexes"].items()
            for source in sources
        ),
    )


def _normaliser(key_name: str) -> Callable[[str], str]:
    kind = INDEX_CONTENT_TYPES.get(key_name, content_type.DEFAULT)
    return content_type.NORMALISERS[kind]


def _parse_field(described: dict[str, Any]) -> Field:
    members = described.get("fields")
    return Field(
        type=described["type"],
        fields=None if members is None else {name: _parse_field(m) for name, m in members.items()},
    )
