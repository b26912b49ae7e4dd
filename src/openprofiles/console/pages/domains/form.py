"""What people type about a domain, what it stands for, and what to ask before it is done; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from openprofiles.console.saying import by_member, plainly
from openprofiles.core.errors import AccessDenied, ServiceError

DEFAULT_DAYS = "366"

NAME: Final = "name"
DAYS: Final = "days"
QUEUE: Final = "queue"
KEY: Final = "key"

FIELDS: Final = {
    "domainName": NAME,
    "defaultExpirationDays": DAYS,
    "deadLetterQueueUrl": QUEUE,
    "defaultEncryptionKey": KEY,
}
"""Member of the request, as errors name it -> the field it was typed into."""


class Unclear(Exception):
    """What was typed is nothing that the service could be asked for; the text says what."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsForm:
    """What is typed, or what is set."""

    days: str = DEFAULT_DAYS
    queue: str = ""
    key: str = ""

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """What was typed."""
        return cls(**{name: form.get(name, "").strip() for name in (DAYS, QUEUE, KEY)})

    @classmethod
    def of(cls, domain: Mapping[str, Any]) -> Self:
        """What is set."""
        return cls(
            days=str(domain["DefaultExpirationDays"]),
            queue=domain.get("DeadLetterQueueUrl") or "",
            key=domain.get("DefaultEncryptionKey") or "",
        )

    def members(self, before: "SettingsForm | None" = None) -> dict[str, Any]:
        """The members of a request that sets what differs from `before`; an empty text clears.

        Raises Unclear when the days are no number.
        """
        old = before or SettingsForm(days="")
        members: dict[str, Any] = {}
        if self.days != old.days:
            members["DefaultExpirationDays"] = self._days()
        if self.queue != old.queue:
            members["DeadLetterQueueUrl"] = self.queue
        if self.key != old.key:
            members["DefaultEncryptionKey"] = self.key
        return members

    def _days(self) -> int:
        if not self.days.isdecimal() or len(self.days) > 9:
            raise Unclear(DAYS, "The days are a whole number.")
        return int(self.days)


def questions(members: Mapping[str, Any], before: SettingsForm) -> Iterator[str]:
    """What to ask before a change that takes something away is made."""
    days = members.get("DefaultExpirationDays")
    if days is not None and days < int(before.days):
        yield (
            f"Profiles that nobody has written to for {days:,} days are removed soon, with all that"
            f" is held on them; until now they were kept for {int(before.days):,} days. That cannot"
            " be undone."
        )
    if members.get("DefaultEncryptionKey") == "":
        yield (
            "All that the domain holds is decrypted, and lies in the clear in the database and in"
            " backups from then on."
        )
    if members.get("DeadLetterQueueUrl") == "":
        yield "Rejected objects that still wait to be sent to the queue are not sent any more."


def problems_in(
    error: Unclear | ServiceError, form: SettingsForm, *, otherwise: str
) -> dict[str, str]:
    """Field -> what is wrong with it; what is about no field that is known, at `otherwise`.

    Raises the error when it is a refusal that has nothing to do with what was typed.
    """
    if isinstance(error, Unclear):
        return {error.field: str(error)}
    if isinstance(error, AccessDenied) and not (form.key and error.message.startswith("The key")):
        raise error
    found = {FIELDS[member]: rule for member, rule in by_member(error).items() if member in FIELDS}
    if found:
        return found
    about_key = "EncryptionKey" in error.message
    return {KEY if about_key else otherwise: plainly(error)}
