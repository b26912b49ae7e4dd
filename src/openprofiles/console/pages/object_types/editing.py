"""The editor of mappings: a form that is looked at anew whenever something in it changes, and saved
once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from flask import Response, flash, request, url_for

from openprofiles.console.pages.object_types import draft as drafts
from openprofiles.console.pages.object_types.area import FILES, blueprint
from openprofiles.console.pages.object_types.draft import Draft
from openprofiles.console.pages.object_types.listing import counts_of, find_type
from openprofiles.console.pages.object_types.sample import NotASample, read_sample
from openprofiles.console.pages.object_types.templates import require_new
from openprofiles.console.pages.object_types.view import (
    DraftView,
    look_at,
    predefined_keys,
    targets,
)
from openprofiles.console.rendering import Page, render, wants_part
from openprofiles.console.rights import might
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, person, see_other
from openprofiles.core.errors import BadRequest, ResourceNotFound

LONGEST_SAMPLE = 250_000
"""Characters of a file that are read: a sample is its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorPage(Page):
    """The editor."""

    template: ClassVar[str] = "object_types/editor.html"
    files: ClassVar[tuple[str, ...]] = FILES

    domain: str
    """The domain that the type is of."""
    view: DraftView
    """The draft, and what it makes of its sample."""
    targets: tuple[tuple[str, tuple[str, ...]], ...]
    """The standard objects, with all that fields may target."""
    known_keys: tuple[str, ...]
    """The names of the keys that every domain has."""
    may_change: bool
    """Whether it may be saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPart(Page):
    """What of the editor changes with the draft."""

    template: ClassVar[str] = "object_types/draft.html"

    title: str = "Mapping"
    """What the part is called."""
    domain: str
    """The domain that the type is of."""
    view: DraftView
    """The draft, and what it makes of its sample."""
    may_change: bool
    """Whether it may be saved."""


@blueprint.get("/domains/<domain_name>/new-object-type")
def new(domain_name: str) -> Response:
    """The editor for a new type."""
    ask("GetDomain", DomainName=domain_name)
    return _show(domain_name, drafts.empty())


@blueprint.get("/domains/<domain_name>/object-types/<name>/edit")
def edit(domain_name: str, name: str) -> Response:
    """The editor for a type that is there, or for a template that nobody has defined."""
    found, original = find_type(domain_name, name), name
    if found is None:
        found, original = ask("GetProfileObjectTypeTemplate", TemplateId=name), ""
    draft = drafts.from_type(found, name=name, original=original)
    return _show(domain_name, replace(draft, sample=_rejected(domain_name) or draft.sample))


def _rejected(domain_name: str) -> str | None:
    """The rejected object that the address names, to see what the mapping makes of it; None
    without one, and for one that is not there any more.
    """
    rejection_id = request.args.get("rejected")
    if rejection_id is None:
        return None
    try:
        found = ask("GetRejectedObject", DomainName=domain_name, RejectionId=rejection_id)
    except (BadRequest, ResourceNotFound):
        return None
    document: str = found["Object"]
    return document


@blueprint.post("/domains/<domain_name>/object-type-draft")
def work(domain_name: str) -> Response:
    """Do what was pressed with the draft, or save it."""
    draft = drafts.from_form(request.form)
    file = request.files.get("file")
    if file is not None and file.filename:
        text = file.read(LONGEST_SAMPLE).decode("utf-8", "replace")
        draft = replace(draft, sample=text)
    if request.form.get("do") == "save":
        return _save(domain_name, draft)
    return _show(domain_name, _done(domain_name, draft, request.form.get("do", "")))


def _done(domain_name: str, draft: Draft, what: str) -> Draft:
    """The draft after what was pressed: `read`, `own`, `add-field`, `remove-key-2`, …; as it is
    for anything else.
    """
    act, _, rest = what.partition("-")
    kind, _, number = rest.partition("-")
    if what == "read":
        return _read(domain_name, draft)
    if what == "own" and draft.template:
        return _own(draft)
    if act == "add" and kind in ("field", "key"):
        return draft.with_one_more(kind)
    if act == "remove" and kind in ("field", "key") and number.isdecimal():
        return draft.without(kind, int(number))
    return draft


def _read(domain_name: str, draft: Draft) -> Draft:
    """With what the sample has; without it when there is none, which the page then says."""
    try:
        records = read_sample(draft.sample).records
        found = ask("DetectProfileObjectType", DomainName=domain_name, Objects=list(records))
    except (NotASample, BadRequest):
        return draft
    for detected in found["DetectedProfileObjectTypes"]:
        draft = draft.with_found(detected)
    return draft


def _own(draft: Draft) -> Draft:
    """With the mapping of its template as a mapping of its own."""
    found = ask("GetProfileObjectTypeTemplate", TemplateId=draft.template)
    own = drafts.from_type({**found, "TemplateId": None}, name=draft.name, original=draft.original)
    texts = {**own.texts, "EncryptionKey": draft.texts["EncryptionKey"]}
    return replace(
        draft, template="", creates=own.creates, fields=own.fields, keys=own.keys, texts=texts
    )


def _save(domain_name: str, draft: Draft) -> Response:
    definition, problems = draft.definition()
    tags, of_tags = draft.tags_given()
    if problems or of_tags:
        return _show(domain_name, draft, refusal=(*problems, *of_tags)[0][1])
    try:
        if not draft.original:
            require_new(domain_name, draft.name)
        ask(
            "PutProfileObjectType",
            DomainName=domain_name,
            ObjectTypeName=draft.original or draft.name,
            Description=draft.description,
            Tags=tags or None,
            **definition,
        )
        if draft.original:
            _change_tags(domain_name, draft.original, tags)
    except BadRequest as error:
        return _show(domain_name, draft, refusal=plainly(error))
    name = draft.original or draft.name
    flash(_saved(domain_name, name), "success")
    return see_other(url_for("object_types.show", domain_name=domain_name, name=name))


def _saved(domain_name: str, name: str) -> str:
    """What to know after saving: what is there already stays as it was mapped."""
    count = (counts_of(domain_name, most=1) or {}).get(name)
    if count is None:
        return f"Object type {name} is saved: objects can be put now."
    return (
        f"Object type {name} is saved, for objects that come from now on. Those that are there stay"
        " as they were mapped; a replay maps them once more."
    )


def _change_tags(domain_name: str, name: str, wanted: Mapping[str, str]) -> None:
    """PutProfileObjectType leaves the tags of a type that is there alone."""
    found = ask("GetProfileObjectType", DomainName=domain_name, ObjectTypeName=name)
    current = found.get("Tags") or {}
    caller = person().caller
    arn = (
        f"arn:aws:profile:{caller.region}:{caller.account_id}"
        f":domains/{domain_name}/object-types/{name}"
    )
    gone = sorted(current.keys() - wanted.keys())
    changed = {key: value for key, value in wanted.items() if current.get(key) != value}
    if gone:
        ask("UntagResource", resourceArn=arn, tagKeys=gone)
    if changed:
        ask("TagResource", resourceArn=arn, tags=changed)


def _show(domain_name: str, draft: Draft, refusal: str | None = None) -> Response:
    shown: dict[str, Any] = {
        "domain": domain_name,
        "view": look_at(domain_name, draft, refusal),
        "may_change": might("PutProfileObjectType"),
    }
    if wants_part():
        return render(DraftPart(**shown))
    page = EditorPage(
        title=f"Change {draft.original}" if draft.original else "New object type",
        targets=targets(),
        known_keys=predefined_keys(),
        **shown,
    )
    return render(page, status=200 if refusal is None else 422)
