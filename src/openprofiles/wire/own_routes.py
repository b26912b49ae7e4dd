"""Requests of our own operations below `/_openprofiles/v1`: JSON in and out, times as ISO 8601."""

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, get_origin, get_type_hints

import msgspec

from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Route
from openprofiles.core.text import require_storable
from openprofiles.wire.parsing import parse_json_object, parse_query
from openprofiles.wire.serializing import CONTENT_TYPE, Response

PREFIX = "/_openprofiles/v1"

_QUOTES_A_VALUE = re.compile(r"Invalid (?:enum )?value .*?(?= - at |\Z)", re.DOTALL)
_encode = msgspec.json.Encoder().encode


def reader_of(route: Route) -> Callable[[dict[str, str], str, bytes], dict[str, Any]]:
    """A function from a request's labels, query and body to the parameters that `route` asks for.

    It raises BadRequest naming the member and the rule, never the value.
    """
    if route.headers is not None:
        return _reader_of_raw(route)
    members = get_type_hints(route.shape)
    lists = {name for name, kind in members.items() if get_origin(kind) is list}
    in_query = route.method in ("GET", "DELETE")

    def read(labels: dict[str, str], query: str, body: bytes) -> dict[str, Any]:
        given: dict[str, Any]
        if in_query:
            texts = parse_query(query) if query else {}
            given = {name: text if name in lists else text[-1] for name, text in texts.items()}
        else:
            given = parse_json_object(body)
        for name in given:
            if name not in members or name in labels:
                raise BadRequest("The request has a member that this operation does not know")
        given.update(labels)
        require_storable("The request", given)
        return convert(given, route.shape, strict=not in_query)

    return read


def headers_of(environ: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """Those of the named headers that a request has; BadRequest when one cannot be stored."""
    found = {}
    for name in names:
        text = environ.get("HTTP_" + name.upper().replace("-", "_"))
        if text is not None:
            found[name] = text
    require_storable("A header", found)
    return found


def _reader_of_raw(route: Route) -> Callable[[dict[str, str], str, bytes], dict[str, Any]]:
    """The same for a body that is handed over as it came; the query is not looked at."""

    def read(labels: dict[str, str], _: str, body: bytes) -> dict[str, Any]:
        require_storable("The path", labels)
        return convert({**labels, "Body": body, "Headers": {}}, route.shape, strict=True)

    return read


def convert(given: Mapping[str, Any], shape: type, *, strict: bool) -> dict[str, Any]:
    """`given` as `shape`; BadRequest naming the member and the rule, never the value."""
    try:
        parameters: dict[str, Any] = msgspec.convert(given, shape, strict=strict)
    except msgspec.ValidationError as error:
        said = _QUOTES_A_VALUE.sub("Expected one of the allowed values", str(error))
        raise BadRequest(f"The request is not valid: {said}") from None
    return parameters


def serialize(answer: Mapping[str, Any]) -> Response:
    """The response for an answer; members that are None are left out."""
    present = {name: value for name, value in answer.items() if value is not None}
    return Response(HTTPStatus.OK, (CONTENT_TYPE,), _encode(present))
