"""Merges: who or what did them and why, what lost, what an undo brings back, and the undo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Blueprint, Response, flash, request, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.pages.duplicates import people
from openprofiles.console.pages.duplicates.area import FILES
from openprofiles.console.pages.duplicates.comparing import label_of, values_of
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest, ResourceNotFound

PAGE = 20
CAUSES = {
    "call": "A call of MergeProfiles",
    "review": "Somebody who reviewed a match",
    "rule": "A rule",
    "matching": "Auto-merging",
}

blueprint = Blueprint("merges", __name__)
ENTRIES = (Entry(area=Area.DUPLICATES, label="Merges", icon="merge", endpoint="merges.index"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge in a list. `name` is that of the main profile, None when it is gone."""

    id: str
    name: str | None
    merged: int
    at: datetime
    cause: str
    why: str | None
    by: str
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergesPage(Page):
    """The merges of a domain, the newest first."""

    template: ClassVar[str] = "merges/index.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Merges"
    """What the page is called."""
    domain: str
    """The domain."""
    merges: tuple[Merge, ...]
    """A page of the merges."""
    profile: str | None
    """The profile whose merges these are; None for all."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field in which the profiles differed: what the merge made of it, and what lost."""

    label: str
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePage(Page):
    """The receipt of a merge."""

    template: ClassVar[str] = "merges/merge.html"
    files: ClassVar[tuple[str, ...]] = FILES

    domain: str
    """The domain."""
    merge: Merge
    """The merge."""
    main_id: str
    """The profile that stayed."""
    merged_ids: tuple[str, ...]
    """The profiles that went into it."""
    evidence: tuple[tuple[str, str], ...]
    """What its cause says of it: terms, and what they are."""
    agreeing: tuple[tuple[str, str], ...]
    """Fields in which all agreed, and what they had."""
    lost: tuple[Difference, ...]
    """What lost."""
    objects: int
    """How many objects moved."""
    keys: int
    """How many keys moved."""
    may_undo: bool
    """Whether the person may undo it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A profile after the undo."""

    id: str
    name: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPage(Page):
    """What an undo does."""

    template: ClassVar[str] = "merges/undo.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Undo this merge?"
    """What the page is called."""
    domain: str
    """The domain."""
    merge_id: str
    """The merge."""
    main: Restored
    """The main profile as it will be."""
    restored: tuple[Restored, ...]
    """The profiles that come back."""
    stays: tuple[tuple[str, str], ...]
    """What the main profile got since the merge, and keeps."""
    moved: int
    """How many objects go back."""
    staying: int
    """How many objects stay with the main profile."""
    may_undo: bool
    """Whether the person may undo it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoUndoPage(Page):
    """Why a merge cannot be undone."""

    template: ClassVar[str] = "merges/no_undo.html"

    title: str = "This merge cannot be undone"
    """What the page is called."""
    domain: str
    """The domain."""
    merge_id: str
    """The merge."""
    reason: str
    """Why."""


@blueprint.get("/domains/<domain_name>/merges")
def index(domain_name: str) -> Response:
    """The list, of one profile where the address says so."""
    token, profile_id = request.args.get("after"), request.args.get("profile")
    found = ask(
        "ListMerges",
        DomainName=domain_name,
        ProfileId=profile_id,
        MaxResults=PAGE,
        NextToken=token,
    )
    items = found["Items"]
    profiles = people.read(domain_name, [item["MainProfileId"] for item in items])
    page = MergesPage(
        domain=domain_name,
        merges=tuple(_merge(item, profiles) for item in items),
        profile=profile_id,
        next_token=found["NextToken"],
        is_first=token is None,
    )
    return render(page)


@blueprint.get("/domains/<domain_name>/merges/<merge_id>")
def show(domain_name: str, merge_id: str) -> Response:
    """The receipt."""
    receipt = ask("GetMerge", DomainName=domain_name, MergeId=merge_id)
    profiles = people.read(domain_name, [receipt["MainProfileId"]])
    merge = _merge(receipt, profiles)
    page = MergePage(
        title=f"Merge into {merge.name}" if merge.name else "Merge",
        domain=domain_name,
        merge=merge,
        main_id=receipt["MainProfileId"],
        merged_ids=tuple(receipt["MergedProfileIds"]),
        evidence=_evidence(receipt),
        agreeing=tuple(
            (_label(path), str(value)) for path, value in receipt["AgreeingValues"].items()
        ),
        lost=tuple(
            Difference(label=_label(path), lost=tuple(dict.fromkeys(map(str, values.values()))))
            for path, values in receipt["LostValues"].items()
        ),
        objects=receipt["MovedObjectCount"],
        keys=receipt["MovedKeyCount"],
        may_undo=might("UndoMerge"),
    )
    return render(page)


@blueprint.get("/domains/<domain_name>/merges/<merge_id>/undo")
def preview_undo(domain_name: str, merge_id: str) -> Response:
    """What an undo would do."""
    try:
        preview = ask("PreviewUndoMerge", DomainName=domain_name, MergeId=merge_id)
    except (BadRequest, ResourceNotFound) as error:
        return _cannot(domain_name, merge_id, error)
    page = UndoPage(
        domain=domain_name,
        merge_id=merge_id,
        main=_restored(preview["MainProfile"]),
        restored=tuple(map(_restored, preview["RestoredProfiles"])),
        stays=tuple(
            (_label(path), str(value)) for path, value in sorted(preview["ValuesSince"].items())
        ),
        moved=preview["MovedObjectCount"],
        staying=preview["StayingObjectCount"],
        may_undo=might("UndoMerge"),
    )
    return render(page)


@blueprint.post("/domains/<domain_name>/merges/<merge_id>/undo")
def undo(domain_name: str, merge_id: str) -> Response:
    """Take it back."""
    try:
        ask("UndoMerge", DomainName=domain_name, MergeId=merge_id)
    except (BadRequest, ResourceNotFound) as error:
        return _cannot(domain_name, merge_id, error)
    flash(
        "The merge is undone. Rules and runs leave these profiles apart; you may still merge them.",
        "success",
    )
    return see_other(url_for("merges.show", domain_name=domain_name, merge_id=merge_id))


def _cannot(domain_name: str, merge_id: str, error: BadRequest | ResourceNotFound) -> Response:
    page = NoUndoPage(domain=domain_name, merge_id=merge_id, reason=plainly(error))
    return render(page, status=error.status)


def _merge(item: Mapping[str, Any], profiles: Mapping[str, people.Profile]) -> Merge:
    main = profiles.get(item["MainProfileId"])
    return Merge(
        id=item["MergeId"],
        name=people.name_of(main) if main else None,
        merged=len(item["MergedProfileIds"]),
        at=item["MergedAt"],
        cause=CAUSES[item["Cause"]],
        why=_why(item["CauseDetail"]),
        by=item["Principal"],
        undone_at=item["UndoneAt"],
        undone_by=item["UndoneBy"],
    )


def _why(detail: Mapping[str, Any]) -> str | None:
    """Why, in a few words."""
    if detail.get("RuleLevel") is not None:
        return f"Rule level {detail['RuleLevel']}"
    if detail.get("ConfidenceScore") is not None:
        return f"{detail['ConfidenceScore']:.1%} sure"
    return None


def _evidence(receipt: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What the cause says: rule, model, score, values."""
    names = {
        "RuleLevel": "Rule level",
        "Attributes": "Attributes of the rule",
        "ConfidenceScore": "Confidence",
        "Criterion": "Criterion of auto-merging",
        "ModelVersion": "Model",
        "JobId": "Run",
        "MatchId": "Match",
    }
    detail = receipt["CauseDetail"]
    shown = [
        (label, _as_text(detail[name]))
        for name, label in names.items()
        if detail.get(name) is not None
    ]
    values = detail.get("AgreeingValues") or {}
    shown += [(f"Agreed in {_label(path)}", str(value)) for path, value in values.items()]
    return tuple(shown)


def _as_text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2%}"
    return (
        ", ".join(map(str, value))
        if isinstance(value, Sequence) and not isinstance(value, str)
        else str(value)
    )


def _label(path: str) -> str:
    """What a field of a profile is called; a line of an address has its place."""
    group, _, rest = path.partition(".")
    if rest and group != "Attributes":
        return f"{label_of(group)}, {rest}"
    return label_of(path)


def _restored(profile: people.Profile) -> Restored:
    return Restored(
        id=profile["ProfileId"],
        name=people.name_of(profile),
        fields=tuple((label_of(field), text) for field, text in values_of(profile).items()),
    )
