"""What a mapping can lead to: fields of standard objects, and the keys that every domain has."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from openprofiles.features.object_types import predefined_key, standard_objects
from openprofiles.features.object_types.standard_objects import Field, StandardObject


@cache
def described() -> Mapping[str, Any]:
    """The standard objects with all that fields may target, and the predefined keys by name.

    A target that ends with a dot takes any name after it.
    """
    return {
        "Objects": [
            {
                "ObjectTypeName": entry.name,
                "StandardIdentifier": entry.identifier,
                "Targets": list(_targets(entry)),
            }
            for entry in standard_objects.all_objects().values()
        ],
        "Keys": [
            {"KeyName": name, "ContentTypes": list(types)}
            for name, types in sorted(predefined_key.all_keys().items())
        ],
    }


def _targets(entry: StandardObject) -> Iterator[dict[str, str]]:
    for name, field in entry.fields.items():
        if name not in entry.not_targetable:
            for path, kind in _paths(name, field):
                yield {"Target": f"{entry.name}.{path}", "Type": kind}


def _paths(name: str, field: Field) -> Iterator[tuple[str, str]]:
    """The paths of a field: its own, or those of its members."""
    if field.type == "map":
        yield f"{name}.", "string"
    elif field.fields is None:
        yield name, field.type
    else:
        inside = f"{name}[]" if field.type == "list" else name
        for member, inner in field.fields.items():
            yield from _paths(f"{inside}.{member}", inner)
