"""Signing in, by access key or through a provider of identities, and signing out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import Blueprint, Response, current_app, flash, request, session, url_for

from openprofiles.console.areas import Entry
from openprofiles.console.guarding import local_path, own_url
from openprofiles.console.identity import CannotSignIn
from openprofiles.console.people import People, WrongKey
from openprofiles.console.public import public
from openprofiles.console.rendering import Page, render
from openprofiles.console.tokens import new_token
from openprofiles.console.visit import outside, person, see_other, visit
from openprofiles.core.errors import Throttling

if TYPE_CHECKING:
    from openprofiles.console.openid import Provider

NEXT = "next"
"""Where somebody wanted to go, kept while they are at the provider."""

blueprint = Blueprint("signing", __name__)
ENTRIES: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(Page):
    """The form to sign in with an access key, and the way to the provider."""

    template: ClassVar[str] = "signing/sign_in.html"

    title: str = "Sign in"
    """What the page is called."""
    next: str | None = None
    """Where to go afterwards."""
    access_key_id: str = ""
    """The id that was typed last time."""
    problem: str | None = None
    """Why the last try did not succeed."""
    provider: str | None = None
    """What the provider is called; None without one."""


@blueprint.get("/sign-in")
@public
def sign_in() -> Response:
    """The form; whoever has signed in goes on."""
    target = local_path(request.args.get("next"))
    if visit().person is not None:
        return see_other(target or url_for("domains.home"))
    return _form(target)


@blueprint.post("/sign-in")
@public
def sign_in_by_key() -> Response:
    """Sign in with an access key: the session gets a new token, whatever the browser had."""
    target = local_path(request.form.get("next"))
    access_key_id = request.form.get("access_key_id", "").strip()
    secret = request.form.get("secret_access_key", "").strip()
    try:
        token = _people().sign_in_by_key(access_key_id, secret, visit().request)
    except WrongKey:
        problem = "There is no such access key, or its secret is another."
        return _form(target, access_key_id=access_key_id, problem=problem, status=403)
    except Throttling:
        problem = "There were too many tries. Wait a minute, then try again."
        return _form(target, access_key_id=access_key_id, problem=problem, status=429)
    return _enter(token, target)


@blueprint.get("/sign-in/provider")
@public
def with_provider() -> Response:
    """Leave for the provider."""
    provider = _provider()
    if provider is None:
        return see_other(url_for("signing.sign_in"))
    target = local_path(request.args.get("next"))
    session[NEXT] = target
    try:
        return provider.leave(to_come_back_at=own_url() + url_for("signing.from_provider"))
    except CannotSignIn as error:
        return _form(target, problem=f"{error}.", status=502)


@blueprint.get("/sign-in/back")
@public
def from_provider() -> Response:
    """Come back from the provider."""
    provider = _provider()
    if provider is None:
        return see_other(url_for("signing.sign_in"))
    target = local_path(session.pop(NEXT, None))
    try:
        identity = provider.come_back()
    except CannotSignIn as error:
        return _form(target, problem=f"{error}.", status=403)
    token = _people().sign_in_by_provider(identity, visit().request)
    return _enter(token, target)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session, or all sessions of this person."""
    everywhere = request.form.get("everywhere") == "yes"
    if person().signed_in_as is not None:
        _people().sign_out(visit().token, visit().request, everywhere=everywhere)
        _renew(None)
    session.clear()
    flash("You are signed out, everywhere." if everywhere else "You are signed out.", "success")
    response = see_other(url_for("signing.sign_in"))
    # What pages have left in the browser goes, too.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _form(
    target: str | None, *, access_key_id: str = "", problem: str | None = None, status: int = 200
) -> Response:
    provider = _provider()
    page = SignInPage(
        next=target,
        access_key_id=access_key_id,
        problem=problem,
        provider=outside().settings.oidc_name if provider is not None else None,
    )
    return render(page, status=status)


def _enter(token: str, target: str | None) -> Response:
    _renew(token)
    session.clear()
    return see_other(target or url_for("domains.home"))


def _renew(token: str | None) -> None:
    """Give the browser another token: that of its new session, or one of nobody."""
    now = visit()
    now.token = token or new_token()
    now.has_new_token = True


def _people() -> People:
    found: People = current_app.extensions["people"]
    return found


def _provider() -> "Provider | None":
    found: Provider | None = current_app.extensions.get("provider")
    return found
