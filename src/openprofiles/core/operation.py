"""What an operation is: a name, one function that answers it, and in what transaction it runs."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from openprofiles.core.policies import Policy

Parameters = Mapping[str, Any]
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: the account in reach, and the request's id for logs and the journal.

    `region` is that of ARNs, `principal` a name for logs and the journal. The rest is what
    authorising needs of a request that a key signed: `policies` of None allow everything, which is
    for those whom nobody has to trust less than the process itself (commands, jobs, in process),
    and for all when `auth` is open.
    """

    account_id: str
    region: str
    principal: str
    request_id: str
    principal_arn: str | None = None
    access_key_id: str | None = None
    policies: tuple[Policy, ...] | None = None
    source_ip: str | None = None
    signed_region: str | None = None
    is_secure: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One of several calls of an operation that are done together."""

    parameters: Parameters
    caller: Caller


@dataclass(frozen=True, slots=True)
class Route:
    """Where an operation of our own is found over HTTP, below `/_openprofiles/v1`.

    `path` has labels (`/domains/{DomainName}/merges`) and `shape` is the TypedDict of all
    parameters, with constraints as `msgspec.Meta`: those that are no label come from the query of a
    GET or DELETE, else from the JSON body.

    With `headers`, nothing is read from the body: it is handed over as it came, as `Body`, since
    who signs a request signs its bytes, and those of the headers that there are as `Headers`, by
    the names given here.
    """

    method: str
    path: str
    shape: type
    headers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API (or of `/_openprofiles/v1`); calling it calls its function.

    The function takes a context and the request. With `group`, it takes a sequence of `Call`s for
    which `group(parameters)` is the same, and answers each with a result or a ServiceError.
    """

    name: str
    function: Callable[[Any, Any], Any]
    reads_only: bool
    is_bulk: bool
    group: Callable[[Parameters], Hashable] | None
    route: Route | None

    def __call__(self, context: Any, request: Any) -> Any:
        return self.function(context, request)


Invoke = Callable[[str, Parameters, Caller], Answer]
"""The one way in: operation name, checked parameters, caller -> answer; raises ServiceError."""


def operation(
    name: str,
    *,
    reads_only: bool = False,
    is_bulk: bool = False,
    group: Callable[[Parameters], Hashable] | None = None,
    route: Route | None = None,
) -> Callable[[Callable[[Any, Any], Any]], Operation]:
    """Declare the function that answers operation `name`.

    `reads_only` runs it without a write transaction, `is_bulk` in one that writes thousands of
    rows; `group` says which of the calls that wait at the same time may share a transaction;
    `route` opens an operation of our own to HTTP.
    """

    def declare(function: Callable[[Any, Any], Any]) -> Operation:
        return Operation(name, function, reads_only, is_bulk, group, route)

    return declare
