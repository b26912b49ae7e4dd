"""The request that is being answered, and who makes it; what pages ask the service with."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, g

from openprofiles.console.outside import Outside
from openprofiles.console.people import Person, Request
from openprofiles.core.errors import AccessDenied
from openprofiles.core.operation import Answer

OUTSIDE = "openprofiles"
"""Under which name among the application's extensions the surroundings are."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """One request. `token` is that of the browser, fresh when it had none; a new one is set when
    `has_new_token`.
    """

    request: Request
    token: str
    has_new_token: bool
    person: Person | None


def outside() -> Outside:
    """What is behind and around the console."""
    found: Outside = current_app.extensions[OUTSIDE]
    return found


def visit() -> Visit:
    """The request that is being answered."""
    found: Visit = g.visit
    return found


def person() -> Person:
    """Who makes this request; AccessDenied when nobody has signed in."""
    found = visit().person
    if found is None:
        raise AccessDenied("Sign in first")
    return found


def ask(name: str, **parameters: Any) -> Answer:
    """Ask the service for an operation, as the person at the browser, with what they may do.

    Parameters that are None are left out. Raises ServiceError, which becomes a page of its own
    unless the page that asked knows better.
    """
    given = {member: value for member, value in parameters.items() if value is not None}
    return outside().invoke(name, given, person().caller)


def see_other(address: str) -> Response:
    """Send the browser to another page, which it gets with GET."""
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": address})
