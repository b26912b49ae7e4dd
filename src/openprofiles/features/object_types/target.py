"""Targets of fields: `_object.Path`, a place in a standard object (core reference §3.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types import standard_objects
from openprofiles.features.object_types.standard_objects import Field

LONGEST_ATTRIBUTE_NAME = 255
ATTRIBUTES = "Attributes"

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_FREE_NAME = re.compile(r"[^\[\]{}\x00-\x1f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A place in a standard object.

    `path` is flat, as in MappedObject; where the target is a member of each element of a list,
    it is the list's, and `element_path` leads to the member. `placeholder` names what `{{…}}`
    in `path` stands for.
    """

    object_name: str
    path: str
    field: Field
    element_path: tuple[str, ...] = ()
    placeholder: str | None = None

    @property
    def is_source_time(self) -> bool:
        """Whether it is the internal member that says when the source last changed the object."""
        return self.path == standard_objects.SOURCE_TIME

    def filled(self, value: str) -> str:
        """`path` with `value` for its placeholder."""
        return _PLACEHOLDER.sub(lambda _: value, self.path)


def parse(text: str, *, placeholders: bool = False) -> Target:
    """The place that `text` names; BadRequest when there is none or it may not be targeted.

    Only predefined templates may use `placeholders`.
    """
    object_name, _, path = text.partition(".")
    standard_object = standard_objects.find(object_name)
    if standard_object is None or not path:
        raise BadRequest("Target must name a field of a standard object, as in _profile.FirstName")
    parts = path.split(".")
    if parts[0] in standard_object.not_targetable:
        raise BadRequest(
            f"Target {object_name}.{parts[0]} is set by the service and cannot be mapped"
        )
    placeholder = _PLACEHOLDER.search(path) if placeholders else None
    plain = _PLACEHOLDER.sub("placeholder", path).split(".") if placeholder else parts
    target = _resolve(object_name, plain, standard_object.fields)
    if placeholder is None:
        return target
    return Target(
        object_name=object_name, path=path, field=target.field, placeholder=placeholder[1]
    )


def _resolve(object_name: str, parts: list[str], fields: Mapping[str, Field]) -> Target:
    """Follow `parts` through the schema."""
    members: Mapping[str, Field] | None = fields
    list_at: int | None = None
    list_field = field = Field(type="object")
    for position, part in enumerate(parts):
        if members is None:
            _require_free(parts[position:])
            field = Field(type="string")
            break
        name = part.removesuffix("[]")
        found = members.get(name)
        if found is None:
            raise BadRequest(f"Target names no field of {object_name} that can be mapped")
        field, members = found, found.fields
        if part != name:
            if found.type != "list" or list_at is not None:
                raise BadRequest(f"Target has [] after {name}, which is not a list")
            list_at, list_field = position, found
        elif found.type == "list" and position + 1 < len(parts):
            raise BadRequest(f"Target needs [] after {name}: it is a list")
        elif found.type in ("string", "number") and position + 1 < len(parts):
            raise BadRequest(f"Target goes on after {name}, which has no members")
    if list_at is None:
        return Target(object_name=object_name, path=".".join(parts), field=field)
    return Target(
        object_name=object_name,
        path=".".join(parts[: list_at + 1]).removesuffix("[]"),
        field=list_field,
        element_path=tuple(parts[list_at + 1 :]),
    )


def _require_free(parts: list[str]) -> None:
    """Names of members that the schema leaves open: attributes, event types, open objects."""
    name = ".".join(parts)
    if not all(_FREE_NAME.fullmatch(part) for part in parts) or not name.strip():
        raise BadRequest("Target has an empty or unusable name in its path")
    if len(name) > LONGEST_ATTRIBUTE_NAME:
        raise BadRequest(f"Target has a name of more than {LONGEST_ATTRIBUTE_NAME} characters")
