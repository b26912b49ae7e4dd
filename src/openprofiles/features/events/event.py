"""An event as we take it in: its kind, its envelope, when it was sent, and what names it."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from openprofiles.core.ids import Id


class UnreadableEvent(Exception):
    """The sender is who it says, and what it sent is no event; the text is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`type` is a key of an integration's ObjectTypeNames; `document` the JSON of the envelope that
    object types read; `names` tell it from other events, each by itself.
    """

    type: str
    document: str
    sent_at: datetime | None
    names: Sequence[str]

    def delivery_ids(self, source: str) -> list[Id]:
        """What is remembered of the event, so that it is taken once from a source."""
        return sorted(_digest(source, name) for name in self.names)


def envelope_of(event: Mapping[str, Any] | msgspec.Raw) -> str:
    """An EventBridge event as AppIntegrations hands it on: the templates read it there."""
    return msgspec.json.encode({"detail": {"event": event}}).decode()


def moment_of(value: Any) -> datetime | None:
    """An ISO 8601 time; None when it is none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def digest_of(body: bytes) -> str:
    """What names a body: the same for the same bytes, whatever its headers say."""
    return hashlib.sha256(body).hexdigest()


def _digest(*parts: str) -> Id:
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
    return uuid.UUID(bytes=digest[:16]).hex
