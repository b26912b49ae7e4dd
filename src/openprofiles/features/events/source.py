"""An event source: who sends to an event integration, and the secrets that prove it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.core.settings import Settings
from openprofiles.features.events.senders import SENDERS, Headers, Sender
from openprofiles.storage.sealing import Unsealable, open_seal


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """One source of a domain; `secret` holds its secrets, sealed."""

    name: str
    kind: str
    secret: bytes
    created_at: datetime
    updated_at: datetime

    @property
    def sender(self) -> Sender:
        """What its kind of sender does."""
        return SENDERS[self.kind]

    def as_response(self) -> dict[str, Any]:
        """The source as our operations show it: without its secrets."""
        return {
            "EventSourceName": self.name,
            "Kind": self.kind,
            "CreatedAt": self.created_at,
            "LastUpdatedAt": self.updated_at,
        }

    def is_proven(self, settings: Settings, domain_id: int, headers: Headers, body: bytes) -> bool:
        """Whether the sender knows one of the secrets; raises Unsealable when we do not."""
        if self.sender.signature not in headers:
            return False
        secrets = unseal(settings, self, domain_id)
        # All of them, so that the time does not tell which one it was.
        proofs = [self.sender.proves(secret.encode(), headers, body) for secret in secrets]
        return any(proofs)


def seal(settings: Settings, domain_id: int, name: str, secrets: Sequence[str]) -> bytes:
    """Secrets as they are stored; they open for this source only."""
    return open_seal(settings).close(msgspec.json.encode([domain_id, name, list(secrets)]))


def unseal(settings: Settings, source: EventSource, domain_id: int) -> list[str]:
    """The secrets of a source; raises Unsealable."""
    opened = msgspec.json.decode(open_seal(settings).open(source.secret))
    if opened[:2] != [domain_id, source.name]:
        raise Unsealable("The secrets of the event source are those of another one")
    secrets: list[str] = opened[2]
    return secrets
