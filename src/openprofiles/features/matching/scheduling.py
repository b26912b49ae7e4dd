"""When jobs start: weekly, the first one within a day, never more than three in a week (core
reference §8.1).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
FIRST_WITHIN = timedelta(hours=24)
WEEK = timedelta(days=7)
MOST_A_WEEK = 3


def next_time(schedule: Mapping[str, str], after: datetime) -> datetime:
    """The first moment of a JobSchedule (UTC) after a moment."""
    hour, minute = map(int, schedule["Time"].split(":"))
    day = DAYS.index(schedule["DayOfTheWeek"])
    found = after.replace(hour=hour, minute=minute, second=0, microsecond=0)
    found += timedelta(days=(day - found.weekday()) % 7)
    return found if found > after else found + WEEK


def start_of(
    schedule: Mapping[str, str],
    now: datetime,
    *,
    deadline: datetime | None = None,
    earlier: Iterable[datetime] = (),
) -> datetime:
    """When the next job starts: by its schedule, at `deadline` if that is earlier, later when
    MOST_A_WEEK of the `earlier` ones would be less than a week ago.
    """
    start = next_time(schedule, now)
    if deadline is not None and deadline < start:
        start = max(deadline, now)
    recent = sorted(moment for moment in earlier if start - WEEK < moment)
    if len(recent) >= MOST_A_WEEK:
        start = max(start, recent[-MOST_A_WEEK] + WEEK)
    return start
