"""One customer whole: who it is, what happened, what belongs to them, and whom they are like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import Response, request, url_for

from openprofiles.console.charts.timeline import Timeline, timeline
from openprofiles.console.pages.customers.activity import Record, read_records
from openprofiles.console.pages.customers.area import FILES, ONE, blueprint
from openprofiles.console.pages.customers.fields import Section, sections_of
from openprofiles.console.pages.customers.naming import (
    ACTIONS,
    label_of_key,
    label_of_type,
    name_of,
)
from openprofiles.console.pages.customers.objects import Listing, read_listing
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import AccessDenied

KEYS_SHOWN = 12
RECORDS_SHOWN = 5
RELATED_SHOWN = 4
LIKE_SHOWN = 5
RELATED_FIRST = ("_order", "_case", "_asset", "_communicationRecord")
MATCH_TYPES = ("ML_BASED_MATCHING", "RULE_BASED_MATCHING")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldKey:
    """A value that leads to the customer, and who says so."""

    name: str
    label: str
    value: str
    holders: tuple[str, ...]
    can_go: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """A profile that may be the same person."""

    id: str
    name: str
    confidence: float | None
    match_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage(Page):
    """One customer."""

    template: ClassVar[str] = "customers/person.html"
    files: ClassVar[tuple[str, ...]] = FILES

    domain_name: str
    """The domain."""
    id: str
    """The profile's id."""
    asked_id: str | None
    """The former id that led here; None when it was the profile's own."""
    former_ids: tuple[str, ...]
    """The ids of the profiles that were merged into this one."""
    created_at: datetime
    """When the profile was made."""
    written_at: datetime
    """When anything of it was last written."""
    sections: tuple[Section, ...]
    """Its fields."""
    undo: str | None
    """The record of the edit that was just made, which can be undone."""
    keys: tuple[HeldKey, ...]
    """The first values that lead here."""
    key_count: int
    """How many there are."""
    objects: tuple[tuple[str, str, int], ...]
    """Types of its objects: name, what they are called, how many."""
    related: tuple[Listing, ...]
    """The last standard records of each type."""
    drawing: Timeline | None
    """What happened when; None when nothing is known."""
    records: tuple[Record, ...]
    """What was done last."""
    like: tuple[Like, ...]
    """Who may be the same person, by the last run or by rules."""
    may_edit: bool
    """Whether to offer changing it."""
    may_delete_key: bool
    """Whether to offer deleting its keys."""
    may_disclose: bool
    """Whether to offer handing over all that is held."""
    may_erase: bool
    """Whether to offer erasing the person."""


@blueprint.get(ONE)
def show(domain_name: str, profile_id: str) -> Response:
    """One customer; a former id leads to the profile."""
    told = ask("DescribeProfile", DomainName=domain_name, ProfileId=profile_id)
    standing = told["ProfileId"]
    if standing != profile_id:
        address = url_for(".show", domain_name=domain_name, profile_id=standing)
        return see_other(f"{address}?{urlencode({'from': profile_id})}")
    came_from = request.args.get("from")
    former = tuple(told["FormerProfileIds"])
    return render(
        CustomerPage(
            title=name_of(profile_of(told)),
            domain_name=domain_name,
            id=standing,
            asked_id=came_from if came_from in former else None,
            former_ids=former,
            created_at=told["CreatedAt"],
            written_at=told["LastWrittenAt"],
            sections=sections_of(told["Fields"]),
            undo=request.args.get("undo"),
            keys=tuple(map(_key, told["Keys"][:KEYS_SHOWN])),
            key_count=told["KeyCount"],
            objects=tuple(
                (name, label_of_type(name), count)
                for name, count in sorted(told["ObjectCounts"].items())
                if count
            ),
            related=_related(domain_name, standing, told["RecordCounts"]),
            drawing=_drawing(domain_name, standing),
            records=read_records(domain_name, standing, size=RECORDS_SHOWN)[0],
            like=_like(domain_name, standing),
            may_edit=might("UpdateProfile"),
            may_delete_key=might("DeleteProfileKey"),
            may_disclose=might("DiscloseProfile"),
            may_erase=might("EraseProfile"),
        )
    )


def profile_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """The plain fields of a description."""
    return {field["Path"]: field["Value"] for field in told["Fields"]}


def _key(held: Mapping[str, Any]) -> HeldKey:
    holders = [
        f"{group['ObjectTypeName']}: {group['ObjectCount']:,}"
        if group["ObjectCount"] > 1
        else group["ObjectTypeName"]
        for group in held["Objects"]
    ]
    if held["IsOfFields"]:
        holders.insert(0, "fields")
    if held["IsAdded"]:
        holders.append("added by hand")
    return HeldKey(
        name=held["KeyName"],
        label=label_of_key(held["KeyName"]),
        value=held["Value"],
        holders=tuple(holders),
        # What follows from fields stays for as long as they do; a composite value is typed apart.
        can_go=not held["IsOfFields"] and "\x1f" not in held["Value"],
    )


def _related(domain_name: str, profile_id: str, counts: Mapping[str, int]) -> tuple[Listing, ...]:
    names = sorted(counts, key=lambda name: (name not in RELATED_FIRST, name))
    return tuple(
        read_listing(domain_name, profile_id, name, size=RELATED_SHOWN, count=counts[name])
        for name in names
    )


def _drawing(domain_name: str, profile_id: str) -> Timeline | None:
    told = ask("GetProfileTimeline", DomainName=domain_name, ProfileId=profile_id)
    lanes: list[tuple[str, str, Sequence[datetime]]] = [
        (label_of_type(lane["ObjectTypeName"]), "object", lane["Moments"])
        for lane in told["Objects"]
    ]
    lanes += [
        (f"Profile {ACTIONS[lane['ActionType']].lower()}", "change", lane["Moments"])
        for lane in told["Changes"]
    ]
    return timeline(lanes)


def _like(domain_name: str, profile_id: str) -> tuple[Like, ...]:
    found: dict[str, tuple[float | None, str | None]] = {}
    for kind in MATCH_TYPES:
        try:
            answer = ask(
                "GetSimilarProfiles",
                DomainName=domain_name,
                MatchType=kind,
                SearchKey="profileId",
                SearchValue=profile_id,
                MaxResults=LIKE_SHOWN + 1,
            )
        except AccessDenied:
            # Somebody may see profiles and no matches.
            return ()
        for other in answer["ProfileIds"]:
            # Only matches of the last run can be reviewed.
            match_id = answer.get("MatchId") if kind == MATCH_TYPES[0] else None
            found.setdefault(other, (answer.get("ConfidenceScore"), match_id))
    found.pop(profile_id, None)
    ids = list(found)[:LIKE_SHOWN]
    if not ids:
        return ()
    profiles = ask("BatchGetProfile", DomainName=domain_name, ProfileIds=ids)["Profiles"]
    return tuple(
        Like(
            id=profile["ProfileId"],
            name=name_of(profile),
            confidence=found[profile["ProfileId"]][0],
            match_id=found[profile["ProfileId"]][1],
        )
        for profile in profiles
    )
