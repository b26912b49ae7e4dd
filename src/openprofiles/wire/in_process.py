"""A boto3 client whose requests are answered in this process: no port, no network."""

from io import BytesIO
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.types import WSGIApplication

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

EVENT = "before-send.customer-profiles"


class BotoClient(Protocol):
    """What we need of a boto3 client."""

    @property
    def meta(self) -> Any:
        """The client's metadata, with its events."""


def answer_in_process(client: BotoClient, application: WSGIApplication) -> None:
    """From now on `application` answers the requests of a boto3 customer-profiles client."""

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        return send(request, application)

    client.meta.events.register(EVENT, answer, unique_id="openprofiles-in-process")


def send(request: AWSPreparedRequest, application: WSGIApplication) -> AWSResponse:
    """The answer of `application` to a signed request of botocore."""
    answered: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
        answered.update(status=int(status.split(" ", 1)[0]), headers=dict(headers))

    body = b"".join(application(environ_of(request), start_response))
    return AWSResponse(request.url, answered["status"], answered["headers"], _RawBody(body))


def environ_of(request: AWSPreparedRequest) -> dict[str, Any]:
    """The request as a WSGI server would hand it over, with the raw target in REQUEST_URI."""
    url = urlsplit(request.url)
    body = _bytes_of(request.body)
    target = url.path + (f"?{url.query}" if url.query else "")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
        "QUERY_STRING": url.query,
        "REQUEST_URI": target,
        "SERVER_NAME": url.hostname or "localhost",
        "SERVER_PORT": str(url.port or 443),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": url.netloc,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": BytesIO(body),
    }
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        if name.lower() == "content-type":
            environ["CONTENT_TYPE"] = text
        elif name.lower() != "content-length":
            environ["HTTP_" + name.upper().replace("-", "_")] = text
    return environ


def _bytes_of(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray) else bytes(body.read())


class _RawBody(BytesIO):
    """A body that can be streamed as botocore streams urllib3's."""

    def stream(self, **_: Any) -> Any:
        """All of it, in one portion, if there is anything."""
        content = self.read()
        if content:
            yield content
