"""What the console gets from the composition root: functions and settings, no floor below."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from openprofiles.core.credentials import FindAccessKey
from openprofiles.core.operation import Invoke
from openprofiles.core.policies import Policy
from openprofiles.core.settings import Settings


class Sources(Protocol):
    """Where a request comes from, seen through the proxies that are trusted."""

    def address_of(self, environ: Mapping[str, Any]) -> str | None:
        """The address of whoever sent it."""

    def is_secure(self, environ: Mapping[str, Any]) -> bool:
        """Whether it came by TLS."""


class Failures(Protocol):
    """Counts who failed to prove who they are."""

    def require_room(self, access_key_id: str, address: str | None) -> None:
        """Throttling when they failed too often."""

    def count(self, access_key_id: str | None, address: str | None) -> None:
        """Count a failure; Throttling when there were too many before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What is behind and around the console.

    `invoke` checks parameters as those of requests are; `policies_of` says what a role may do;
    `cookie_keys` sign cookies, the first of them new ones; `unavailable` are the errors that mean
    there is no database at the moment; the last two are where in the WSGI environ logs look for
    what is done, and find the request's id.
    """

    invoke: Invoke
    settings: Settings
    find_key: FindAccessKey
    policies_of: Callable[[str], tuple[Policy, ...]]
    sources: Sources
    failures: Failures
    cookie_keys: Sequence[bytes]
    unavailable: tuple[type[Exception], ...]
    operation_key: str
    request_id_key: str
