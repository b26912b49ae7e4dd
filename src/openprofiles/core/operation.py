"""What an operation is: a name, one function that answers it, and whether it only reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Parameters = Mapping[str, Any]
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: the account whose domains are in reach, and the request's id for logs and the
    journal.
    """

    account_id: str
    region: str
    principal: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API (or of `/_openprofiles/v1`); calling it calls its function."""

    name: str
    function: Callable[[Any, Any], Any]
    reads_only: bool

    def __call__(self, context: Any, request: Any) -> Any:
        return self.function(context, request)


Invoke = Callable[[str, Parameters, Caller], Answer]
"""The one way in: operation name, checked parameters, caller -> answer; raises ServiceError."""


def operation(
    name: str, *, reads_only: bool = False
) -> Callable[[Callable[[Any, Any], Any]], Operation]:
    """Declare the function that answers operation `name`; `reads_only` runs it without a write
    transaction.
    """

    def declare(function: Callable[[Any, Any], Any]) -> Operation:
        return Operation(name, function, reads_only)

    return declare
