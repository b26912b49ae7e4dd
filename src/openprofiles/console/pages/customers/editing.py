"""Editing the fields of a customer in place: a section at a time, and nothing that somebody else
changed meanwhile is written over unseen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from flask import Response, abort, flash, request, url_for

from openprofiles.console.pages.customers.area import FILES, ONE, blueprint
from openprofiles.console.pages.customers.fields import (
    ATTRIBUTES,
    SECTIONS,
    Section,
    sections_of,
    text_of,
)
from openprofiles.console.pages.customers.naming import label_of_field
from openprofiles.console.rendering import Page, render, wants_part
from openprofiles.console.rights import might
from openprofiles.console.saying import by_member, plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest

NEW_ATTRIBUTES = 2
"""Empty lines for attributes that are not there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A field of the form: what is typed, and what was there when the form was opened."""

    path: str
    label: str
    text: str
    was: str
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A section of a customer that is being edited."""

    domain_name: str
    id: str
    section_id: str
    title: str
    inputs: tuple[Input, ...]
    additions: tuple[tuple[str, str], ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPage(Page):
    """The form of a section."""

    template: ClassVar[str] = "customers/edit.html"
    files: ClassVar[tuple[str, ...]] = FILES

    form: Form
    """The form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPart(Page):
    """The same in the card."""

    template: ClassVar[str] = "customers/edit_part.html"

    form: Form
    """The form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPart(Page):
    """A section as it is shown, after an edit or when it was left."""

    template: ClassVar[str] = "customers/section.html"

    domain_name: str
    """The domain."""
    id: str
    """The profile's id."""
    section: Section
    """The section."""
    undo: str | None
    """The record of the edit that was just made."""
    may_edit: bool
    """Whether to offer changing it."""


@blueprint.get(f"{ONE}/sections/<section_id>")
def show_section(domain_name: str, profile_id: str, section_id: str) -> Response:
    """A section as it is; without scripts, the customer."""
    if not wants_part():
        return see_other(_address(domain_name, profile_id))
    return _show_section(domain_name, profile_id, section_id, undo=None)


@blueprint.get(f"{ONE}/sections/<section_id>/edit")
def edit(domain_name: str, profile_id: str, section_id: str) -> Response:
    """The form."""
    current = _current(domain_name, profile_id)
    inputs = tuple(
        Input(
            path=path,
            label=label_of_field(path),
            text=current.get(path, ""),
            was=current.get(path, ""),
        )
        for path in _paths(section_id, current)
    )
    additions = (("", ""),) * NEW_ATTRIBUTES if section_id == ATTRIBUTES else ()
    form = Form(
        domain_name=domain_name,
        id=profile_id,
        section_id=section_id,
        title=_title(section_id),
        inputs=inputs,
        additions=additions,
    )
    return _show_form(form)


@blueprint.post(f"{ONE}/sections/<section_id>/edit")
def save(domain_name: str, profile_id: str, section_id: str) -> Response:
    """Write what was changed; show the form again when that cannot be."""
    current = _current(domain_name, profile_id)
    form = _filled_in(domain_name, profile_id, section_id, current)
    form = _noting_conflicts(form, current)
    if any(given.problem for given in form.inputs):
        return _show_form(form, status=409)
    changed = {given.path: given.text for given in form.inputs if given.text != given.was}
    changed |= {f"{ATTRIBUTES}.{name}": text for name, text in form.additions if name and text}
    if not changed:
        return _saved(domain_name, profile_id, section_id, undo=None)
    try:
        ask("UpdateProfile", DomainName=domain_name, ProfileId=profile_id, **_nested(changed))
    except BadRequest as error:
        return _show_form(_noting(form, error), status=422)
    listed = ask(
        "ListProfileHistoryRecords",
        DomainName=domain_name,
        ProfileId=profile_id,
        ObjectTypeName="_profile",
        MaxResults=1,
    )
    record_id = listed["ProfileHistoryRecords"][0]["Id"]
    return _saved(domain_name, profile_id, section_id, undo=record_id)


def _saved(domain_name: str, profile_id: str, section_id: str, *, undo: str | None) -> Response:
    if wants_part():
        return _show_section(domain_name, profile_id, section_id, undo=undo)
    if undo is not None:
        flash("The change is saved.", "success")
    return see_other(_address(domain_name, profile_id, undo=undo))


def _address(domain_name: str, profile_id: str, *, undo: str | None = None) -> str:
    return url_for(".show", domain_name=domain_name, profile_id=profile_id, undo=undo)


def _show_section(
    domain_name: str, profile_id: str, section_id: str, *, undo: str | None
) -> Response:
    told = ask("DescribeProfile", DomainName=domain_name, ProfileId=profile_id)
    section = next((one for one in sections_of(told["Fields"]) if one.id == section_id), None)
    if section is None:
        abort(404)
    return render(
        SectionPart(
            title=section.title,
            domain_name=domain_name,
            id=profile_id,
            section=section,
            undo=undo,
            may_edit=might("UpdateProfile"),
        )
    )


def _show_form(form: Form, *, status: int = 200) -> Response:
    kind = EditPart if wants_part() else EditPage
    return render(kind(title=form.title, form=form), status=status)


def _current(domain_name: str, profile_id: str) -> dict[str, str]:
    """The fields as they are: path -> text."""
    told = ask("DescribeProfile", DomainName=domain_name, ProfileId=profile_id)
    return {field["Path"]: text_of(field["Value"]) for field in told["Fields"]}


def _title(section_id: str) -> str:
    if section_id == ATTRIBUTES:
        return "Attributes"
    if section_id not in SECTIONS:
        abort(404)
    return SECTIONS[section_id][0]


def _paths(section_id: str, current: Mapping[str, str]) -> Sequence[str]:
    if section_id == ATTRIBUTES:
        return sorted(path for path in current if path.startswith(f"{ATTRIBUTES}."))
    _title(section_id)
    return SECTIONS[section_id][1]


def _filled_in(
    domain_name: str, profile_id: str, section_id: str, current: Mapping[str, str]
) -> Form:
    """The form as it was sent."""
    sent = request.form
    paths = _paths(section_id, current)
    if section_id == ATTRIBUTES:
        # What somebody else has deleted meanwhile is still in the form.
        given = (name.removeprefix("was.") for name in sent if name.startswith("was.Attributes."))
        paths = list(dict.fromkeys([*given, *paths]))
    return Form(
        domain_name=domain_name,
        id=profile_id,
        section_id=section_id,
        title=_title(section_id),
        inputs=tuple(
            Input(
                path=path,
                label=label_of_field(path),
                text=sent.get(path, current.get(path, "")).strip(),
                was=sent.get(f"was.{path}", current.get(path, "")),
            )
            for path in paths
        ),
        additions=tuple(
            (name.strip(), text.strip())
            for name, text in zip(sent.getlist("new_name"), sent.getlist("new_text"), strict=False)
        ),
    )


def _noting_conflicts(form: Form, current: Mapping[str, str]) -> Form:
    """The form, with what somebody else changed meanwhile said beside what was typed."""

    def noted(given: Input) -> Input:
        now = current.get(given.path, "")
        if given.text == given.was or given.was == now or given.text == now:
            return given
        said = f"Changed meanwhile to “{now}”" if now else "Deleted meanwhile"
        return replace(given, was=now, problem=f"{said}. Save again to write over it.")

    return replace(form, inputs=tuple(map(noted, form.inputs)))


def _noting(form: Form, error: BadRequest) -> Form:
    """The form, with what is wrong said beside its field."""
    found = by_member(error)
    inputs = []
    for given in form.inputs:
        path = given.path.lower()
        own = {member: rule for member, rule in found.items() if _is_of(member.lower(), path)}
        inputs.append(replace(given, problem="; ".join(own.values()) or None))
        for member in own:
            del found[member]
    rest = "; ".join(f"{member}: {rule}" for member, rule in found.items())
    if not rest and not any(given.problem for given in inputs):
        rest = plainly(error)
    return replace(form, inputs=tuple(inputs), problem=rest or None)


def _is_of(member: str, path: str) -> bool:
    return member == path or member.startswith(f"{path}.")


def _nested(changed: Mapping[str, str]) -> dict[str, Any]:
    """Paths and texts as members of UpdateProfile: an empty text removes a value."""
    members: dict[str, Any] = {}
    for path, text in changed.items():
        member, _, rest = path.partition(".")
        if rest:
            members.setdefault(member, {})[rest] = text
        else:
            members[member] = text
    return members
