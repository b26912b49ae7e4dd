"""The WSGI application around the wire: answers for health and metrics, watches other requests."""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec

from openprofiles.core import ids
from openprofiles.observing.health import PREFIX, Health
from openprofiles.observing.logs import log_line
from openprofiles.observing.metrics import CONTENT_TYPE, Metrics

METRICS_PATH = "/metrics"
NO_OPERATION = "none"
CONNECTIONS_EVERY_SECONDS = 1.0

requests = logging.getLogger("openprofiles.requests")


class Watched:
    """`application`, watched: it leaves the operation's name in the environ, under the key
    `operation_key`.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        metrics: Metrics,
        may_see_metrics: Callable[[WSGIEnvironment], bool],
        health: Health,
        operation_key: str,
        request_id_key: str,
    ) -> None:
        self._application = application
        self._metrics = metrics
        self._may_see_metrics = may_see_metrics
        self._health = health
        self._operation_key = operation_key
        self._request_id_key = request_id_key
        self._connections_noted = 0.0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path: str = environ["PATH_INFO"]
        if path == METRICS_PATH or path.startswith(PREFIX):
            return self._answer_observer(path, environ, start_response)
        started = time.perf_counter()
        status = 0

        def note_status(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, headers, *rest)

        request_id = environ[self._request_id_key] = ids.request_id()
        body = self._application(environ, note_status)
        seconds = time.perf_counter() - started
        operation = environ.get(self._operation_key, NO_OPERATION)
        self._metrics.count_request(operation, status, seconds)
        if started - self._connections_noted > CONNECTIONS_EVERY_SECONDS:
            self._connections_noted = started
            self._metrics.note_connections()
        level = logging.ERROR if status >= 500 else logging.INFO
        if requests.isEnabledFor(level):
            fields = {
                "request_id": request_id,
                "operation": operation,
                "status": status,
                "milliseconds": round(seconds * 1000, 2),
            }
            log_line(level, requests.name, "answered", fields)
        return body

    def _answer_observer(
        self, path: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            status, content_type, body = "405 Method Not Allowed", "text/plain", b"Use GET\n"
        elif path == METRICS_PATH and not self._may_see_metrics(environ):
            status, content_type = "403 Forbidden", "text/plain"
            body = b"See the setting metrics_from\n"
        elif path == METRICS_PATH:
            status, content_type, body = "200 OK", CONTENT_TYPE, self._metrics.text()
        else:
            status, content_type, body = self._health_page(path)
        headers = [
            ("content-type", content_type),
            ("content-length", str(len(body))),
            ("cache-control", "no-store"),
        ]
        start_response(status, headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _health_page(self, path: str) -> tuple[str, str, bytes]:
        answer = self._health.answer(path)
        if answer is None:
            return "404 Not Found", "text/plain", b"There are health, health/live, health/ready\n"
        number, content = answer
        line = "200 OK" if number == 200 else "503 Service Unavailable"
        return line, "application/json", msgspec.json.encode(content)
