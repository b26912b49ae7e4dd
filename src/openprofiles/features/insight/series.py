"""Ranges of time, and into how many steps each is cut."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from openprofiles.features.insight.hours import HOUR, floor

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Range:
    """So many steps of a length, the last of which has not ended."""

    step: timedelta
    steps: int

    def starts(self, now: datetime) -> list[datetime]:
        """Where each step begins. Steps of days begin with a day (UTC), others with an hour."""
        end = floor(now) + HOUR
        if self.step >= DAY:
            end = now.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
        return [end - self.step * number for number in range(self.steps, 0, -1)]


RANGES: Final = {
    "DAY": Range(HOUR, 24),
    "WEEK": Range(timedelta(hours=6), 28),
    "MONTH": Range(DAY, 30),
    "YEAR": Range(timedelta(days=7), 53),
}
"""The ranges by name; a year has one week more, so that it is all there."""
