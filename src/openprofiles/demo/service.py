"""The service as the demo calls it: its operations, and what runs of its jobs need."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from openprofiles.core.operation import Answer, Caller, Invoke
from openprofiles.core.settings import Settings


@dataclass(slots=True)
class Moment:
    """The time as the service sees it while the domain is filled."""

    now: datetime

    def __call__(self) -> datetime:
        """The moment, which passes a little with each look."""
        self.now += timedelta(milliseconds=1)
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What fills: the service's operations on one domain, and what its jobs run on."""

    invoke: Invoke
    caller: Caller
    settings: Settings
    hold: Callable[[str], AbstractContextManager[bool]]
    moment: Moment
    domain: str

    def ask(self, name: str, **parameters: Any) -> Answer:
        """The answer of an operation on the domain."""
        return self.invoke(name, {"DomainName": self.domain, **parameters}, self.caller)

    def by(self, principal: str) -> "Service":
        """The same, called by somebody."""
        return replace(self, caller=replace(self.caller, principal=principal))

    @property
    def place(self) -> str:
        """Region and account, as they stand in ARNs."""
        return f"{self.caller.region}:{self.caller.account_id}"

    @property
    def arn(self) -> str:
        """The domain's."""
        return f"arn:aws:profile:{self.place}:domains/{self.domain}"
