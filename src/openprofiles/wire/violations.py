"""Every way in which parameters break the model, in AWS's words: the slow half of validation.

`1 validation error detected: Value 'x y' at 'domainName' failed to satisfy constraint: Member must
satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$` (core reference §1.3). A value is quoted only
where it cannot be a customer's: a name, an id or a number, never text without a pattern and nothing
inside what the model marks as sensitive.
"""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.model import Shape, StructureShape

from openprofiles.core.errors import BadRequest
from openprofiles.wire.patterns import anchored

QUOTED_LENGTH = 128
LISTED = 50
WIDTHS: dict[str, tuple[float, float]] = {
    "integer": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
    "double": (-sys.float_info.max, sys.float_info.max),
}

_compiled = cache(re.compile)


def range_of(shape: Shape) -> tuple[float, float]:
    """The least and the most that a number of `shape` may be."""
    least, most = WIDTHS[shape.type_name]
    return shape.metadata.get("min", least), shape.metadata.get("max", most)


def check(shape: StructureShape, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters with known members only, without nulls, timestamps as aware datetimes.

    BadRequest lists all errors.
    """
    found = Violations()
    checked: dict[str, Any] = _structure(shape, parameters, Place(""), found)
    if found.sentences:
        raise BadRequest(found.message())
    return checked


class Place:
    """Where in the parameters we are, and whether what stands there may be quoted."""

    __slots__ = ("path", "quotable", "required")

    def __init__(self, path: str, *, required: bool = True, quotable: bool = True) -> None:
        self.path = path
        self.required = required
        self.quotable = quotable

    def member(self, name: str, *, required: bool = True) -> "Place":
        """The place of a structure's member, in lower camel case as AWS writes it."""
        step = name[:1].lower() + name[1:]
        path = f"{self.path}.{step}" if self.path else step
        return Place(path, required=required, quotable=self.quotable)

    def element(self, step: str, *, quotable: bool = True) -> "Place":
        """The place of a list's or map's element."""
        return Place(f"{self.path}.{step}.member", quotable=self.quotable and quotable)

    def hidden_if(self, sensitive: bool) -> "Place":
        """This place, its values not to be quoted when `sensitive`."""
        if not sensitive or not self.quotable:
            return self
        return Place(self.path, required=self.required, quotable=False)


class Violations:
    """The errors found so far."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def add(self, place: Place, constraint: str, quoted: str | None = None) -> None:
        """Note that the value at `place` breaks `constraint`; `quoted` is how it may be shown."""
        value = f"Value {quoted} at" if quoted is not None and place.quotable else "Value at"
        self.sentences.append(
            f"{value} '{place.path}' failed to satisfy constraint: Member must {constraint}"
        )

    def message(self) -> str:
        """AWS's sentence about all of them; a very long list is cut."""
        count = len(self.sentences)
        errors = "1 validation error" if count == 1 else f"{count} validation errors"
        listed = "; ".join(self.sentences[:LISTED])
        rest = f"; and {count - LISTED} more" if count > LISTED else ""
        return f"{errors} detected: {listed}{rest}"


def _check(shape: Shape, value: Any, place: Place, found: Violations) -> Any:
    return CHECKS[shape.type_name](
        shape, value, place.hidden_if(shape.metadata.get("sensitive", False)), found
    )


def _structure(shape: StructureShape, value: Any, place: Place, found: Violations) -> Any:
    if not isinstance(value, dict):
        return found.add(place, "be an object")
    checked = {}
    for name, member in shape.members.items():
        required = name in shape.required_members
        inner = place.member(name, required=required)
        if value.get(name) is not None:
            checked[name] = _check(member, value[name], inner, found)
        elif required:
            found.add(inner, "not be null", "null")
    if getattr(shape, "is_tagged_union", False) and len(checked) != 1:
        found.add(place, f"have exactly one of the members [{', '.join(shape.members)}]")
    return checked


def _list(shape: Shape, value: Any, place: Place, found: Violations) -> Any:
    if not isinstance(value, list):
        return found.add(place, "be a list")
    _check_length(shape, value, place, found)
    checked = []
    for number, element in enumerate(value, 1):
        # An element of a list of text may be a customer's value, whatever its shape is called.
        inner = place.element(str(number), quotable=shape.member.type_name == "structure")
        if element is None:
            found.add(inner, "not be null", "null")
        else:
            checked.append(_check(shape.member, element, inner, found))
    return checked


def _map(shape: Shape, value: Any, place: Place, found: Violations) -> Any:
    if not isinstance(value, dict):
        return found.add(place, "be a map")
    _check_length(shape, value, place, found, lower=place.required)
    checked = {}
    for number, (key, element) in enumerate(value.items(), 1):
        if element is None:
            continue
        keys = Violations()
        _check(shape.key, key, place, keys)
        # A key can be a customer's word, so the path counts where AWS would print it.
        inner = place.element(str(number), quotable=shape.value.type_name == "structure")
        if keys.sentences:
            found.add(place, f"have keys that {_constraints_of(keys)}")
        checked[key] = _check(shape.value, element, inner, found)
    return checked


def _constraints_of(keys: Violations) -> str:
    rules = [sentence.split("constraint: Member must ", 1)[1] for sentence in keys.sentences]
    return f"satisfy constraint: [{', '.join(f'Member must {rule}' for rule in rules)}]"


def _string(shape: Shape, value: Any, place: Place, found: Violations) -> Any:
    if not isinstance(value, str):
        return found.add(place, "be a string")
    quoted = _quoted(shape, value)
    if shape.enum:
        if value not in shape.enum:
            found.add(place, f"satisfy enum value set: [{', '.join(shape.enum)}]", quoted)
        return value
    _check_length(shape, value, place, found, quoted)
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not _compiled(anchored(pattern)).search(value):
        found.add(place, f"satisfy regular expression pattern: {pattern}", quoted)
    if "\0" in value:
        found.add(place, r"satisfy regular expression pattern: [^\u0000]*")
    return value


def _quoted(shape: Shape, value: str) -> str | None:
    is_a_name = bool(shape.enum) or "pattern" in shape.metadata
    return (
        f"'{value}'" if is_a_name and len(value) <= QUOTED_LENGTH and value.isprintable() else None
    )


def _check_length(
    shape: Shape,
    value: Any,
    place: Place,
    found: Violations,
    quoted: str | None = None,
    *,
    lower: bool = True,
) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if lower and least is not None and len(value) < least:
        found.add(place, f"have length greater than or equal to {least}", quoted)
    if most is not None and len(value) > most:
        found.add(place, f"have length less than or equal to {most}", quoted)


def _whole_number(shape: Shape, value: Any, place: Place, found: Violations) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        return found.add(place, "be an integer")
    return _check_range(value, place, found, edges=range_of(shape))


def _number(shape: Shape, value: Any, place: Place, found: Violations) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return found.add(place, "be a number")
    checked = _check_range(value, place, found, edges=range_of(shape))
    return checked if found.sentences else float(checked)


def _check_range(value: Any, place: Place, found: Violations, *, edges: tuple[Any, Any]) -> Any:
    least, most = edges
    if value < least:
        found.add(place, f"have value greater than or equal to {least}", f"'{value}'")
    if value > most:
        found.add(place, f"have value less than or equal to {most}", f"'{value}'")
    return value


def _boolean(_: Shape, value: Any, place: Place, found: Violations) -> Any:
    return value if isinstance(value, bool) else found.add(place, "be a boolean")


def _timestamp(_: Shape, value: Any, place: Place, found: Violations) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return found.add(place, "be a timestamp in seconds since 1970")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return found.add(place, "be a timestamp in seconds since 1970")


CHECKS: dict[str, Callable[[Any, Any, Place, Violations], Any]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _whole_number,
    "long": _whole_number,
    "double": _number,
    "boolean": _boolean,
    "timestamp": _timestamp,
}
