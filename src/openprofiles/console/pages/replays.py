"""Replays: the stored objects of a type go through its changed mapping, first to see, then for
real.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Blueprint, Response, flash, request, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.pages.job_kinds import STATES
from openprofiles.console.pages.object_type_names import names_of
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest

PAGE = 50
blueprint = Blueprint("replays", __name__)
ENTRIES = (Entry(area=Area.DATA_IN, label="Replays", icon="again", endpoint="replays.index"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An object that changes: its key, its profile before and after, and in what."""

    key: str
    profile_id: str | None
    former_id: str | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A replay and what it has found so far; `state` is a word and its kind of badge."""

    id: str
    object_type: str
    is_dry_run: bool
    state: tuple[str, str]
    message: str | None
    is_running: bool
    is_done: bool
    total: int
    objects: int
    unchanged: int
    changed: int
    rejected: int
    moved: int
    created: int
    emptied: int
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaysPage(Page):
    """The replays of a domain, and the form to begin one."""

    template: ClassVar[str] = "replays/index.html"

    title: str = "Replays"
    """What the page is called."""
    domain_name: str
    """The domain."""
    replays: tuple[Replay, ...]
    """A page of the replays, the newest first."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""
    types: tuple[tuple[str, str], ...]
    """The object types, to choose one."""
    object_type: str
    """The type that was chosen."""
    may_start: bool
    """Whether one may be begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPage(Page):
    """One replay."""

    template: ClassVar[str] = "replays/replay.html"
    files: ClassVar[tuple[str, ...]] = ("data_in.css",)

    domain_name: str
    """The domain."""
    replay: Replay
    """The replay."""
    tables: tuple[tuple[str, str, tuple[tuple[str, int], ...]], ...]
    """What changes, counted: a title, what the names are, and names with numbers of objects."""
    examples: tuple[Example, ...]
    """Some of the objects that change."""
    may_start: bool
    """Whether one may be begun."""
    may_stop: bool
    """Whether it may be stopped."""


@blueprint.get("/domains/<domain_name>/replays")
def index(domain_name: str) -> Response:
    """The list."""
    token = request.args.get("after")
    found = ask("ListReplays", DomainName=domain_name, MaxResults=PAGE, NextToken=token)
    page = ReplaysPage(
        domain_name=domain_name,
        replays=tuple(map(_replay, found["Items"])),
        next_token=found.get("NextToken"),
        is_first=token is None,
        types=tuple((name, name) for name in names_of(domain_name)),
        object_type=request.args.get("type", ""),
        may_start=might("StartReplay"),
    )
    return render(page)


@blueprint.post("/domains/<domain_name>/replays")
def start(domain_name: str) -> Response:
    """Begin one; one of the same kind that is under way is shown instead."""
    object_type = request.form.get("type", "")
    try:
        begun = ask(
            "StartReplay",
            DomainName=domain_name,
            ObjectTypeName=object_type,
            DryRun=request.form.get("how") != "real",
        )
    except BadRequest as error:
        flash(f"{plainly(error)}.", "error")
        return see_other(url_for("replays.index", domain_name=domain_name, type=object_type))
    return see_other(url_for("replays.show", domain_name=domain_name, replay_id=begun["ReplayId"]))


@blueprint.get("/domains/<domain_name>/replays/<replay_id>")
def show(domain_name: str, replay_id: str) -> Response:
    """One replay."""
    found = ask("GetReplay", DomainName=domain_name, ReplayId=replay_id)
    replay = _replay(found)
    page = ReplayPage(
        title=f"{'Dry run' if replay.is_dry_run else 'Replay'} of {replay.object_type}",
        domain_name=domain_name,
        replay=replay,
        tables=_tables(found),
        examples=tuple(map(_example, found["Examples"])),
        may_start=might("StartReplay"),
        may_stop=might("StopReplay"),
    )
    return render(page)


@blueprint.post("/domains/<domain_name>/replays/<replay_id>/stop")
def stop(domain_name: str, replay_id: str) -> Response:
    """End one after the batch at hand."""
    ask("StopReplay", DomainName=domain_name, ReplayId=replay_id)
    flash("The replay is stopped. What it has done stays.", "success")
    return see_other(url_for("replays.show", domain_name=domain_name, replay_id=replay_id))


def _tables(
    found: Mapping[str, Any],
) -> tuple[tuple[str, str, tuple[tuple[str, int], ...]], ...]:
    kinds = (
        ("Fields that change", "Field", "Fields"),
        ("Keys that come", "Key", "KeysAdded"),
        ("Keys that go", "Key", "KeysDropped"),
        ("Objects that cannot be mapped, and stay as they are", "Why", "Reasons"),
    )
    return tuple(
        (title, label, tuple(sorted(found[member].items(), key=lambda item: -item[1])))
        for title, label, member in kinds
        if found[member]
    )


def _replay(item: Mapping[str, Any]) -> Replay:
    return Replay(
        id=item["ReplayId"],
        object_type=item["ObjectTypeName"],
        is_dry_run=item["DryRun"],
        state=STATES[item["Status"]],
        message=item.get("Message"),
        is_running=item["Status"] == "RUNNING",
        is_done=item["Status"] == "COMPLETED",
        total=item["Total"],
        objects=item["Objects"],
        unchanged=item["Unchanged"],
        changed=item["Changed"],
        rejected=item["Rejected"],
        moved=item["Moved"],
        created=item["ProfilesCreated"],
        emptied=item["ProfilesEmptied"],
        started_at=item["StartedAt"],
        ended_at=item.get("EndedAt"),
    )


def _example(item: Any) -> Example:
    return Example(
        key=item.ProfileObjectUniqueKey,
        profile_id=item.ProfileId,
        former_id=item.FormerProfileId,
        names=(*item.Fields, *item.Keys),
    )
