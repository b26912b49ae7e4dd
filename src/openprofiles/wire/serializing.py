"""Answer or error -> HTTP response, driven by the output shapes.

Only timestamps need work (epoch seconds as a JSON number) and members that the model binds to the
status code. What has neither goes to the JSON encoder as it is, so a page of a hundred profiles
costs one call into C.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from botocore.model import OperationModel, Shape

from openprofiles.core.errors import ServiceError

CONTENT_TYPE = ("content-type", "application/json")

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back over HTTP."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


Serialize = Callable[[Mapping[str, Any]], Response]
Convert = Callable[[Any], Any]


def serializer_of(operation: OperationModel) -> Serialize:
    """A function from an operation's answer to its response."""
    status = operation.http.get("responseCode", 200)
    shape = operation.output_shape
    convert = converter_of(shape) if shape else None
    status_member = _status_member_of(shape) if shape else None

    def serialize(answer: Mapping[str, Any]) -> Response:
        code = status
        if status_member is not None:
            code = answer.get(status_member) or status
            answer = {name: value for name, value in answer.items() if name != status_member}
        content = answer if convert is None else convert(answer)
        return Response(code, (CONTENT_TYPE,), _encode(content))

    return serialize


def serialize_error(error: ServiceError) -> Response:
    """The response for an error that the caller may see."""
    return failure(error.status, error.code, error.message)


def failure(
    status: int, code: str, message: str, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    """An error response: its name in `x-amzn-ErrorType`, its text in `Message`."""
    return Response(
        status, (CONTENT_TYPE, ("x-amzn-ErrorType", code), *headers), _encode({"Message": message})
    )


def _status_member_of(shape: Shape) -> str | None:
    return next(
        (
            name
            for name, member in shape.members.items()
            if member.serialization.get("location") == "statusCode"
        ),
        None,
    )


def converter_of(shape: Shape) -> Convert | None:
    """A function that makes a value of `shape` ready for JSON; None when it is so already."""
    if shape.type_name == "structure":
        return _structure_converter_of(shape)
    if shape.type_name == "list":
        return _list_converter_of(converter_of(shape.member))
    if shape.type_name == "map":
        return _map_converter_of(converter_of(shape.value))
    return _epoch_seconds if shape.type_name == "timestamp" else None


def _list_converter_of(convert: Convert | None) -> Convert | None:
    return None if convert is None else lambda values: [convert(value) for value in values]


def _map_converter_of(convert: Convert | None) -> Convert | None:
    if convert is None:
        return None
    return lambda values: {key: convert(value) for key, value in values.items()}


def _structure_converter_of(shape: Shape) -> Convert | None:
    converters = {
        name: convert
        for name, member in shape.members.items()
        if (convert := converter_of(member)) is not None
    }
    if not converters:
        return None

    def convert_members(value: Mapping[str, Any]) -> dict[str, Any]:
        converted = dict(value)
        for name, convert in converters.items():
            member = converted.get(name)
            if member is not None:
                converted[name] = convert(member)
        return converted

    return convert_members


def _epoch_seconds(moment: datetime) -> float:
    return round(moment.timestamp(), 3)
