"""What every request has to pass, and what every answer carries, whatever the page.

A form must come from a page of ours: the browser says so (Origin, else Sec-Fetch-Site), and the
form has a proof that only a page made for this browser can have. A page has scripts and styles from
files of ours only, and nobody can put it into a frame.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, request
from werkzeug.exceptions import Forbidden, MisdirectedRequest

from openprofiles.console.assets import STYLE_SOURCES
from openprofiles.console.receiving import is_taking_file
from openprofiles.console.tokens import is_proof
from openprofiles.console.visit import outside, visit
from openprofiles.core.networks import is_own_name

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PROOF_FIELD = "csrf_token"
PROOF_HEADER = "X-CSRF-Token"

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src {STYLE_SOURCES}",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TRANSPORT_SECURITY = "max-age=31536000"
OPENER_POLICY = "same-origin"

NOT_LED_HERE = frozenset({"none", "same-origin"})
"""What browsers say in Sec-Fetch-Site of a page that no page of somebody else led to: people typed
its address, or came from one of ours.
"""


def require_own_host() -> None:
    """Where anybody is let in, pass only when the browser thinks it talks to this machine.

    Else a page of a stranger, whose name begins to point to this machine once it is loaded, could
    read everything as a page of ours.
    """
    settings = outside().settings
    if settings.auth != "open":
        return
    if not is_own_name(request.host, settings):
        raise MisdirectedRequest("Open the console by the address of this machine: 127.0.0.1")


def require_own_form() -> None:
    """Pass when what is sent was filled in on a page of ours, made for this browser."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    if origin is None:
        if request.headers.get("Sec-Fetch-Site") != "same-origin":
            raise Forbidden("The browser does not say that this form is on a page of ours")
    elif origin != own_origin():
        raise Forbidden(
            "This form was sent from another origin. If the console is behind a proxy, its setting"
            " console_url must be the address that people open"
        )
    # The form of a page that takes a file must not be read before the page does.
    if PROOF_HEADER in request.headers or not is_taking_file(_view()):
        require_proof(request.headers.get(PROOF_HEADER) or request.form.get(PROOF_FIELD, ""))


def require_proof(proof: str) -> None:
    """Pass when a form has the proof of a page that was made for this browser."""
    if not is_proof(proof, visit().token):
        raise Forbidden("This form is too old, or not of this browser. Go back, reload, try again")


def _view() -> Callable[..., Any] | None:
    return current_app.view_functions.get(request.endpoint or "")


def own_origin() -> str:
    """Scheme and host of the console, as browsers write them."""
    url = urlsplit(own_url())
    return f"{url.scheme}://{url.netloc}"


def own_url() -> str:
    """Where people open the service: what settings say, else where this request went."""
    url = outside().settings.console_url
    if url is not None:
        return url.rstrip("/")
    scheme = "https" if visit().request.is_secure else "http"
    return f"{scheme}://{request.host}"


def add_headers(response: Response) -> Response:
    """Say what browsers may do with an answer of ours; what nobody may keep is not kept."""
    response.headers.update(HEADERS)
    # Takes the window from whoever opened it. It costs a browser a new process, once the answer
    # is there, so nobody waits for it whose window is of no other (docs/adr/0036).
    if request.headers.get("Sec-Fetch-Site") not in NOT_LED_HERE:
        response.headers["Cross-Origin-Opener-Policy"] = OPENER_POLICY
    if visit().request.is_secure:
        response.headers["Strict-Transport-Security"] = TRANSPORT_SECURITY
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def local_path(text: str | None) -> str | None:
    """`text` when it leads to a page of the console and nowhere else."""
    if text is None or not text.startswith("/console/") or len(text) > 2000:
        return None
    # Browsers take a backslash for a slash, and leave out tabs and line ends.
    if "\\" in text or not text.isprintable() or "/../" in text:
        return None
    return text


def path_of(address: str | None) -> str | None:
    """Path and query of an address, when they are those of a page of the console."""
    url = urlsplit(address or "")
    return local_path(f"{url.path}?{url.query}" if url.query else url.path)
