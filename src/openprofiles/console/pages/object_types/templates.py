"""The gallery of templates: what each maps, and making a type from one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response, flash, request, url_for

from openprofiles.console.pages.object_types.area import FILES, blueprint
from openprofiles.console.pages.object_types.listing import find_type
from openprofiles.console.pages.object_types.words import (
    RECORDS,
    FieldLine,
    KeyLine,
    field_lines,
    key_lines,
)
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCard:
    """A template in the gallery; `fills` is what its fields go to, with how many of them do."""

    id: str
    object: str
    fills: tuple[tuple[str, int], ...]
    keys: tuple[str, ...]
    creates: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryPage(Page):
    """All templates that objects can be put through, by where they come from."""

    template: ClassVar[str] = "object_types/gallery.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Templates"
    """What the page is called."""
    domain: str
    """The domain that a type would be made in."""
    sources: tuple[tuple[str, tuple[TemplateCard, ...]], ...]
    """Sources, with their templates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePage(Page):
    """One template, and the form to make a type of it."""

    template: ClassVar[str] = "object_types/template.html"
    files: ClassVar[tuple[str, ...]] = FILES

    domain: str
    """The domain that a type would be made in."""
    id: str
    """The template."""
    source: str
    """What its objects come from, in words."""
    creates: bool
    """Whether its objects make profiles."""
    fields: tuple[FieldLine, ...]
    """What it maps."""
    keys: tuple[KeyLine, ...]
    """Its keys."""
    may_change: bool
    """Whether a type may be made."""
    name: str
    """The name that was typed for the type; at first the template's."""
    description: str
    """The description that was typed."""
    problem: str | None = None
    """Why the type could not be made."""


@blueprint.get("/domains/<domain_name>/object-type-templates")
def gallery(domain_name: str) -> Response:
    """The gallery."""
    ask("GetDomain", DomainName=domain_name)
    sources: dict[str, list[TemplateCard]] = {}
    for item in ask("ListProfileObjectTypeTemplates")["Items"]:
        # Those with an underscore show a standard object; nothing can be put through them.
        if not item["TemplateId"].startswith("_"):
            found = ask("GetProfileObjectTypeTemplate", TemplateId=item["TemplateId"])
            sources.setdefault(found["SourceName"], []).append(_card(found))
    page = GalleryPage(
        domain=domain_name,
        sources=tuple((source, tuple(cards)) for source, cards in sorted(sources.items())),
    )
    return render(page)


@blueprint.get("/domains/<domain_name>/object-type-templates/<template_id>")
def template(domain_name: str, template_id: str) -> Response:
    """One template."""
    ask("GetDomain", DomainName=domain_name)
    return _template(domain_name, template_id, name=template_id, description="")


@blueprint.post("/domains/<domain_name>/object-type-templates/<template_id>")
def make(domain_name: str, template_id: str) -> Response:
    """Make a type of a template; one that is there already stays as it is."""
    name = request.form.get("name", "").strip()
    description = request.form.get("description", "").strip()
    try:
        require_new(domain_name, name)
        ask(
            "PutProfileObjectType",
            DomainName=domain_name,
            ObjectTypeName=name,
            Description=description,
            TemplateId=template_id,
        )
    except BadRequest as error:
        return _template(
            domain_name, template_id, name=name, description=description, problem=plainly(error)
        )
    flash(f"Object type {name} is made.", "success")
    return see_other(url_for("object_types.show", domain_name=domain_name, name=name))


def require_new(domain_name: str, name: str) -> None:
    """Pass when no type of the domain is called so; BadRequest otherwise."""
    if find_type(domain_name, name) is not None:
        raise BadRequest(f"There is an object type {name} already")


def _template(
    domain_name: str, template_id: str, *, name: str, description: str, problem: str | None = None
) -> Response:
    found = ask("GetProfileObjectTypeTemplate", TemplateId=template_id)
    source = f"{found['SourceObject']} of {found['SourceName']}"
    page = TemplatePage(
        title=template_id,
        domain=domain_name,
        id=template_id,
        source=source,
        creates=bool(found.get("AllowProfileCreation")),
        fields=field_lines(found["Fields"]),
        keys=key_lines(found["Keys"]),
        may_change=might("PutProfileObjectType"),
        name=name,
        description=description or source,
        problem=problem,
    )
    return render(page, status=200 if problem is None else 422)


def _card(found: Mapping[str, Any]) -> TemplateCard:
    fills: dict[str, int] = {}
    for field in found["Fields"].values():
        if field.get("Target"):
            name = field["Target"].partition(".")[0]
            fills[RECORDS.get(name, name)] = fills.get(RECORDS.get(name, name), 0) + 1
    return TemplateCard(
        id=found["TemplateId"],
        object=found["SourceObject"],
        fills=tuple(fills.items()),
        keys=tuple(found["Keys"]),
        creates=bool(found.get("AllowProfileCreation")),
    )
