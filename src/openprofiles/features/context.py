"""What an operation gets besides its request: who calls, when, in which transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from openprofiles.core import ids
from openprofiles.core.ids import Id
from openprofiles.core.operation import Caller, Parameters
from openprofiles.core.settings import Settings
from openprofiles.storage.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """What a transaction did to the profiles of a domain.

    `written` has the flat fields of profiles that are new or whose fields changed; `removed` are
    those that are gone.
    """

    domain_id: int
    domain_name: str
    configuration: Mapping[str, Any]
    written: Mapping[Id, Mapping[str, Any]]
    removed: frozenset[Id]


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainChange:
    """A domain that was made (`before` is empty) or whose configuration was given anew."""

    domain_id: int
    domain_name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One call of one operation; `now` is the same moment for all that it does.

    `followers` are told of every change of profiles in its own transaction: how rooms above the
    profiles keep what they derive from them; `domain_followers` likewise of domains, which they may
    refuse to change with a BadRequest. `afterwards` takes operations (name, parameters) to be
    done by the same caller once the transaction is committed, before it is answered; they may
    fail, so whoever asks for one also keeps a note of it in the transaction.
    """

    transaction: Transaction
    caller: Caller
    settings: Settings
    now: datetime
    followers: tuple["Follower", ...] = ()
    domain_followers: tuple["DomainFollower", ...] = ()
    afterwards: list[tuple[str, Parameters]] = field(default_factory=list)

    def ordered_id(self) -> Id:
        """A fresh id that sorts by the moment of this call."""
        return ids.ordered_id(self.now)


Follower = Callable[[Context, ProfileChange], None]
DomainFollower = Callable[[Context, DomainChange], None]
