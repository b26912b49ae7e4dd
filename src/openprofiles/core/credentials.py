"""Access keys as those who check signatures see them, and how they ask for one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from openprofiles.core.policies import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """A key that may sign requests now: neither disabled nor expired.

    `session_token` is what requests of a temporary key must carry; None for a lasting one, whose
    requests must carry none. `name` is who it is in logs and the journal, `principal_arn` in
    policies and refusals.
    """

    access_key_id: str
    secret: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    account_id: str
    name: str
    principal_arn: str
    policies: tuple[Policy, ...]


class KeyExpired(Exception):
    """A temporary key is over: its owner should ask for another one, as SDKs do by themselves."""


FindAccessKey = Callable[[str], AccessKey | None]
"""From an access key id to its key; None when there is none that may sign now; KeyExpired when it
could until its time was over.

An answer may be some seconds old. Any text may be asked for.
"""
