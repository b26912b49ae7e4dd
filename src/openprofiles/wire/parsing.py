"""HTTP request -> parameters by member name, from path labels, query string and body.

Values keep the types of JSON; whether they are what the model asks for is the business of
`validating`. What counts as absent or is ignored: an empty body, unknown members, members in a
place that is not theirs, a repeated JSON key (the last one wins, as in AWS's own parsers).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from botocore.model import OperationModel, Shape

from openprofiles.core.errors import BadRequest

WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")

_decode_json = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Binding:
    """Where the members of one operation's input are found."""

    labels: dict[str, str]
    query: dict[str, tuple[str, Callable[[list[str]], Any]]]
    elsewhere: frozenset[str]
    has_body: bool


def binding_of(operation: OperationModel) -> Binding:
    """The places of an operation's members, read from the model once."""
    labels = {}
    query = {}
    members: dict[str, Shape] = operation.input_shape.members if operation.input_shape else {}
    for name, shape in members.items():
        place = shape.serialization.get("location")
        wire_name = shape.serialization.get("name", name)
        if place == "uri":
            labels[wire_name] = name
        elif place == "querystring":
            query[wire_name] = (name, READERS.get(shape.type_name, _text))
    elsewhere = frozenset(labels.values()) | {name for name, _ in query.values()}
    return Binding(labels, query, elsewhere, has_body=len(elsewhere) < len(members))


def parse(binding: Binding, labels: dict[str, str], query: str, body: bytes) -> dict[str, Any]:
    """The parameters of a request; BadRequest when the body is no JSON object or not UTF-8."""
    parameters = {}
    if binding.has_body:
        parameters = parse_json_object(body)
        for name in binding.elsewhere:
            parameters.pop(name, None)
    for wire_name, text in labels.items():
        parameters[binding.labels[wire_name]] = text
    if query and binding.query:
        for wire_name, texts in parse_query(query).items():
            found = binding.query.get(wire_name)
            if found is not None:
                name, read = found
                parameters[name] = read(texts)
    return parameters


def may_hold_nul(labels: dict[str, str], query: str, body: bytes) -> bool:
    """Whether a NUL may hide in a string, which no string may hold: PostgreSQL cannot keep it."""
    return b"\\u0000" in body or "%00" in query or any("\0" in label for label in labels.values())


def parse_json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body, empty when there is none; BadRequest when it is something else."""
    if not body or body.isspace():
        return {}
    try:
        content = _decode_json(body)
    except UnicodeDecodeError as error:
        raise BadRequest("The body is not UTF-8") from error
    except msgspec.DecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}") from error
    except RecursionError as error:
        raise BadRequest("The body is nested too deeply") from error
    if not isinstance(content, dict):
        raise BadRequest("The body is not a JSON object")
    return content


def parse_query(query: str) -> dict[str, list[str]]:
    """The texts of each query parameter; BadRequest when they are not UTF-8."""
    texts: dict[str, list[str]] = {}
    try:
        for name, text in parse_qsl(query, keep_blank_values=True, errors="strict"):
            texts.setdefault(name, []).append(text)
    except UnicodeDecodeError as error:
        raise BadRequest("The query string is not UTF-8") from error
    return texts


def _text(texts: list[str]) -> str:
    return texts[-1]


def _whole_number(texts: list[str]) -> int | str:
    text = texts[-1]
    return int(text) if WHOLE_NUMBER.fullmatch(text) else text


def _boolean(texts: list[str]) -> bool | str:
    return {"true": True, "false": False}.get(texts[-1].lower(), texts[-1])


def _list(texts: list[str]) -> list[str]:
    return texts


READERS: dict[str, Callable[[list[str]], Any]] = {
    "integer": _whole_number,
    "long": _whole_number,
    "boolean": _boolean,
    "list": _list,
}
"""How a query parameter is read, by type; text that does not fit stays, to be refused."""
