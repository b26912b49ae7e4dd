"""By what the rejected objects of a person are told: those that were never placed on a profile."""

import re
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from openprofiles.features import object_types, profiles

SHORTEST_TEXT = 6
"""Shorter values are looked for as keys only: as texts they would be found in anything."""

_IN_NUMBERS = re.compile(r"[\s().+/-]")
_NUMBER = re.compile(r"\+?\d+")

FindMapping = Callable[[str], object_types.Mapping | None]


class Marks(Struct, frozen=True):
    """Key values that nobody else has, and the unique keys (in hex) of the objects that went."""

    keys: list[tuple[str, str]]
    objects: list[str]

    def finder(self, find_mapping: FindMapping) -> Callable[[str, str], bool]:
        """Whether a document (object type, text) is the person's."""
        keys, objects = set(self.keys), set(self.objects)
        texts = [value for _, value in self.keys if len(value) >= SHORTEST_TEXT]

        def is_theirs(object_type: str, document: str) -> bool:
            mapped = _map(find_mapping(object_type), document)
            if mapped is None:
                return has_text(document, texts)
            held = {(key.name, key.value) for key in (*mapped.lookups, *mapped.stored)}
            unique = profiles.unique_key(object_type, mapped.unique.value).hex()
            return unique in objects or not held.isdisjoint(keys)

        return is_theirs


def has_text(document: str, values: Sequence[str]) -> bool:
    """Whether a document that no mapping can read has one of these values in its text."""
    text = _plain(document).casefold()
    digits = _IN_NUMBERS.sub("", text)
    return any(
        value.removeprefix("+") in digits if _NUMBER.fullmatch(value) else value.casefold() in text
        for value in values
    )


def _plain(document: str) -> str:
    """The text of a document with its escapes undone, where it is JSON."""
    try:
        return str(msgspec.json.decode(document))
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return document


def _map(mapping: object_types.Mapping | None, document: str) -> object_types.MappedObject | None:
    if mapping is None:
        return None
    try:
        return mapping.map(profiles.read_document(document).content)
    except (profiles.NotAnObject, object_types.Unmappable):
        return None
