"""The chain from HTTP request to HTTP response, in order, as a WSGI application."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment

from openprofiles.core import ids
from openprofiles.core.clock import Clock, system_clock
from openprofiles.core.credentials import FindAccessKey
from openprofiles.core.errors import BadRequest, InternalServer, ServiceError, Throttling
from openprofiles.core.operation import Answer, Caller, Invoke, Route
from openprofiles.core.settings import Settings
from openprofiles.core.traces import trace_of
from openprofiles.wire import own_routes
from openprofiles.wire.cross_origin import CrossOrigin
from openprofiles.wire.identifying import claimed_caller, proven_caller
from openprofiles.wire.limiting import TokenBuckets
from openprofiles.wire.model import operation_models, service_model
from openprofiles.wire.parsing import binding_of, may_hold_nul, parse
from openprofiles.wire.routing import Router, UnknownPath, WrongMethod
from openprofiles.wire.serializing import (
    Response,
    Serialize,
    failure,
    serialize_error,
    serializer_of,
)
from openprofiles.wire.signing import Refused, without_signature
from openprofiles.wire.sources import Sources
from openprofiles.wire.turns import Turns
from openprofiles.wire.validating import validator_of
from openprofiles.wire.verifying import Proof, Verifier

logger = logging.getLogger(__name__)

STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
UNKNOWN_OPERATION = "UnknownOperationException"

LARGE_BODY_BYTES = 65_536
"""Bodies beyond are read a few at a time: all that wait for their turn are in memory."""

OPERATION = "openprofiles.operation"
"""Where in the WSGI environ the operation's name is left, for the logs and metrics around us."""

REQUEST_ID = "openprofiles.request_id"
"""Where in the WSGI environ the request's id is; one that is there already is kept."""


class Exchange:
    """One request on its way through the chain, and what each step found out about it."""

    __slots__ = (
        "answer",
        "body",
        "caller",
        "environ",
        "labels",
        "operation",
        "parameters",
        "proof",
        "query",
        "request_id",
        "response",
        "turns",
    )

    environ: WSGIEnvironment
    request_id: str
    operation: str
    labels: dict[str, str]
    caller: Caller
    proof: Proof | None
    query: str
    body: bytes
    parameters: dict[str, Any]
    answer: Answer
    response: Response

    def __init__(self, environ: WSGIEnvironment) -> None:
        self.environ = environ
        self.proof = None
        self.query = environ.get("QUERY_STRING", "")
        self.turns: list[Turns] = []
        self.request_id = environ.get(REQUEST_ID) or environ.setdefault(
            REQUEST_ID, ids.request_id()
        )


class AwsHandler:
    """A WSGI application that answers the requests of AWS's SDKs, and those of our own operations,
    through `invoke`.
    """

    def __init__(
        self,
        invoke: Invoke,
        settings: Settings,
        *,
        offered: Collection[str] | None = None,
        own: Mapping[str, Route] | None = None,
        unavailable: tuple[type[Exception], ...] = (),
        find_key: FindAccessKey | None = None,
        turns: Turns | None = None,
        large_bodies: Turns | None = None,
        clock: Clock = system_clock,
    ) -> None:
        """Operations that are not `offered` go to `invoke` unchecked, which refuses them; `own` are
        the routes of operations beside AWS's, by name.

        `unavailable` are the errors that mean there is no database at the moment. With `find_key`
        requests must be signed by a key that it knows; without, whoever reaches us is trusted. With
        `turns` each takes one before it is answered, and one of `large_bodies` before a body is
        read that is one.
        """
        self._invoke = invoke
        self._settings = settings
        self._unavailable = unavailable
        self._sources = Sources(settings)
        self._verifier = None if find_key is None else Verifier(find_key, settings, clock)
        self._turns = turns
        self._large_bodies = large_bodies
        rate = settings.requests_per_second
        self._rates = TokenBuckets(burst=rate, per_second=rate) if rate > 0 else None
        self._cross_origin = CrossOrigin(settings, lets_anybody_in=find_key is None)
        operations = operation_models()
        own = own or {}
        self._router = Router(
            operations,
            [(route.method, own_routes.PREFIX + route.path, name) for name, route in own.items()],
        )
        self._compiled = {
            operation.name: _compiled(operation.name)
            for operation in operations
            if offered is None or operation.name in offered
        }
        self._compiled |= {
            name: _Compiled(own_routes.reader_of(route), own_routes.serialize, route.headers)
            for name, route in own.items()
        }
        self._sign_themselves = {name for name, route in own.items() if route.headers is not None}
        self.chain: tuple[Callable[[Exchange], None], ...] = (
            self._admit_origin,
            self._route,
            self._refuse_overload,
            self._identify,
            self._read,
            self._verify_body,
            self._take_turn,
            self._parse_and_validate,
            self._answer,
            self._serialize,
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; whatever happens inside, the caller gets a modelled error."""
        exchange = Exchange(environ)
        try:
            if environ["REQUEST_METHOD"] == "OPTIONS":
                exchange.response = self._options(environ)
            else:
                for step in self.chain:
                    step(exchange)
            response = exchange.response
        except ServiceError as error:
            response = serialize_error(error)
        except Refused as error:
            response = failure(error.status, error.code, error.message)
        except UnknownPath:
            response = failure(404, UNKNOWN_OPERATION, "No operation has this path")
        except WrongMethod as error:
            response = _wrong_method(error)
        except Exception as error:  # noqa: BLE001  # nothing of the inside may reach the caller
            response = serialize_error(self._conceal(error, exchange))
        finally:
            for turns in exchange.turns:
                turns.give_back()
        return self._send(response, exchange, start_response)

    def _admit_origin(self, exchange: Exchange) -> None:
        self._cross_origin.require_allowed(exchange.environ)

    def _refuse_overload(self, _: Exchange) -> None:
        if self._turns is not None:
            self._turns.require_room()

    def _route(self, exchange: Exchange) -> None:
        method = exchange.environ["REQUEST_METHOD"]
        # A HEAD request is a GET whose body the server leaves out.
        method = "GET" if method == "HEAD" else method
        exchange.operation, exchange.labels = self._router.match(
            method, _raw_path(exchange.environ)
        )
        exchange.environ[OPERATION] = exchange.operation

    def _identify(self, exchange: Exchange) -> None:
        environ, sources = exchange.environ, self._sources
        exchange.query = without_signature(exchange.query)
        if self._verifier is None or exchange.operation in self._sign_themselves:
            exchange.caller = claimed_caller(environ, self._settings, sources, exchange.request_id)
            return
        proof = exchange.proof = self._verifier.begin(
            environ, self._paths(exchange), sources.address_of(environ)
        )
        exchange.caller = proven_caller(
            proof, self._settings, exchange.request_id, is_secure=sources.is_secure(environ)
        )

    def _paths(self, exchange: Exchange) -> tuple[str, ...]:
        """The paths that may have been sent: behind a server that hands out only the decoded one,
        as SDKs write it, and as it reads, which is how people write it (docs/adr/0010).
        """
        sent = _sent_path(exchange.environ)
        if sent is not None:
            return (sent,)
        written = self._router.path_of(exchange.operation, exchange.labels)
        return (written, _raw_path(exchange.environ))

    def _read(self, exchange: Exchange) -> None:
        most = self._settings.max_body_bytes
        length = _length_of_body(exchange.environ, most)
        if length > LARGE_BODY_BYTES:
            _take_one(self._large_bodies, exchange)
        exchange.body = _body_of(exchange.environ, length, most)

    def _verify_body(self, exchange: Exchange) -> None:
        if self._verifier is not None and exchange.proof is not None:
            self._verifier.finish(exchange.proof, exchange.body)

    def _take_turn(self, exchange: Exchange) -> None:
        caller = exchange.caller
        name = (caller.access_key_id or caller.principal, exchange.operation)
        if self._rates is not None and not self._rates.take(name):
            raise Throttling("Rate exceeded")
        _take_one(self._turns, exchange)

    def _parse_and_validate(self, exchange: Exchange) -> None:
        compiled = self._compiled.get(exchange.operation)
        if compiled is None:
            # What its path names is what a policy may be about.
            exchange.parameters = dict(exchange.labels)
            return
        exchange.parameters = compiled.read(exchange.labels, exchange.query, exchange.body)
        if compiled.headers is not None:
            exchange.parameters["Headers"] = own_routes.headers_of(
                exchange.environ, compiled.headers
            )

    def _answer(self, exchange: Exchange) -> None:
        exchange.answer = self._invoke(exchange.operation, exchange.parameters, exchange.caller)

    def _serialize(self, exchange: Exchange) -> None:
        exchange.response = self._compiled[exchange.operation].serialize(exchange.answer)

    def _options(self, environ: WSGIEnvironment) -> Response:
        self._cross_origin.require_allowed(environ)
        methods = (*self._router.methods(_raw_path(environ)), "OPTIONS")
        preflight = self._cross_origin.preflight_headers(environ, methods)
        return Response(204, (("allow", ", ".join(methods)), *preflight), b"")

    def _conceal(self, error: Exception, exchange: Exchange) -> InternalServer:
        """Log what happened without the error's text, which may hold a customer's values."""
        operation = exchange.environ.get(OPERATION, "?")
        fields = {"request_id": exchange.request_id, "operation": operation}
        if isinstance(error, self._unavailable):
            logger.error("%s: the database cannot be reached", operation, extra=fields)
            return InternalServer("The service cannot reach its database; try again")
        logger.error("%s failed: %s", operation, trace_of(error), extra=fields)
        return InternalServer("Internal error; the service's log has it under this request id")

    def _send(
        self, response: Response, exchange: Exchange, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ = exchange.environ
        headers = [*response.headers, ("x-amzn-RequestId", exchange.request_id)]
        if response.status != HTTPStatus.NO_CONTENT:
            headers.append(("content-length", str(len(response.body))))
        if "HTTP_ORIGIN" in environ:
            headers += self._cross_origin.headers(environ)
        start_response(STATUS_LINES[response.status], headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else response.body]


Read = Callable[[dict[str, str], str, bytes], dict[str, Any]]
"""From a request's path labels, query and body to its checked parameters."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    read: Read
    serialize: Serialize
    headers: tuple[str, ...] | None = None
    """Those that are handed over with a body that nobody has read."""


@cache  # So that handlers, of which tests make many, share them.
def _compiled(operation: str) -> _Compiled:
    model = service_model().operation_model(operation)
    binding, validate = binding_of(model), validator_of(model)

    def read(labels: dict[str, str], query: str, body: bytes) -> dict[str, Any]:
        parameters = parse(binding, labels, query, body)
        return validate(parameters, thorough=may_hold_nul(labels, query, body))

    return _Compiled(read, serializer_of(model))


def _sent_path(environ: WSGIEnvironment) -> str | None:
    """The path as it was sent; None behind a server that hands out only the decoded one."""
    target: str | None = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if target is None or not target.startswith("/"):
        return None
    return target.split("?", 1)[0]


def _raw_path(environ: WSGIEnvironment) -> str:
    sent = _sent_path(environ)
    if sent is not None:
        return sent
    path: str = environ["PATH_INFO"]
    if path.isascii() and "%" not in path:
        return path
    return quote(path.encode("latin-1"))


def _take_one(turns: Turns | None, exchange: Exchange) -> None:
    if turns is not None:
        turns.take()
        exchange.turns.append(turns)


def _length_of_body(environ: WSGIEnvironment, most: int) -> int:
    """How long the body says that it is; more than `most` when it does not say."""
    declared = environ.get("CONTENT_LENGTH") or ""
    if declared.isdecimal():
        return int(declared)
    if environ.get("wsgi.input_terminated") and "HTTP_TRANSFER_ENCODING" in environ:
        return most + 1
    return 0


def _body_of(environ: WSGIEnvironment, length: int, most: int) -> bytes:
    body: bytes = environ["wsgi.input"].read(min(length, most + 1)) if length else b""
    if len(body) > most:
        raise BadRequest(f"The body is larger than {most} bytes")
    return body


def _wrong_method(error: WrongMethod) -> Response:
    allowed = ", ".join(error.allowed)
    message = f"This path answers to {allowed}"
    return failure(405, UNKNOWN_OPERATION, message, (("allow", allowed),))
