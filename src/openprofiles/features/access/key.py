"""An access key: what is kept of it, and how it is made."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.storage.sealing import Seal, Unsealable

LASTING, TEMPORARY = "OPAK", "OPAT"
"""How ids of keys begin; another prefix than AWS's, so that nobody takes one for the other."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """When a key was last used, for what, and from where."""

    at: datetime
    operation: str
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key of an account; `sealed` holds its secret, and its session token if it is temporary."""

    id: str
    account_id: str
    name: str
    sealed: bytes
    policies: tuple[str, ...]
    inline: str | None
    is_enabled: bool
    created_at: datetime
    expires_at: datetime | None
    last_use: Use | None = None

    @property
    def principal_arn(self) -> str:
        """Who the key is, in policies and refusals; keys of one name are one principal."""
        return f"arn:aws:iam::{self.account_id}:user/{self.name}"

    def as_response(self, now: datetime) -> dict[str, Any]:
        """The key without its secret."""
        status = "active" if self.is_enabled else "disabled"
        if self.expires_at is not None and self.expires_at <= now:
            status = "expired"
        return {
            "AccessKeyId": self.id,
            "Name": self.name,
            "PrincipalArn": self.principal_arn,
            "Status": status,
            "Policies": list(self.policies),
            "PolicyDocument": self.inline,
            "CreatedAt": self.created_at,
            "ExpiresAt": self.expires_at,
            "LastUsed": None if self.last_use is None else _shown(self.last_use),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What a caller signs with, and for a temporary key also sends."""

    secret: str
    session_token: str | None

    def as_response(self) -> dict[str, Any]:
        """The secret, for the one answer that shows it."""
        return {"SecretAccessKey": self.secret, "SessionToken": self.session_token}


def new_id(*, is_temporary: bool) -> str:
    """A fresh id of a key."""
    prefix = TEMPORARY if is_temporary else LASTING
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(16))


def new_secret(*, is_temporary: bool) -> Secret:
    """A fresh secret: 240 bits."""
    token = secrets.token_urlsafe(96) if is_temporary else None
    return Secret(secret=secrets.token_urlsafe(30), session_token=token)


def seal(keys: Seal, key_id: str, secret: Secret) -> bytes:
    """A secret as it is kept; it opens for this key only."""
    return keys.close(msgspec.json.encode([key_id, secret.secret, secret.session_token]))


def unseal(keys: Seal, key: Key) -> Secret:
    """The secret of a key; raises Unsealable."""
    key_id, secret, token = msgspec.json.decode(keys.open(key.sealed))
    if key_id != key.id:
        raise Unsealable("The secret of the access key is that of another one")
    return Secret(secret=secret, session_token=token)


def _shown(use: Use) -> Mapping[str, Any]:
    return {"At": use.at, "Operation": use.operation, "Address": use.address}
