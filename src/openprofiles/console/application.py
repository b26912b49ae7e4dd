"""The console as a WSGI application: the chain that each request goes through, and its pages."""

import gzip
from http import HTTPStatus

from flask import Flask, Response, current_app, g, request, url_for

from openprofiles.console import draining, failing, guarding, pages, rendering
from openprofiles.console.assets import blueprint as assets
from openprofiles.console.outside import Outside
from openprofiles.console.people import People, Request
from openprofiles.console.public import is_public
from openprofiles.console.tokens import is_token, new_token
from openprofiles.console.visit import OUTSIDE, Visit, see_other, visit
from openprofiles.core import ids

PREFIX = "/console"
COOKIE = "openprofiles"
SECURE_PREFIX = "__Host-"
"""Browsers take a cookie of such a name by TLS only, for all paths of one host, from that host."""

MOST_BODY_BYTES = 2_000_000
SMALLEST_PACKED = 1_000


def make_console(outside: Outside) -> Flask:
    """The console; it answers below `/console`, wherever it is mounted."""
    app = Flask(__name__, static_folder=None)
    newest, *older = outside.cookie_keys
    is_secure = _is_always_secure(outside)
    app.config.update(
        SECRET_KEY=newest,
        SECRET_KEY_FALLBACKS=older,
        # What is kept in the browser besides the token: messages, and a sign-in that is under way.
        SESSION_COOKIE_NAME=f"{SECURE_PREFIX if is_secure else ''}{COOKIE}-kept",
        SESSION_COOKIE_SECURE=is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=MOST_BODY_BYTES,
    )
    app.extensions[OUTSIDE] = outside
    people = app.extensions["people"] = People(outside)
    if outside.settings.oidc_issuer and outside.settings.auth != "open":
        # Imported here: it brings a client of HTTP along, which most consoles never need.
        from openprofiles.console.openid import Provider

        app.extensions["provider"] = Provider(app, outside.settings)
    rendering.equip(app, pages.ENTRIES)
    failing.equip(app)
    app.register_blueprint(assets, url_prefix=PREFIX)
    for blueprint in pages.BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=PREFIX)

    # What each request goes through, in order; the first that answers ends it.
    app.before_request(lambda: _begin(outside))
    app.before_request(guarding.require_own_host)
    app.before_request(lambda: _recognise(people))
    app.before_request(guarding.require_own_form)
    app.before_request(_require_person)
    # What each answer goes through, in this order: Flask begins with the last.
    app.after_request(_pack)
    app.after_request(guarding.add_headers)
    app.after_request(_keep_token)
    app.after_request(_drain)
    return app


def _is_always_secure(outside: Outside) -> bool:
    settings = outside.settings
    return (settings.console_url or "").startswith("https:")


def _begin(outside: Outside) -> None:
    """Note what matters of the request."""
    draining.remember_place(request)
    environ = request.environ
    environ[outside.operation_key] = f"console {request.endpoint or 'nothing'}"
    asked = Request(
        id=environ.get(outside.request_id_key) or ids.request_id(),
        address=outside.sources.address_of(environ),
        is_secure=_is_always_secure(outside) or outside.sources.is_secure(environ),
    )
    token = request.cookies.get(_cookie_name(asked), "")
    has_token = is_token(token)
    g.visit = Visit(
        request=asked,
        token=token if has_token else new_token(),
        has_new_token=not has_token,
        person=None,
    )


def _recognise(people: People) -> None:
    """Find out who asks; nobody has to be known for a static file."""
    now = visit()
    if request.blueprint != assets.name:
        now.person = people.find(None if now.has_new_token else now.token, now.request)


def _require_person() -> Response | None:
    """Let those who have not signed in do so first, and come back then."""
    view = current_app.view_functions.get(request.endpoint or "")
    if visit().person is not None or view is None or is_public(view):
        return None
    here = request.full_path.removesuffix("?") if request.method == "GET" else None
    if "HX-Request" in request.headers:
        # htmx would put the page to sign in into a part of this one.
        here = guarding.path_of(request.headers.get("HX-Current-URL"))
        answer = Response(status=HTTPStatus.UNAUTHORIZED)
        answer.headers["HX-Redirect"] = url_for("signing.sign_in", next=here)
        return answer
    return see_other(url_for("signing.sign_in", next=here))


def _keep_token(response: Response) -> Response:
    """Give a browser its token, when it has none or a new one."""
    now = visit()
    if now.has_new_token and request.blueprint != assets.name:
        response.set_cookie(
            _cookie_name(now.request),
            now.token,
            secure=now.request.is_secure,
            httponly=True,
            samesite="Lax",
        )
    return response


def _drain(response: Response) -> Response:
    """Let a browser see the answer, also one that came before all of its form did."""
    draining.drain(request)
    return response


def _pack(response: Response) -> Response:
    """Compress a page."""
    if (
        not request.accept_encodings["gzip"]
        or response.mimetype != "text/html"
        or "Content-Encoding" in response.headers
        or len(response.get_data()) < SMALLEST_PACKED
    ):
        return response
    response.set_data(gzip.compress(response.get_data(), 6))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.add("Vary", "Accept-Encoding")
    return response


def _cookie_name(asked: Request) -> str:
    return SECURE_PREFIX + COOKIE if asked.is_secure else COOKIE
