"""Required, types, min, max, pattern, enum, union: parameters against the model's input shape.

Two ways that agree. The fast one is a msgspec type compiled from the shape, checked in C. When it
refuses, or when something is at hand that msgspec cannot see (a union, a timestamp, a NUL inside a
string), `violations.py` walks the shape and lists every error.
"""

from collections.abc import Callable
from types import GenericAlias
from typing import Annotated, Any, Literal, NotRequired, Protocol, Required, TypedDict

import msgspec
from botocore.model import OperationModel, Shape, StructureShape

from openprofiles.wire import violations
from openprofiles.wire.patterns import anchored

# Typed as any function: the checker knows TypedDict only with literal names.
_typed_dict: Any = TypedDict


class Validate(Protocol):
    """From parsed parameters to the parameters that `invoke` gets."""

    def __call__(self, parameters: dict[str, Any], *, thorough: bool) -> dict[str, Any]:
        """The parameters without unknown members and nulls; BadRequest lists all errors.

        `thorough` takes the slow way at once, which also looks for what no string may hold.
        """


def validator_of(operation: OperationModel) -> Validate:
    """The validation of an operation's input shape, compiled."""
    shape = operation.input_shape
    always_thorough = _is_beyond_msgspec(shape)
    kind = None if always_thorough else _type_of(shape, required=True)

    def validate(parameters: dict[str, Any], *, thorough: bool) -> dict[str, Any]:
        if thorough or always_thorough:
            return violations.check(shape, parameters)
        try:
            checked: dict[str, Any] = msgspec.convert(parameters, kind)
        except msgspec.ValidationError:
            return violations.check(shape, parameters)
        return checked

    return validate


def _is_beyond_msgspec(shape: Shape) -> bool:
    if shape.type_name == "structure":
        return getattr(shape, "is_tagged_union", False) or any(
            map(_is_beyond_msgspec, shape.members.values())
        )
    if shape.type_name == "list":
        return _is_beyond_msgspec(shape.member)
    if shape.type_name == "map":
        return _is_beyond_msgspec(shape.value)
    return bool(shape.type_name == "timestamp")


def _type_of(shape: Shape, *, required: bool) -> Any:
    return TYPES[shape.type_name](shape, required)


def _structure(shape: StructureShape, _: bool) -> Any:
    members = {}
    for name, member in shape.members.items():
        required = name in shape.required_members
        kind = _type_of(member, required=required)
        members[name] = Required[kind] if required else NotRequired[kind]
    return _typed_dict(shape.name, members)


def _list(shape: Shape, _: bool) -> Any:
    return _constrained(
        GenericAlias(list, (_type_of(shape.member, required=True),)), _lengths(shape)
    )


def _map(shape: Shape, required: bool) -> Any:
    lengths = _lengths(shape)
    if not required:
        lengths.pop("min_length", None)
    parts = tuple(_type_of(part, required=True) for part in (shape.key, shape.value))
    return _constrained(GenericAlias(dict, parts), lengths)


def _string(shape: Shape, _: bool) -> Any:
    if shape.enum:
        return Literal[tuple(shape.enum)]
    constraints = _lengths(shape)
    if "pattern" in shape.metadata:
        constraints["pattern"] = anchored(shape.metadata["pattern"])
    return _constrained(str, constraints)


def _whole_number(shape: Shape, _: bool) -> Any:
    least, most = violations.range_of(shape)
    return _constrained(int, {"ge": least, "le": most})


def _number(shape: Shape, _: bool) -> Any:
    edges = {"min": "ge", "max": "le"}
    return _constrained(
        float, {edges[name]: edge for name, edge in shape.metadata.items() if name in edges}
    )


def _boolean(_shape: Shape, _: bool) -> Any:
    return bool


def _lengths(shape: Shape) -> dict[str, Any]:
    return {
        f"{edge}_length": shape.metadata[edge] for edge in ("min", "max") if edge in shape.metadata
    }


def _constrained(kind: Any, constraints: dict[str, Any]) -> Any:
    return Annotated[kind, msgspec.Meta(**constraints)] if constraints else kind


TYPES: dict[str, Callable[[Any, bool], Any]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _whole_number,
    "long": _whole_number,
    "double": _number,
    "boolean": _boolean,
}
