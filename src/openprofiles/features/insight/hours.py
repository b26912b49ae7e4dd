"""The hours of a domain: which are still to be counted, and what was there at the end of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
LATEST_AFTER = timedelta(minutes=2)
"""How long after its end an hour may still get entries: transactions that began in it."""

BACK = timedelta(days=31)
"""How far back hours are counted that nobody counted when they ended."""

KEPT = timedelta(days=396)
"""How long hours are kept: thirteen months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What happened in a time. `entries` are all of the journal, of whatever kind."""

    objects_put: int = 0
    rejected: int = 0
    matches_found: int = 0
    merged: int = 0
    entries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """An hour, by its beginning; profiles and objects at its end, None where they are not known."""

    start: datetime
    profiles: int | None = None
    objects: int | None = None
    flow: Flow = field(default_factory=Flow)


def floor(moment: datetime) -> datetime:
    """The beginning of the hour of a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


def next_hour(last: datetime | None, *, created_at: datetime, now: datetime) -> datetime:
    """The first hour that is still to be counted, after the last one that was."""
    begin = floor(created_at) if last is None else last + HOUR
    return max(begin, floor(now - BACK))


def flows_of(counts: Iterable[tuple[datetime, str, int]]) -> dict[datetime, Flow]:
    """What happened in each hour, from (hour, name of a member of Flow or "", how often)."""
    flows: dict[datetime, Flow] = {}
    for start, name, count in counts:
        flow = flows.get(start, Flow())
        changed = {name: getattr(flow, name) + count} if name else {}
        if not name or name in ("objects_put", "merged"):
            changed["entries"] = flow.entries + count
        flows[start] = replace(flow, **changed)
    return flows


def hours_between(
    begin: datetime,
    end: datetime,
    flows: Mapping[datetime, Flow],
    *,
    profiles: int,
    objects: int,
) -> Sequence[Hour]:
    """The hours from `begin` until `end`, when the domain held so many profiles and objects.

    It held as many at the end of each earlier hour after which nothing was written; of the others
    nobody knows.
    """
    hours: list[Hour] = []
    is_known, start = True, end - HOUR
    while start >= begin:
        flow = flows.get(start, Flow())
        held = (profiles, objects) if is_known else (None, None)
        hours.append(Hour(start=start, profiles=held[0], objects=held[1], flow=flow))
        is_known = is_known and not flow.entries
        start -= HOUR
    return hours[::-1]
