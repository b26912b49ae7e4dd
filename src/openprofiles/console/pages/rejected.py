"""Rejected objects: why they were, fixed by hand, tried again, or given up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from flask import Blueprint, Response, flash, request, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.pages.rejected_fixing import DocumentField, fields_of, fixed, pretty
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest, ResourceNotFound

PAGE = 50
TRIED_AT_ONCE = 100
CALLS_AT_ONCE = 5
"""How many batches are tried again before the page says how far it is."""

blueprint = Blueprint("rejected", __name__)
ENTRIES = (Entry(area=Area.DATA_IN, label="Rejected", icon="problem", endpoint="rejected.index"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What was rejected of a type for a reason."""

    object_type: str
    text: str
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A rejected object; `document` is None in lists."""

    id: str
    object_type: str
    reason: str
    at: datetime
    size: int
    tries: int
    tried_at: datetime | None
    document: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedPage(Page):
    """The rejected objects of a domain: by reason, and those of the chosen ones."""

    template: ClassVar[str] = "rejected/index.html"
    files: ClassVar[tuple[str, ...]] = ("data_in.css",)

    title: str = "Rejected objects"
    """What the page is called."""
    domain_name: str
    """The domain."""
    reasons: tuple[Reason, ...]
    """All types and reasons, the most frequent first."""
    total: int
    """How many objects there are, whatever the reason."""
    types: tuple[tuple[str, str], ...]
    """The types that have some, to choose one or all."""
    texts: tuple[tuple[str, str], ...]
    """The reasons, to choose one or all."""
    object_type: str
    """The type that was chosen; nothing for all."""
    reason: str
    """The reason that was chosen; nothing for all."""
    chosen: int
    """How many objects there are of the chosen type and reason."""
    items: tuple[Rejected, ...]
    """A page of those, the newest first."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""
    may_retry: bool
    """Whether they may be tried again."""
    may_drop: bool
    """Whether they may be given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedObjectPage(Page):
    """One rejected object, to be fixed."""

    template: ClassVar[str] = "rejected/object.html"
    files: ClassVar[tuple[str, ...]] = ("data_in.css",)

    domain_name: str
    """The domain."""
    item: Rejected
    """The object."""
    fields: tuple[DocumentField, ...]
    """What can be changed of it without reading JSON."""
    document: str
    """All of it, as people read JSON, or as it was typed."""
    is_typed: bool = False
    """Whether the document is what somebody typed."""
    problem: str | None = None
    """Why the changed object was not taken."""
    may_retry: bool
    """Whether it may be tried again."""
    may_drop: bool
    """Whether it may be given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryingPage(Page):
    """What trying many again has given so far; it goes on by itself."""

    template: ClassVar[str] = "rejected/retrying.html"

    title: str = "Trying rejected objects again"
    """What the page is called."""
    domain_name: str
    """The domain."""
    object_type: str
    """The type that is tried; nothing for all."""
    reason: str
    """The reason that is tried; nothing for all."""
    ingested: int
    """How many are objects now."""
    again: int
    """How many were rejected again."""
    of: int
    """How many there were when it began."""
    next_token: str | None
    """Where it goes on; None when it is done."""


@blueprint.get("/domains/<domain_name>/rejected")
def index(domain_name: str) -> Response:
    """The list."""
    object_type, reason = _chosen(request.args)
    token = request.args.get("after")
    reasons = tuple(map(_reason, ask("CountRejectedObjects", DomainName=domain_name)["Items"]))
    found = ask(
        "ListRejectedObjects",
        DomainName=domain_name,
        ObjectTypeName=object_type or None,
        Reason=reason or None,
        MaxResults=PAGE,
        NextToken=token,
    )
    page = RejectedPage(
        domain_name=domain_name,
        reasons=reasons,
        total=sum(entry.count for entry in reasons),
        types=_choices("All types", (entry.object_type for entry in reasons)),
        texts=_choices("All reasons", (entry.text for entry in reasons)),
        object_type=object_type,
        reason=reason,
        chosen=_count(reasons, object_type, reason),
        items=tuple(map(_rejected, found["Items"])),
        next_token=found.get("NextToken"),
        is_first=token is None,
        may_retry=might("RetryRejectedObjects"),
        may_drop=might("DropRejectedObjects"),
    )
    return render(page)


@blueprint.get("/domains/<domain_name>/rejected/<rejection_id>")
def show(domain_name: str, rejection_id: str) -> Response:
    """One object."""
    return render(_page_of(domain_name, rejection_id))


@blueprint.post("/domains/<domain_name>/rejected/<rejection_id>/retry")
def retry(domain_name: str, rejection_id: str) -> Response:
    """Try one again: as it is, with changed fields, or as a changed document."""
    changed = _changed(domain_name, rejection_id)
    try:
        result = ask(
            "RetryRejectedObject",
            DomainName=domain_name,
            RejectionId=rejection_id,
            Object=changed,
        )
    except BadRequest as error:
        return _still_wrong(domain_name, rejection_id, changed, plainly(error))
    if result["Result"] == "rejected":
        return _still_wrong(domain_name, rejection_id, changed, result["Reason"])
    done = {
        "created": "It made a profile",
        "attached": "It went to a profile that was there",
        "updated": "It replaced an object that was there",
    }
    flash(f"The object is ingested. {done[result['Result']]}.", "success")
    return see_other(url_for("rejected.index", domain_name=domain_name))


@blueprint.post("/domains/<domain_name>/rejected/<rejection_id>/drop")
def drop(domain_name: str, rejection_id: str) -> Response:
    """Give one up."""
    try:
        ask("DropRejectedObject", DomainName=domain_name, RejectionId=rejection_id)
    except ResourceNotFound:
        flash("The object is not among the rejected ones any more.", "error")
    else:
        flash("The object is given up.", "success")
    return see_other(url_for("rejected.index", domain_name=domain_name))


@blueprint.post("/domains/<domain_name>/rejected/retry")
def retry_many(domain_name: str) -> Response:
    """Try some batches again, and say how far that is."""
    object_type, reason = _chosen(request.form)
    reasons = tuple(map(_reason, ask("CountRejectedObjects", DomainName=domain_name)["Items"]))
    page = RetryingPage(
        domain_name=domain_name,
        object_type=object_type,
        reason=reason,
        ingested=_number("ingested"),
        again=_number("again"),
        of=_number("of") or _count(reasons, object_type, reason),
        next_token=request.form.get("token") or None,
    )
    for _ in range(CALLS_AT_ONCE):
        answer = ask(
            "RetryRejectedObjects",
            DomainName=domain_name,
            **_some(object_type, reason),
            MaxResults=TRIED_AT_ONCE,
            NextToken=page.next_token,
        )
        page = replace(
            page,
            ingested=page.ingested + answer["Ingested"],
            again=page.again + answer["RejectedAgain"],
            next_token=answer.get("NextToken"),
        )
        if page.next_token is None:
            break
    return render(page)


@blueprint.post("/domains/<domain_name>/rejected/drop")
def drop_many(domain_name: str) -> Response:
    """Give many up."""
    object_type, reason = _chosen(request.form)
    dropped, is_done = 0, False
    while not is_done:
        answer = ask("DropRejectedObjects", DomainName=domain_name, **_some(object_type, reason))
        dropped, is_done = dropped + answer["Dropped"], answer["IsDone"]
    flash(f"{dropped:,} rejected objects are given up.", "success")
    return see_other(url_for("rejected.index", domain_name=domain_name))


def _page_of(domain_name: str, rejection_id: str) -> RejectedObjectPage:
    item = _rejected(ask("GetRejectedObject", DomainName=domain_name, RejectionId=rejection_id))
    return RejectedObjectPage(
        title=f"A rejected {item.object_type}",
        domain_name=domain_name,
        item=item,
        fields=fields_of(item.document or ""),
        document=pretty(item.document or ""),
        may_retry=might("RetryRejectedObject"),
        may_drop=might("DropRejectedObject"),
    )


def _changed(domain_name: str, rejection_id: str) -> str | None:
    """The document that somebody made of it; None when it is to be tried as it is."""
    how = request.form.get("how")
    if how == "document":
        return request.form.get("document", "")
    if how == "fields":
        kept = ask("GetRejectedObject", DomainName=domain_name, RejectionId=rejection_id)
        return fixed(kept["Object"], request.form)
    return None


def _still_wrong(
    domain_name: str, rejection_id: str, changed: str | None, problem: str
) -> Response:
    """The object once more, with what was typed and why that was not taken."""
    page = _page_of(domain_name, rejection_id)
    if changed is not None:
        page = replace(
            page,
            fields=fields_of(changed),
            document=changed if request.form.get("how") == "document" else pretty(changed),
            is_typed=True,
        )
    return render(replace(page, problem=problem), status=422)


def _choices(of_all: str, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return (("", of_all), *((name, name) for name in sorted(set(names))))


def _chosen(given: Mapping[str, str]) -> tuple[str, str]:
    return given.get("type", ""), given.get("reason", "")


def _some(object_type: str, reason: str) -> dict[str, Any]:
    """Which objects are meant, as the operations want it said."""
    if not object_type and not reason:
        return {"All": True}
    return {"ObjectTypeName": object_type or None, "Reason": reason or None}


def _count(reasons: tuple[Reason, ...], object_type: str, reason: str) -> int:
    return sum(
        entry.count
        for entry in reasons
        if object_type in ("", entry.object_type) and reason in ("", entry.text)
    )


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 12 else 0


def _reason(item: Mapping[str, Any]) -> Reason:
    return Reason(
        object_type=item["ObjectTypeName"],
        text=item["Reason"],
        count=item["Count"],
        first=item["FirstRejectedAt"],
        last=item["LastRejectedAt"],
    )


def _rejected(item: Mapping[str, Any]) -> Rejected:
    return Rejected(
        id=item["RejectionId"],
        object_type=item["ObjectTypeName"],
        reason=item["Reason"],
        at=item["RejectedAt"],
        size=item["Size"],
        tries=item["Tries"],
        tried_at=item.get("TriedAt"),
        document=item.get("Object"),
    )
