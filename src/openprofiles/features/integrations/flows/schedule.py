"""When a flow runs: rates and AWS's cron expressions, between a start and an end, in a time zone.

A rate counts from the start. An expression of six fields is that of EventBridge: minutes, hours,
day of month, month, day of week (1 = Sunday), year; one of the days is `?`.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterError, croniter

from openprofiles.core.errors import BadRequest

_RATE = re.compile(r"rate\(\s*([0-9]{1,6})\s*(minute|hour|day|week|month)s?\s*\)", re.IGNORECASE)
_CRON = re.compile(r"cron\(([^()]{1,200})\)", re.IGNORECASE)
_FIELD = re.compile(r"[0-9A-Z*?/,#-]{1,60}")
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
_EXPRESSION = "TriggerConfig.TriggerProperties.Scheduled.ScheduleExpression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A Scheduled trigger, read."""

    interval: timedelta | None
    cron: str | None
    zone: ZoneInfo
    start: datetime | None
    end: datetime | None
    offset: timedelta

    def first(self, now: datetime) -> datetime | None:
        """When the first run is due: a rate begins at its start, or at once."""
        if self.interval is not None:
            return self._within(max(now, self.start or now))
        return self._within(self._next_by_cron(max(now, self.start or now)))

    def next(self, after: datetime, now: datetime, *, anchor: datetime) -> datetime | None:
        """When the run behind the one that was due at `after` is due, always later than `now`: what
        was missed is not caught up. A rate without a start counts from `anchor`.
        """
        latest = max(after - self.offset, now)
        if self.interval is None:
            return self._within(self._next_by_cron(latest))
        begun = self.start or anchor
        steps = math.floor((latest - begun) / self.interval) + 1
        return self._within(begun + max(steps, 0) * self.interval)

    def _next_by_cron(self, after: datetime) -> datetime | None:
        local = after.astimezone(self.zone)
        try:
            found: datetime = croniter(self.cron, local, max_years_between_matches=20).get_next(
                datetime
            )
        except CroniterError:
            # Its years are over.
            return None
        return found.astimezone(UTC)

    def _within(self, moment: datetime | None) -> datetime | None:
        if moment is None or (self.end is not None and moment > self.end):
            return None
        return moment + self.offset


def read(scheduled: Mapping[str, Any]) -> Schedule:
    """A Scheduled trigger as a schedule; BadRequest when it cannot be read."""
    expression = scheduled["ScheduleExpression"].strip()
    interval, cron = _interval_of(expression), None
    if interval is None:
        cron = _cron_of(expression)
    start, end = _moment(scheduled, "ScheduleStartTime"), _moment(scheduled, "ScheduleEndTime")
    if start is not None and end is not None and end <= start:
        raise BadRequest("ScheduleEndTime must be later than ScheduleStartTime")
    return Schedule(
        interval=interval,
        cron=cron,
        zone=_zone_of(scheduled.get("Timezone") or "UTC"),
        start=start,
        end=end,
        offset=timedelta(seconds=scheduled.get("ScheduleOffset") or 0),
    )


def first_run(flow: Mapping[str, Any] | None, now: datetime, poll: timedelta) -> datetime | None:
    """When the first run of a flow is due; None when it runs on demand only.

    A flow with an Event trigger, and a source without a flow, are looked at every `poll`.
    """
    scheduled = scheduled_of(flow)
    if scheduled is not None:
        return read(scheduled).first(now)
    return now if _is_polled(flow) and poll else None


def next_run(
    flow: Mapping[str, Any] | None,
    now: datetime,
    poll: timedelta,
    *,
    after: datetime,
    anchor: datetime,
) -> datetime | None:
    """When the run behind the one that was due at `after` is due, None when there is none."""
    scheduled = scheduled_of(flow)
    if scheduled is not None:
        return read(scheduled).next(after, now, anchor=anchor)
    return now + poll if _is_polled(flow) and poll else None


def scheduled_of(flow: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The Scheduled trigger of a flow, if it has one."""
    trigger = (flow or {}).get("TriggerConfig") or {}
    if trigger.get("TriggerType") != "Scheduled":
        return None
    found: Mapping[str, Any] = trigger["TriggerProperties"]["Scheduled"]
    return found


def moment_of(value: Any) -> datetime:
    """A timestamp as the wire gives it, or as it is read back from JSON."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    moment: datetime = value
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _is_polled(flow: Mapping[str, Any] | None) -> bool:
    return flow is None or flow["TriggerConfig"]["TriggerType"] == "Event"


def _moment(scheduled: Mapping[str, Any], member: str) -> datetime | None:
    value = scheduled.get(member)
    return None if value is None else moment_of(value)


def _zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadRequest("Timezone is not the name of a time zone") from error


def _interval_of(expression: str) -> timedelta | None:
    match = _RATE.fullmatch(expression)
    if match is None:
        return None
    interval = int(match[1]) * _UNITS[match[2].lower()]
    if not interval:
        raise BadRequest(f"{_EXPRESSION} must be one minute or more")
    return interval


def _cron_of(expression: str) -> str:
    match = _CRON.fullmatch(expression)
    fields = match[1].upper().split() if match else []
    if len(fields) != 6 or not all(_FIELD.fullmatch(field) for field in fields):
        raise BadRequest(
            f"{_EXPRESSION} is neither rate(number unit) nor cron(minutes hours day-of-month month"
            " day-of-week year)"
        )
    minute, hour, day, month, weekday, year = fields
    if (day == "?") == (weekday == "?"):
        raise BadRequest(f"{_EXPRESSION} must have ? as exactly one of its days")
    read = " ".join([minute, hour, day, month, _weekday(weekday), "0", year]).replace("?", "*")
    try:
        croniter(read)
    except (CroniterError, ValueError, KeyError) as error:
        raise BadRequest(f"{_EXPRESSION} cannot be read as a cron expression") from error
    return read


def _weekday(field: str) -> str:
    """AWS counts days of the week from 1 = Sunday and writes the last Friday `6L`."""
    shifted = re.sub(r"(?<![#/0-9])[0-9]+", lambda found: str(int(found[0]) - 1), field)
    return re.sub(r"([0-9])L", r"L\1", shifted)
