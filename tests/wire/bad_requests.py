"""Requests made from the model that break it: each constraint of each member once."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from botocore.model import OperationModel, Shape

from tests.wire.calling import Request, request_of
from tests.wire.examples import Examples, fits

Step = str | int
Steps = tuple[Step, ...]

NOTHING = object()
"""In place of a value: leave the member out."""
OF_ANOTHER_TYPE: dict[str, Any] = {
    "string": 12,
    "integer": "many",
    "long": "many",
    "double": "much",
    "boolean": "maybe",
    "timestamp": "yesterday",
    "list": "x",
    "map": [],
    "structure": [],
}
TOO_LARGE = 2**1100
"""For whole numbers and for those of double precision."""
UNFITTING = (" ", "ü/ü", "\n", "", "\x7f")


@dataclass(frozen=True)
class Break:
    """One constraint of one member of one operation, broken."""

    operation: OperationModel
    rule: str
    path: str
    parameters: dict[str, Any]

    @property
    def request(self) -> Request:
        """The request that breaks it."""
        return request_of(self.operation, self.parameters)

    def __str__(self) -> str:
        return f"{self.operation.name} {self.path}: {self.rule}"


def valid_parameters(operation: OperationModel, seed: int = 0) -> dict[str, Any]:
    """Valid parameters with every member, as JSON has them."""
    parameters: dict[str, Any] = _as_json(
        Examples(seed, all_members=True).value(operation.input_shape)
    )
    return parameters


def breaks_of(operation: OperationModel) -> Iterator[Break]:
    """Each constraint of each member broken once."""
    valid = valid_parameters(operation)
    for steps, rule, path, value in _breaks(operation.input_shape, valid, (), "", None):
        parameters = copy.deepcopy(valid)
        _put(parameters, steps, value)
        yield Break(operation, rule, path, parameters)


def mutations_of(request: Request, random: Random, count: int) -> Iterator[Request]:
    """The same request damaged at random: bytes changed, cut, repeated, inserted."""
    for _ in range(count):
        if random.random() < 0.5 and request.body:
            yield Request(request.method, request.target, _damaged(request.body, random))
        else:
            target = _damaged(request.target.encode(), random).decode("latin-1")
            body = request.body if random.random() < 0.5 else random.randbytes(40)
            yield Request(request.method, "/" + target.lstrip("/"), body)


def _damaged(content: bytes, random: Random) -> bytes:
    start = random.randrange(len(content) + 1)
    end = min(len(content), start + random.randrange(4))
    piece = random.choice(
        [b"", random.randbytes(2), b'"', b"}", b"null", b"%00", b"\\u0000", b"\\ud800", b"9" * 400]
    )
    return content[:start] + piece + content[end:]


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_as_json(element) for element in value]
    return value.timestamp() if isinstance(value, datetime) else value


def _put(parameters: Any, steps: Steps, value: Any) -> None:
    for step in steps[:-1]:
        parameters = parameters[step]
    if value is NOTHING:
        del parameters[steps[-1]]
    else:
        parameters[steps[-1]] = value


Breaks = Iterator[tuple[Steps, str, str, Any]]


def _breaks(shape: Shape, value: Any, steps: Steps, path: str, place: str | None) -> Breaks:
    # What stands in a path or query string is text to begin with.
    typed = place is None or (place == "querystring" and shape.type_name in ("integer", "boolean"))
    if steps and typed:
        yield steps, "type", path, OF_ANOTHER_TYPE[shape.type_name]
    kind = shape.type_name
    if kind == "structure":
        yield from _structure_breaks(shape, value, steps, path)
    elif kind == "list":
        yield from _list_breaks(shape, value, steps, path, place)
    elif kind == "map":
        yield from _map_breaks(shape, value, steps, path)
    elif kind == "string":
        yield from _string_breaks(shape, value, steps, path)
    elif kind in ("integer", "long", "double"):
        yield from _number_breaks(shape, steps, path)


def _structure_breaks(shape: Shape, value: Any, steps: Steps, path: str) -> Breaks:
    for name, member in shape.members.items():
        if name not in value:
            continue
        inner = f"{path}.{_lower(name)}" if path else _lower(name)
        place = member.serialization.get("location")
        if name in shape.required_members and place != "uri":
            yield (*steps, name), "required", inner, NOTHING
            if place is None:
                yield (*steps, name), "required, null", inner, None
        yield from _breaks(member, value[name], (*steps, name), inner, place)
    if getattr(shape, "is_tagged_union", False):
        yield steps, "union of nothing", path, {}
        both = {name: _example(member) for name, member in shape.members.items()}
        yield steps, "union of all", path, both


def _list_breaks(shape: Shape, value: Any, steps: Steps, path: str, place: str | None) -> Breaks:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least and place is None:
        yield steps, "list too short", path, value[: least - 1]
    if most is not None:
        yield steps, "list too long", path, [value[0]] * (most + 1)
    inner = f"{path}.1.member"
    if place is None:
        yield (*steps, 0), "null in a list", inner, None
    yield from _breaks(shape.member, value[0], (*steps, 0), inner, place)


def _map_breaks(shape: Shape, value: Any, steps: Steps, path: str) -> Breaks:
    most = shape.metadata.get("max")
    key, element = next(iter(value.items()))
    if most is not None and not shape.key.enum:
        keys = [f"{key[:1]}{'abcdefghij'[n % 10]}{'x' * (n // 10)}" for n in range(most + 1)]
        yield steps, "map too large", path, dict.fromkeys(keys, element)
    for _, rule, _, bad_key in _string_breaks(shape.key, key, steps, path):
        yield steps, f"key: {rule}", path, {bad_key: element}
    yield from _breaks(shape.value, element, (*steps, key), f"{path}.1.member", None)


def _string_breaks(shape: Shape, value: str, steps: Steps, path: str) -> Breaks:
    if shape.enum:
        yield steps, "enum", path, "NO_SUCH_VALUE"
        return
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least:
        yield steps, "text too short", path, value[: least - 1]
    if most is not None:
        yield steps, "text too long", path, "x" * (most + 1)
    if "pattern" in shape.metadata and not fits(shape, "\n"):
        yield steps, "pattern", path, next(text for text in UNFITTING if not fits(shape, text))
    yield steps, "NUL", path, "a\0b"


def _number_breaks(shape: Shape, steps: Steps, path: str) -> Breaks:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    yield steps, "number too small", path, (-TOO_LARGE if least is None else least - 1)
    yield steps, "number too large", path, (TOO_LARGE if most is None else most + 1)


def _example(shape: Shape) -> Any:
    return _as_json(Examples(0, all_members=True).value(shape))


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
