"""Requests to one vendor's API, tried again within bounds, whose failures are SourceErrors.

On urllib3, which boto3 brings: it takes no proxies, passwords or certificates from the environment,
follows nothing and stores no cookies unless told to.
"""

import json
import random
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
import urllib3
from urllib3.exceptions import (
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
    TimeoutError,
)

from openprofiles.connectors.connector import SourceRefused, SourceUnavailable
from openprofiles.connectors.reaching import current_reach
from openprofiles.connectors.web.limits import Limits
from openprofiles.connectors.web.location import locate, origin_of
from openprofiles.connectors.web.reach import AddressRefused, pool_manager
from openprofiles.connectors.web.trust import trust
from openprofiles.connectors.web.waiting import retry_after

if TYPE_CHECKING:
    from openprofiles.connectors.web.authentication import Authentication

BLOCK_BYTES = 1 << 16
MAX_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
TRY_AGAIN = {408, 425, 429}
"""And all of 5xx."""
SURELY_NOT_DONE = {425, 429, 503}
"""After these even a request that changes something is sent again."""

Parameters = Mapping[str, str | int | Sequence[str]]
"""Of a query; a sequence stands for the same parameter several times."""


class WebRefused(SourceRefused):
    """A request was answered with a 4xx. The text has no values; `status` and `document` (the
    answer as JSON, None when it is none) are for the connector that knows the vendor's codes.
    """

    def __init__(self, message: str, *, status: int, document: Any) -> None:
        super().__init__(message)
        self.status = status
        self.document = document


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; names of headers are lower-case."""

    service: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; SourceUnavailable when it is none, for it may be another time."""
        try:
            return _decode(self.body)
        except ValueError:
            # Without the cause, whose text may quote the body.
            raise SourceUnavailable(f"{self.service} sent an answer that is not JSON") from None


class WebSession:
    """Requests to the API below `base_url`. Everything it raises is a SourceError without values.

    GET is tried again after time-outs, broken connections, 429 and 5xx; POST only when the source
    cannot have acted on it.
    """

    def __init__(
        self,
        base_url: str,
        *,
        service: str,
        authentication: "Authentication | None" = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.base_url = base_url
        self.service = service
        self._authentication = authentication
        self._headers = {"Accept": "application/json", "User-Agent": "openprofiles"}
        self._headers.update(headers or {})
        self._limits = limits or Limits()
        origin_of(base_url, service=service)
        timeout = urllib3.Timeout(
            connect=self._limits.connect_seconds, read=self._limits.read_seconds
        )
        self._pool = pool_manager(
            current_reach(),
            timeout=timeout,
            retries=False,
            ssl_context=trust(),
        )

    def get(
        self,
        path: str,
        *,
        parameters: Parameters | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to a GET of `path`, which may be a whole URL of the same origin."""
        with self._opened("GET", path, parameters, headers) as response:
            return self._answer(response)

    def post(
        self,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        document: Any = None,
        parameters: Parameters | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to a POST of a form or of a JSON document."""
        given = dict(headers or {})
        if form is not None:
            given["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form).encode()
        else:
            given["Content-Type"] = "application/json"
            body = msgspec.json.encode(document)
        with self._opened("POST", path, parameters, given, body) as response:
            return self._answer(response)

    @contextmanager
    def download(
        self,
        path: str,
        *,
        parameters: Parameters | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Iterator[bytes]]:
        """An answer of any size in blocks, for as long as blocks keep coming."""
        with self._opened("GET", path, parameters, headers) as response:
            yield self._blocks(response)

    def renew(self) -> bool:
        """Forget the credentials at hand, for a vendor that says so in another way than by 401."""
        return self._authentication is not None and self._authentication.renew()

    def close(self) -> None:
        """Close all connections."""
        self._pool.clear()
        if self._authentication is not None:
            self._authentication.close()

    @contextmanager
    def _opened(
        self,
        method: str,
        path: str,
        parameters: Parameters | None,
        headers: Mapping[str, str] | None,
        body: bytes | None = None,
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        """A 2xx whose body is still to be read."""
        url = locate(self.base_url, path, _pairs(parameters or {}), service=self.service)
        response = self._send(method, url, headers or {}, body)
        if response.status == 401 and self.renew():
            _discard(response)
            response = self._send(method, url, headers or {}, body)
        for _ in range(MAX_REDIRECTS):
            if response.status not in REDIRECTS or method != "GET":
                break
            there = response.headers.get("Location", "")
            _discard(response)
            url = locate(url, there, [], service=self.service)
            response = self._send(method, url, headers or {}, body)
        try:
            if not 200 <= response.status < 300:
                raise self._refused(response)
            yield response
        finally:
            _discard(response)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> urllib3.BaseHTTPResponse:
        """An answer that trying again would not better; SourceUnavailable when there is none."""
        for wait in (*self._limits.waits, None):
            problem, is_done = None, True
            try:
                response = self._attempt(method, url, headers, body)
            except HTTPError as error:
                problem, is_done = self._unreachable(error), method != "GET"
            else:
                if response.status < 500 and response.status not in TRY_AGAIN:
                    return response
                is_done = method != "GET" and response.status not in SURELY_NOT_DONE
                problem = self._unavailable(response)
                _discard(response)
            asked = problem.retry_after or 0.0
            if wait is None or is_done or asked > self._limits.longest_wait:
                raise problem
            self._limits.sleep(max(asked, wait * random.uniform(1.0, 1.5)))  # noqa: S311 - no secret
        raise AssertionError("the last attempt returns or raises")

    def _attempt(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> urllib3.BaseHTTPResponse:
        letting_in = self._authentication.headers() if self._authentication else {}
        try:
            return self._pool.request(
                method,
                url,
                body=body,
                headers={**self._headers, **letting_in, **headers},
                preload_content=False,
                redirect=False,
                retries=False,
            )
        except SSLError as error:
            if not isinstance(error.args[0], ssl.SSLCertVerificationError):
                raise
            raise SourceRefused(f"{self.service} has no certificate that is trusted here") from None
        except AddressRefused:
            raise SourceRefused(
                f"{self.service} is at an address that this service may not reach"
            ) from None
        except (ValueError, UnicodeError):
            # http.client quotes the header that cannot be sent, which may be a secret.
            raise SourceRefused(
                f"{self.service}: a setting has a character that a request cannot carry"
            ) from None

    def _answer(self, response: urllib3.BaseHTTPResponse) -> Answer:
        """The whole of an answer, within the limits of size and time."""
        limits, body, start = self._limits, bytearray(), self._limits.now()
        for block in self._blocks(response):
            body += block
            if len(body) > limits.answer_bytes:
                raise SourceRefused(
                    f"{self.service} sent more than {limits.answer_bytes} bytes at once"
                )
            if limits.now() - start > limits.answer_seconds:
                raise SourceUnavailable(f"{self.service} takes too long to send its answer")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(self.service, response.status, headers, bytes(body))

    def _blocks(self, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        try:
            yield from response.stream(BLOCK_BYTES, decode_content=True)
        except HTTPError:
            raise SourceUnavailable(f"{self.service} broke off its answer") from None

    def _refused(self, response: urllib3.BaseHTTPResponse) -> SourceRefused:
        try:
            document = _decode(self._answer(response).body)
        except ValueError:
            document = None
        status = response.status
        text = REFUSALS.get(status, f"refused the request (status {status})")
        return WebRefused(f"{self.service} {text}", status=status, document=document)

    def _unavailable(self, response: urllib3.BaseHTTPResponse) -> SourceUnavailable:
        wait = retry_after(response.headers.get("Retry-After"))
        text = "wants fewer requests" if response.status == 429 else "does not work at the moment"
        return SourceUnavailable(
            f"{self.service} {text} (status {response.status})", retry_after=wait
        )

    def _unreachable(self, error: HTTPError) -> SourceUnavailable:
        # Without the cause, whose text has the address with all its parameters.
        if isinstance(error, NameResolutionError):
            return SourceUnavailable(f"{self.service}: there is no host of this name")
        # Refused connections are time-outs of connecting to urllib3.
        if isinstance(error, TimeoutError) and not isinstance(error, NewConnectionError):
            return SourceUnavailable(f"{self.service} does not answer in time")
        return SourceUnavailable(f"{self.service} cannot be reached")


REFUSALS = {
    400: "did not understand the request (status 400)",
    401: "refused the credentials (status 401)",
    403: "does not allow this to these credentials (status 403)",
    404: "has nothing of this name (status 404)",
}
"""What a status means to whoever set up the connection."""


def _discard(response: urllib3.BaseHTTPResponse) -> None:
    """End an answer with its connection, unless it was read to its end: the rest of it would be
    taken for the next answer."""
    response.close()
    response.release_conn()


def _pairs(parameters: Parameters) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        values = [str(value)] if isinstance(value, str | int) else value
        pairs.extend((name, each) for each in values)
    return pairs


def _decode(body: bytes) -> Any:
    """JSON; lone surrogates, which msgspec refuses, stay: the record that has one is refused for
    itself when it is ingested. Raises ValueError."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        return json.loads(body, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
