"""Requests as any HTTP client may send them, well-formed or not, into a WSGI application."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode
from wsgiref.types import WSGIApplication

from botocore.model import OperationModel


@dataclass(frozen=True)
class Request:
    """What goes over the wire."""

    method: str
    target: str
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """The body, from JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The name of the error."""
        return self.headers.get("x-amzn-errortype")


def send(
    application: WSGIApplication,
    request: Request,
    *,
    raw: bool = True,
    environ: Mapping[str, Any] | None = None,
) -> Reply:
    """The reply to a request; `raw` hands over the undecoded target too, as some servers do."""
    path, _, query = request.target.partition("?")
    given = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.input": BytesIO(request.body),
        **({"REQUEST_URI": request.target} if raw else {}),
        **(environ or {}),
    }
    return reply_to(application, given)


def reply_to(application: WSGIApplication, environ: dict[str, Any]) -> Reply:
    """The reply to a request as a server hands it over."""
    start: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
        start.update(
            status=int(status[:3]), headers={name.lower(): value for name, value in headers}
        )

    body = b"".join(application(environ, start_response))
    return Reply(start["status"], start["headers"], body)


def request_of(operation: OperationModel, parameters: dict[str, Any]) -> Request:
    """The request that carries `parameters`, valid or not, to where the model puts them."""
    target = operation.http["requestUri"]
    query: list[tuple[str, Any]] = []
    body = dict(parameters)
    for name, shape in operation.input_shape.members.items():
        place, wire_name = (
            shape.serialization.get("location"),
            shape.serialization.get("name", name),
        )
        value = body.pop(name, None) if place else None
        if place == "uri":
            target = target.replace(f"{{{wire_name}}}", quote(_text(value), safe=""))
        elif place == "querystring" and value is not None:
            values = value if isinstance(value, list) else [value]
            query += [(wire_name, _text(element)) for element in values]
    if query:
        target += "?" + urlencode(query)
    return Request(operation.http["method"], target, json.dumps(body).encode() if body else b"")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
