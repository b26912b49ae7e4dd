"""The numbers of a domain over time, and the counting of its hours."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict

from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.features import domains, matching, rejections
from openprofiles.features.context import Context
from openprofiles.features.insight import hours, store
from openprofiles.features.insight.hours import Flow
from openprofiles.features.insight.series import RANGES, Range
from openprofiles.storage import journal

DOMAINS_AT_ONCE = 500
ENTRIES_AT_ONCE = 100_000
"""How much of the journal a page may wait for, some hundredths of a second."""

_MEMBERS = {"object.put": "objects_put", "profile.merged_away": "merged"}
"""Kinds of journal entries that are numbers of their own."""

_FLOWS = ("objects_put", "rejected", "matches_found", "merged")


class SeriesRequest(TypedDict):
    """The domain, and how far back: the last day (hour by hour, without a word), week (by six
    hours), month (by days) or year (by weeks).
    """

    DomainName: DomainName
    Range: NotRequired[Literal["DAY", "WEEK", "MONTH", "YEAR"]]


class RecordRequest(TypedDict):
    """One domain; or all of them one by one, `After` the `After` of the one before, 0 at first.

    `Again` counts the last days of the one domain anew, for whoever turned the clock back.
    """

    DomainName: NotRequired[str]
    Again: NotRequired[bool]
    After: NotRequired[int]


@operation(
    "GetDomainSeries",
    reads_only=True,
    route=Route("GET", "/domains/{DomainName}/series", SeriesRequest),
)
def get_domain_series(context: Context, request: SeriesRequest) -> Answer:
    """The numbers of a domain over time, step by step: profiles and objects at the end of each,
    objects that were put, rejected ones, matches that jobs found, profiles that were merged away
    in it. What nobody counted is None.

    Steps are made of hours that were counted when they ended, and of what came since. `IsWhole` is
    False when more came since than can be counted at once, and the last hours have at least as much
    as they say.
    """
    domain = domains.require(context, request["DomainName"])
    chosen = RANGES[request.get("Range", "DAY")]
    starts = chosen.starts(context.now)
    steps: dict[datetime, list[Any]] = {
        row[0]: list(row[1:])
        for row in store.list_steps(
            context.transaction, domain.id, since=starts[0], step=chosen.step
        )
    }
    is_whole = _add_since(context, domain, steps, starts=starts, chosen=chosen)
    held = domains.sum_counts(context.transaction, domain.id)
    last = steps.setdefault(starts[-1], [None, None, 0, 0, 0, 0])
    last[:2] = held.profiles, held.objects
    return {
        "Range": request.get("Range", "DAY"),
        "IsWhole": is_whole,
        "Items": [_item(start, steps.get(start), chosen) for start in starts],
    }


@operation("RecordDomainHours")
def record_domain_hours(context: Context, request: RecordRequest) -> Answer:
    """Count the hours that are over in a domain (the next one that has any), and forget old ones.

    `Hours` says how many there were; `After` is None when no domain has any left.
    """
    end = hours.floor(context.now - hours.LATEST_AFTER)
    if "DomainName" in request:
        domain = domains.require(context, request["DomainName"])
        is_again = request.get("Again", False)
        return {"Hours": _record(context, domain, end, is_again=is_again), "After": None}
    after = request["After"]
    while found := domains.list_all(context.transaction, after_id=after, limit=DOMAINS_AT_ONCE):
        for account_id, domain in found:
            own = replace(context, caller=replace(context.caller, account_id=account_id))
            count = _record(own, domain, end)
            if count:
                return {"Hours": count, "After": domain.id}
        after = found[-1][1].id
    return {"Hours": 0, "After": None}


def _record(
    context: Context, domain: domains.Domain, end: datetime, *, is_again: bool = False
) -> int:
    begin = _first_uncounted(context, domain, is_again=is_again)
    if begin >= end or not _is_still_there(context, domain):
        return 0
    flows, _ = _flows(context, domain, begin, end)
    held = domains.sum_counts(context.transaction, domain.id)
    counted = hours.hours_between(begin, end, flows, profiles=held.profiles, objects=held.objects)
    store.insert(context.transaction, domain.id, counted)
    store.delete_before(context.transaction, domain.id, context.now - hours.KEPT)
    return len(counted)


def _add_since(
    context: Context,
    domain: domains.Domain,
    steps: dict[datetime, list[Any]],
    *,
    starts: list[datetime],
    chosen: Range,
) -> bool:
    """Add what came since the last hour that was counted; False when it is more than can be
    counted at once.
    """
    begin = max(_first_uncounted(context, domain), starts[0])
    flows, is_whole = _flows(
        context, domain, begin, hours.floor(context.now) + hours.HOUR, limit=ENTRIES_AT_ONCE
    )
    for start, flow in flows.items():
        place = starts[(start - starts[0]) // chosen.step]
        step = steps.setdefault(place, [None, None, 0, 0, 0, 0])
        for position, name in enumerate(_FLOWS, 2):
            step[position] += getattr(flow, name)
    return is_whole


def _first_uncounted(
    context: Context, domain: domains.Domain, *, is_again: bool = False
) -> datetime:
    last = None if is_again else store.find_last(context.transaction, domain.id)
    return hours.next_hour(last, created_at=domain.created_at, now=context.now)


def _flows(
    context: Context,
    domain: domains.Domain,
    begin: datetime,
    end: datetime,
    *,
    limit: int | None = None,
) -> tuple[Mapping[datetime, Flow], bool]:
    """What happened in each hour, and whether that is all: the newest entries, up to `limit`."""
    transaction = context.transaction
    entries = journal.count_by_hour(transaction, domain.id, since=begin, until=end, limit=limit)
    is_whole = limit is None or sum(count for *_, count in entries) < limit
    counts = [(hour, _MEMBERS.get(kind, ""), count) for hour, kind, count in entries]
    for name, room in (("rejected", rejections), ("matches_found", matching)):
        counts += [
            (hour, name, count)
            for hour, count in room.count_by_hour(transaction, domain.id, since=begin, until=end)
        ]
    return hours.flows_of(counts), is_whole


def _is_still_there(context: Context, domain: domains.Domain) -> bool:
    """Take the domain's lock; False when it was deleted meanwhile, and a row would outlive it."""
    try:
        return domains.require_for_write(context, domain.name).id == domain.id
    except ResourceNotFound:
        return False


def _item(start: datetime, step: list[Any] | None, chosen: Range) -> dict[str, Any]:
    profiles, objects, put, rejected, found, merged = step or [None] * 6
    return {
        "From": start,
        "To": start + chosen.step,
        "Profiles": profiles,
        "Objects": objects,
        "ObjectsPut": put,
        "Rejected": rejected,
        "MatchesFound": found,
        "Merged": merged,
    }


OPERATIONS: tuple[Operation, ...] = (get_domain_series, record_domain_hours)
