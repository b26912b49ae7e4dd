"""What people see when something does not go: a page that says what, and what to do now."""

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from openprofiles.console.rendering import Page, render, wants_part
from openprofiles.console.visit import outside, visit
from openprofiles.core.errors import ServiceError
from openprofiles.core.traces import trace_of

logger = logging.getLogger(__name__)

TITLES = {
    400: "That cannot be done",
    403: "You may not do this",
    404: "There is nothing here",
    405: "That cannot be done here",
    413: "That is too much at once",
    421: "This is not the address of the console",
    429: "Too many tries",
    500: "Something went wrong on our side",
    503: "The database cannot be reached",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailurePage(Page):
    """A page that says what did not go."""

    template: ClassVar[str] = "errors/failure.html"

    status: int
    """The status of the answer."""
    message: str
    """What is wrong, in a sentence."""
    request_id: str
    """The id under which the log has the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailurePart(Page):
    """The same in a page that is there already."""

    template: ClassVar[str] = "errors/part.html"

    message: str
    """What is wrong, in a sentence."""
    request_id: str
    """The id under which the log has the request."""


def equip(app: Flask) -> None:
    """Let the application show what does not go as pages."""
    app.register_error_handler(HTTPException, _show_refusal)
    app.register_error_handler(ServiceError, _show_service_error)
    app.register_error_handler(Exception, _show_unexpected)


def fail(status: int, message: str) -> Response:
    """The page that says that something does not go."""
    title = TITLES.get(status, HTTPStatus(status).phrase)
    request_id = visit().request.id
    page: Page
    if wants_part():
        page = FailurePart(title=title, message=message, request_id=request_id)
    else:
        page = FailurePage(title=title, status=status, message=message, request_id=request_id)
    return render(page, status=status)


def _show_refusal(error: HTTPException) -> Response:
    """Refusals of ours and of Flask, which say what is wrong and hold nothing of the request."""
    status = error.code or 500
    said = error.description or ""
    if status == HTTPStatus.NOT_FOUND:
        said = "The address is wrong, or what was here is gone."
    response = fail(status, said)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _show_service_error(error: ServiceError) -> Response:
    return fail(error.status, error.message)


def _show_unexpected(error: Exception) -> Response:
    """Log where it happened; the page says nothing of the inside."""
    fields = {"request_id": visit().request.id, "operation": str(request.endpoint)}
    if isinstance(error, outside().unavailable):
        logger.error("The console cannot reach the database", extra=fields)
        return fail(HTTPStatus.SERVICE_UNAVAILABLE, "Try again in a moment.")
    logger.error("A page of the console failed: %s", trace_of(error), extra=fields)
    return fail(500, "It is in the log of the service, under the id below.")
