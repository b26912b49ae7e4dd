"""The errors a caller may see.

ServiceError
├── BadRequest          400  malformed, against a rule, already there, over a quota
├── AccessDenied        403  not allowed
├── ResourceNotFound    404  no such domain, type, profile, object, template
├── Throttling          429  too many requests
└── InternalServer      500  our fault; says nothing about the inside

They are the five exceptions of the service model, which every operation shares; `code` is the
shape's name.
Rooms raise them where the rule is known, `wire/handler.py` writes them.
"""

from typing import ClassVar


class ServiceError(Exception):
    """An error the caller may see; its text is a sentence for a person and holds no customer
    value.
    """

    code: ClassVar[str]
    status: ClassVar[int]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(ServiceError):
    """The request breaks a rule; the message names the member and the rule."""

    code, status = "BadRequestException", 400


class AccessDenied(ServiceError):
    """The caller may not do this."""

    code, status = "AccessDeniedException", 403


class ResourceNotFound(ServiceError):
    """What the request names does not exist."""

    code, status = "ResourceNotFoundException", 404


class Throttling(ServiceError):
    """The caller asks too often."""

    code, status = "ThrottlingException", 429


class InternalServer(ServiceError):
    """Something failed on our side; the log has the traceback under the request id."""

    code, status = "InternalServerException", 500
