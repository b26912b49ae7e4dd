"""Writing values into a standard object, where a target is more than one text.

Whole sub-objects, lists, members of list elements, numbers. Plain text fields, nearly all there
are, take the short way in `mapping.py`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from openprofiles.features.object_types.number import normalise
from openprofiles.features.object_types.standard_objects import Field
from openprofiles.features.object_types.target import ATTRIBUTES, LONGEST_ATTRIBUTE_NAME, Target
from openprofiles.features.object_types.value import text_of

DEEPEST_PATH = 20
"""Levels of an open object that are fields of their own; what lies deeper is one value."""
LONGEST_NUMBER = 30
"""Characters of a text that is kept as a number; nobody measures with more."""

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")

Flat = dict[str, Any]
"""Paths of a standard object to their values."""
Write = Callable[[Any, Flat], None]
"""Puts a value from a document where a target says."""


def is_plain(target: Target) -> bool:
    """Whether a target takes one text."""
    return target.field.type == "string" and not target.element_path


def compile_write(target: Target) -> Write:
    """The function that writes values to a target that is not plain."""
    if target.element_path:
        return _write_elements(target)
    return lambda value, flat: _copy(value, target.path, target.field, flat)


def number_of(value: Any) -> Any:
    """A number as it is, also when it came as text; any other text unchanged, nothing for null."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = text_of(value)
    canonical = normalise(text)
    if len(text) > LONGEST_NUMBER or not _DECIMAL.fullmatch(canonical):
        return text
    return float(canonical) if "." in canonical else int(canonical)


def fold(flat: Flat, path: str) -> None:
    """Put all that lies below `path` together as one value: members that are always replaced as
    a whole.
    """
    prefix = f"{path}."
    members = {name: flat.pop(name) for name in list(flat) if name.startswith(prefix)}
    if members:
        flat[path] = {name.removeprefix(prefix): value for name, value in members.items()}


def _put(flat: Flat, path: str, value: Any) -> None:
    if value not in ("", [], {}):
        flat[path] = value


def _copy(value: Any, path: str, field: Field, flat: Flat) -> None:
    """Copy a value memberwise: what the schema does not know is left out, empty text counts as
    absent.
    """
    if field.type == "object" and isinstance(value, dict):
        for name, member in (field.fields or {}).items():
            _copy(value.get(name), f"{path}.{name}", member, flat)
    elif field.type == "map" and isinstance(value, dict):
        _copy_open(value, path, flat)
    elif field.type == "list" and isinstance(value, list):
        _put(flat, path, _elements(value, field.fields or {}))
    elif field.type == "number":
        _put(flat, path, number_of(value))
    elif field.type == "string":
        _put(flat, path, text_of(value))


def _copy_open(value: Mapping[str, Any], path: str, flat: Flat) -> None:
    """Copy the members of a map; attributes are text, what else is open may go deeper."""
    is_attributes = path.rpartition(".")[2] == ATTRIBUTES
    is_deep = path.count(".") >= DEEPEST_PATH
    for name, item in value.items():
        if not name or len(name) > LONGEST_ATTRIBUTE_NAME:
            continue
        if not is_attributes:
            # A dot would begin another level of the flat path.
            name = name.replace(".", "_")
        if isinstance(item, dict) and not is_attributes and not is_deep:
            _copy_open(item, f"{path}.{name}", flat)
        elif isinstance(item, dict | list) and not is_attributes:
            _put(flat, f"{path}.{name}", item)
        else:
            _put(flat, f"{path}.{name}", text_of(item))


def _elements(values: list[Any], fields: Mapping[str, Field]) -> list[Flat]:
    """The elements of a list as they are kept: objects with the members that the schema knows."""
    elements: list[Flat] = []
    for value in values:
        if isinstance(value, dict):
            element: Flat = {}
            for name, field in fields.items():
                _copy(value.get(name), name, field, element)
            if element:
                elements.append(element)
    return elements


def _write_elements(target: Target) -> Write:
    """Element i of the source's list feeds element i of the target's (templates README, rule 5)."""
    member = ".".join(target.element_path)

    def write(value: Any, flat: Flat) -> None:
        values = value if isinstance(value, list) else [value]
        texts = [text_of(item) for item in values]
        if not any(texts):
            return
        elements = flat.setdefault(target.path, [])
        elements.extend({} for _ in range(len(texts) - len(elements)))
        for element, text in zip(elements, texts, strict=False):
            if text:
                element[member] = text

    return write
