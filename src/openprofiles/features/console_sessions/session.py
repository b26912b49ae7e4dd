"""A session: who signed in and how, and until when it is good."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from openprofiles.core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in. `subject` is whoever signed in, the same in all their sessions; `principal` a
    name for people and logs.

    Either an `access_key_id` says what they may do, or a `role`.
    """

    token_hash: bytes
    account_id: str
    subject: str
    principal: str
    principal_arn: str
    access_key_id: str | None
    role: str | None
    started_at: datetime
    seen_at: datetime

    def is_over(self, settings: Settings, now: datetime) -> bool:
        """Whether it has lived too long, or nobody has used it for too long."""
        lifetime = timedelta(hours=settings.console_session_hours)
        idle = timedelta(minutes=settings.console_idle_minutes)
        return now - self.started_at >= lifetime or now - self.seen_at >= idle

    def as_answer(self) -> dict[str, Any]:
        """The session without what stands for its token."""
        return {
            "AccountId": self.account_id,
            "Subject": self.subject,
            "Principal": self.principal,
            "PrincipalArn": self.principal_arn,
            "AccessKeyId": self.access_key_id,
            "Role": self.role,
            "StartedAt": self.started_at,
            "SeenAt": self.seen_at,
        }
