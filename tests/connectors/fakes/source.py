"""What the suite of connectors needs to know of a vendor, as far as all vendors are alike."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from openprofiles.connectors import Pull
from openprofiles.connectors.testing import CannotBeDone, KnownSource
from openprofiles.connectors.web import Limits
from tests.connectors.fakes.server import Answer, FakeVendor

IMPATIENT = Limits(waits=())
"""Nothing is tried again, so that no test waits."""


class VendorSource(KnownSource):
    """A fake vendor with one object; each `put` is a second later than the last, and the vendor's
    clock is an hour ahead of it.
    """

    secrets: Sequence[str] = ("client-secret", "refresh-1", "token-", "wrong-secret")

    def __init__(self, vendor: FakeVendor) -> None:
        self.vendor: Any = vendor
        self.at = datetime(2026, 5, 1, 8, tzinfo=UTC)
        self._known = self._credentials()

    def tick(self) -> datetime:
        self.at += timedelta(seconds=1)
        self.vendor.now = self.at + timedelta(hours=1)
        return self.at

    def unknown_pull(self) -> Pull:
        return Pull(object_name="nowhere", timestamp_field=self.pull().timestamp_field)

    def go_down(self) -> None:
        self.vendor.outage = Answer(b"Service Unavailable", 503)

    def limit_rate(self, seconds: int) -> None:
        self.vendor.outage = Answer(b"", 429, {"Retry-After": str(seconds)})

    def break_answers(self) -> None:
        self.vendor.outage = Answer(b"<html>Scheduled maintenance</html>")

    def expire(self) -> None:
        if "tokens" not in vars(self.vendor):
            raise CannotBeDone("the credentials of this connection do not expire")
        self.vendor.tokens.clear()

    def withdraw(self) -> None:
        self.expire()
        self.vendor.client = ("nobody", "")

    def come_back(self) -> None:
        self.vendor.outage = None
        self.vendor.client = self._known

    def _credentials(self) -> Any:
        return getattr(self.vendor, "client", None)
