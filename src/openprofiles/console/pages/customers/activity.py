"""What was done to a customer: the history as a list, and what was there each time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Response, flash, request, url_for

from openprofiles.console.pages.customers.area import FILES, ONE, blueprint
from openprofiles.console.pages.customers.fields import text_of
from openprofiles.console.pages.customers.naming import (
    ACTIONS,
    label_of_action,
    label_of_field,
    label_of_type,
    words_of,
)
from openprofiles.console.pages.customers.objects import flat, name_in
from openprofiles.console.rendering import Page, render, wants_part
from openprofiles.console.rights import might
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest

PAGE = 50
CHANGES_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing that was done."""

    id: str
    said: str
    type_name: str
    type_label: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityPage(Page):
    """All that was done, the newest first."""

    template: ClassVar[str] = "customers/activity.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Activity"
    """What the page is called."""
    domain_name: str
    """The domain."""
    id: str
    """The profile's id."""
    name: str
    """What the customer is called."""
    records: tuple[Record, ...]
    """A page of the records."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""
    action: str
    """Only records of this action are shown; empty for all."""
    actions: tuple[tuple[str, str], ...]
    """The actions that there are, and in words."""


Facts = tuple[tuple[str, str], ...] | None
"""What a profile, object or key was: names and values; None when that is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage(Page):
    """What was done, and what was there then."""

    template: ClassVar[str] = "customers/record.html"
    files: ClassVar[tuple[str, ...]] = FILES

    domain_name: str
    """The domain."""
    id: str
    """The profile's id."""
    record: Record
    """What was done."""
    facts: Facts
    """What was there then; None when that is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPart(Page):
    """What was there when something was done."""

    template: ClassVar[str] = "customers/record_part.html"

    facts: Facts
    """What was there then; None when that is not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value that a field was given, and what it replaced."""

    record: Record
    value: str | None
    before: str | None
    can_be_undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Where the value of a field came from (`written_at` is None when it has none, `source` when it
    was written by hand), and the values that it had, the newest first.
    """

    domain_name: str
    id: str
    source: str | None
    priority: int | None
    source_time: datetime | None
    written_at: datetime | None
    changes: tuple[Change, ...]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPage(Page):
    """Where the value of a field came from, and what it was before."""

    template: ClassVar[str] = "customers/field.html"
    files: ClassVar[tuple[str, ...]] = FILES

    story: Story
    """All of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPart(Page):
    """The same in the card."""

    template: ClassVar[str] = "customers/field_part.html"

    story: Story
    """All of that."""


@blueprint.get(f"{ONE}/activity")
def activity(domain_name: str, profile_id: str) -> Response:
    """The list."""
    token, action = request.args.get("after"), request.args.get("action", "")
    chosen = action if action in ACTIONS else ""
    records, next_token = read_records(
        domain_name, profile_id, size=PAGE, after=token, action=chosen or None
    )
    return render(
        ActivityPage(
            domain_name=domain_name,
            id=profile_id,
            name=name_in(domain_name, profile_id),
            records=records,
            next_token=next_token,
            is_first=token is None,
            action=chosen,
            actions=(("", "Everything"), *ACTIONS.items()),
        )
    )


@blueprint.get(f"{ONE}/activity/<record_id>")
def show_record(domain_name: str, profile_id: str, record_id: str) -> Response:
    """One record with what was there."""
    told = ask(
        "GetProfileHistoryRecord", DomainName=domain_name, ProfileId=profile_id, Id=record_id
    )
    record, content = _record(told), told.get("Content")
    facts = None
    if content is not None:
        facts = tuple((words_of(path), text) for path, text in flat(json.loads(content)))
    title = f"{record.said}: {record.type_label}"
    if wants_part():
        return render(RecordPart(title=title, facts=facts))
    return render(
        RecordPage(title=title, domain_name=domain_name, id=profile_id, record=record, facts=facts)
    )


@blueprint.get(f"{ONE}/field")
def show_field(domain_name: str, profile_id: str) -> Response:
    """Where the value of the field `path` came from."""
    path = request.args.get("path", "")
    told = ask("DescribeProfile", DomainName=domain_name, ProfileId=profile_id)
    found = next((field for field in told["Fields"] if field["Path"] == path), None)
    origin: Mapping[str, Any] = (found or {}).get("Origin") or {}
    listed = ask(
        "ListFieldChanges",
        DomainName=domain_name,
        ProfileId=told["ProfileId"],
        Path=path,
        MaxResults=CHANGES_SHOWN,
    )
    may_undo = might("UndoProfileUpdate")
    story = Story(
        domain_name=domain_name,
        id=told["ProfileId"],
        source=origin.get("ObjectTypeName"),
        priority=origin.get("SourcePriority"),
        source_time=origin.get("SourceTime"),
        written_at=origin.get("WrittenAt"),
        changes=tuple(_change(item, may_undo=may_undo) for item in listed["Items"]),
        has_more=listed["HasMore"],
    )
    kind = FieldPart if wants_part() else FieldPage
    return render(kind(title=label_of_field(path), story=story))


@blueprint.post(f"{ONE}/activity/<record_id>/undo")
def undo(domain_name: str, profile_id: str, record_id: str) -> Response:
    """Take an edit back."""
    try:
        answer = ask(
            "UndoProfileUpdate", DomainName=domain_name, ProfileId=profile_id, Id=record_id
        )
    except BadRequest as error:
        flash(error.message, "error")
    else:
        left = len(answer["LeftFields"])
        more = f" {left} of its fields were written since and stay." if left else ""
        flash(f"The edit is undone.{more}", "success")
    return see_other(url_for(".show", domain_name=domain_name, profile_id=profile_id))


def read_records(
    domain_name: str,
    profile_id: str,
    *,
    size: int,
    after: str | None = None,
    action: str | None = None,
) -> tuple[tuple[Record, ...], str | None]:
    """Some records, the newest first, and where the next ones begin."""
    answer = ask(
        "ListProfileHistoryRecords",
        DomainName=domain_name,
        ProfileId=profile_id,
        MaxResults=size,
        NextToken=after,
        ActionType=action,
    )
    return tuple(map(_record, answer["ProfileHistoryRecords"])), answer.get("NextToken")


def _record(told: Mapping[str, Any]) -> Record:
    type_name = told["ObjectTypeName"]
    return Record(
        id=told["Id"],
        said=label_of_action(told["ActionType"], type_name),
        type_name=type_name,
        type_label=label_of_type(type_name),
        at=told["CreatedAt"],
        by=(told.get("PerformedBy") or "").rpartition("/")[2] or "the service",
    )


def _change(item: Mapping[str, Any], *, may_undo: bool) -> Change:
    return Change(
        record=_record(item),
        value=_text(item["Value"]),
        before=_text(item["ValueBefore"]),
        can_be_undone=may_undo and item["IsUpdate"],
    )


def _text(value: Any) -> str | None:
    return None if value is None else text_of(value)
