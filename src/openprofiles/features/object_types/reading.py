"""Reading an object: every field's value as text, by the sources of its type (reference §4.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from openprofiles.features.object_types import value as values
from openprofiles.features.object_types.accessor import Read
from openprofiles.features.object_types.handlebars import TooLong
from openprofiles.features.object_types.mapped_object import Unmappable
from openprofiles.features.object_types.source import compile_source


class FieldValues(Struct, frozen=True):
    """What the fields of one object hold: all that are not empty as text, in `raw` those that
    were not text.
    """

    texts: dict[str, str]
    raw: dict[str, Any]

    def of(self, name: str) -> Any:
        """A field's value as its source gave it, None when it is empty."""
        return self.raw.get(name) or self.texts.get(name)


@dataclass(frozen=True, slots=True)
class Reading:
    """The fields of a type, compiled."""

    fields: tuple[tuple[str, Read], ...]

    def read(self, document: Mapping[str, Any]) -> FieldValues:
        """The values of all fields; Unmappable when one cannot be held."""
        texts: dict[str, str] = {}
        raw: dict[str, Any] = {}
        name = ""
        try:
            for name, read in self.fields:
                value = read(document)
                if type(value) is str:
                    if value:
                        texts[name] = value
                elif value is not None:
                    text = values.text_of(value)
                    if text:
                        texts[name] = text
                        raw[name] = value
        except (TooLong, RecursionError) as error:
            raise Unmappable(f"The value of field {name} is too large") from error
        except UnicodeError as error:
            raise _not_storable(name) from error
        found = FieldValues(texts, raw)
        _require_storable(found)
        return found


def compile_reading(definition: Mapping[str, Any]) -> Reading:
    """The reading of a definition's fields, in its order; BadRequest when a source is not valid."""
    return Reading(
        tuple(
            (name, compile_source(field["Source"]).read)
            for name, field in definition["Fields"].items()
        )
    )


def _require_storable(found: FieldValues) -> None:
    # All at once first: nearly every object passes, and one look is far cheaper than one for
    # each field.
    if not values.is_storable("".join(found.texts.values())):
        raise _not_storable(
            next(name for name, text in found.texts.items() if not values.is_storable(text))
        )
    for name, value in found.raw.items():
        if not values.is_storable_json(value):
            raise _not_storable(name)


def _not_storable(name: str) -> Unmappable:
    return Unmappable(f"The value of field {name} holds a character that cannot be stored")
