"""Find: one box that understands what one has of somebody; without anything, the last ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Response, request

from openprofiles.console.pages.customers.area import FILES, ROOT, blueprint
from openprofiles.console.pages.customers.naming import (
    CHANGES,
    label_of_field,
    label_of_key,
    name_of,
)
from openprofiles.console.rendering import Page, render, wants_part
from openprofiles.console.visit import ask

LONGEST = 255
SHOWN = 20
SHORTEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What somebody was found by: a whole value, or one that begins so."""

    label: str
    value: str
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One customer of a list, with why they are in it, or what was last done."""

    id: str
    name: str
    email: str | None
    phone: str | None
    place: str | None
    reasons: tuple[Reason, ...] = ()
    changed_at: datetime | None = None
    change: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the box leads to: those found, or the last ones when nothing was typed; whether what was
    typed is too short, whether there are more, and whether the beginning of a value is enough.
    """

    domain_name: str
    text: str
    rows: tuple[Row, ...] = ()
    is_too_short: bool = False
    has_more: bool = False
    finds_beginnings: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPage(Page):
    """The box, and what it leads to."""

    template: ClassVar[str] = "customers/index.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Customers"
    """What the page is called."""
    found: Found
    """What the box leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPart(Page):
    """What the box leads to."""

    template: ClassVar[str] = "customers/found.html"

    title: str = "Found"
    """What the part is called."""
    found: Found
    """What the box leads to."""


@blueprint.get(ROOT)
def index(domain_name: str) -> Response:
    """The box."""
    found = _found(domain_name, request.args.get("q", "").strip()[:LONGEST])
    return render(FoundPart(found=found) if wants_part() else FindPage(found=found))


def _found(domain_name: str, text: str) -> Found:
    if not text:
        recent = ask("ListRecentProfiles", DomainName=domain_name, MaxResults=SHOWN)
        return Found(domain_name=domain_name, text=text, rows=tuple(map(_recent, recent["Items"])))
    if len(text) < SHORTEST:
        return Found(domain_name=domain_name, text=text, is_too_short=True)
    found = ask("FindProfiles", DomainName=domain_name, Text=text, MaxResults=SHOWN)
    return Found(
        domain_name=domain_name,
        text=text,
        rows=tuple(_row(item["Profile"], reasons=_reasons(item)) for item in found["Items"]),
        has_more=found["HasMore"],
        finds_beginnings=found["FindsBeginnings"],
    )


def _row(profile: Mapping[str, Any], **more: Any) -> Row:
    address = profile.get("Address") or {}
    place = ", ".join(filter(None, (address.get("City"), address.get("Country"))))
    phones = ("PhoneNumber", "MobilePhoneNumber", "HomePhoneNumber", "BusinessPhoneNumber")
    mails = ("EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress")
    return Row(
        id=profile["ProfileId"],
        name=name_of(profile),
        email=next(filter(None, map(profile.get, mails)), None),
        phone=next(filter(None, map(profile.get, phones)), None),
        place=place or None,
        **more,
    )


def _recent(item: Mapping[str, Any]) -> Row:
    change, object_type = item["Change"], item.get("ObjectTypeName")
    said = CHANGES.get(change, "changed")
    return _row(
        item["Profile"],
        changed_at=item["ChangedAt"],
        change=f"{object_type} {said}" if object_type else said,
    )


def _reasons(item: Mapping[str, Any]) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            label=(
                label_of_key(found["KeyName"])
                if "KeyName" in found
                else label_of_field(found["FieldName"])
            ),
            # Parts of a composite key are kept apart by a control character.
            value=found["Value"].replace("\x1f", " · "),
            is_whole=found["Match"] == "WHOLE",
        )
        for found in item["FoundBy"]
    )
