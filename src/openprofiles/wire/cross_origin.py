"""Which web pages may call: none, until `cors_origins` names them.

Without this, any page could post to a service on the reader's own machine, since a browser sends
simple requests before it asks. So a request that names an origin which is not listed is refused;
SDKs outside browsers never name one.

Nor may a page pretend to be of one origin with us, by a name of its own that leads here (DNS
rebinding): where anybody is let in, a request must be for this machine by name.
"""

from collections.abc import Mapping
from typing import Any

from openprofiles.core.errors import AccessDenied
from openprofiles.core.networks import is_own_name
from openprofiles.core.settings import Settings, listed

Headers = tuple[tuple[str, str], ...]

EXPOSED = "x-amzn-RequestId, x-amzn-ErrorType"
PREFLIGHT_SECONDS = "600"


class CrossOrigin:
    """The origins that settings list, and the headers browsers want to see."""

    def __init__(self, settings: Settings, *, lets_anybody_in: bool) -> None:
        self._settings = settings
        self._lets_anybody_in = lets_anybody_in
        self._origins = {origin.rstrip("/") for origin in listed(settings.cors_origins)}

    def require_allowed(self, environ: Mapping[str, Any]) -> None:
        """AccessDenied when the request comes from a page of an origin that is not listed, or may
        come from one whose name only leads here.
        """
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and not self._allows(origin):
            raise AccessDenied("This origin may not call; see the setting cors_origins")

        if self._lets_anybody_in and not self._is_for_us(environ):
            raise AccessDenied(
                "With auth open only this machine is answered, by a name of its own such as"
                " localhost; see the setting host_names"
            )

    def _is_for_us(self, environ: Mapping[str, Any]) -> bool:
        # In process there is no connection; and no browser leaves the name out.
        host = environ.get("HTTP_HOST")
        return host is None or "REMOTE_ADDR" not in environ or is_own_name(host, self._settings)

    def headers(self, environ: Mapping[str, Any]) -> Headers:
        """What a response adds so that the page may read it."""
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or not self._allows(origin):
            return ()
        return (
            ("access-control-allow-origin", origin),
            ("access-control-expose-headers", EXPOSED),
            ("vary", "origin"),
        )

    def preflight_headers(self, environ: Mapping[str, Any], methods: tuple[str, ...]) -> Headers:
        """What the answer to an OPTIONS request from a listed origin adds besides `headers`."""
        if "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ or not self.headers(environ):
            return ()
        return (
            ("access-control-allow-methods", ", ".join(methods)),
            (
                "access-control-allow-headers",
                environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "content-type"),
            ),
            ("access-control-max-age", PREFLIGHT_SECONDS),
        )

    def _allows(self, origin: str) -> bool:
        return "*" in self._origins or origin in self._origins
