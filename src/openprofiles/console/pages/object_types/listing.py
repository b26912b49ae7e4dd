"""The list of object types, and deleting one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Response, flash, request, url_for

from openprofiles.console.pages.object_types.area import FILES, blueprint
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import AccessDenied, ResourceNotFound

PAGE = 20
MOST_COUNTED = 20_000
"""Objects of a type that the list counts: more would make it slow, and it says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many objects a type has; at least so many unless `is_exact`."""

    number: int
    is_exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRow:
    """One object type of the list; `template` is None for a mapping of one's own or unknown."""

    name: str
    description: str
    template: str | None
    count: Count | None
    sources: tuple[str, ...]
    updated_at: datetime
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypesPage(Page):
    """The object types of a domain."""

    template: ClassVar[str] = "object_types/index.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Object types"
    """What the page is called."""
    domain: str
    """The domain they are of."""
    types: tuple[TypeRow, ...]
    """A page of them, by name."""
    implicit: tuple[tuple[str, Count], ...]
    """Templates that objects were put through without a definition, on the first page."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""
    may_change: bool
    """Whether one may be made."""


@blueprint.get("/domains/<domain_name>/object-types")
def index(domain_name: str) -> Response:
    """The list."""
    token = request.args.get("after")
    found = ask("ListProfileObjectTypes", DomainName=domain_name, MaxResults=PAGE, NextToken=token)
    counts = counts_of(domain_name, most=MOST_COUNTED)
    sources = _sources(domain_name)
    rows = tuple(_row(domain_name, item, counts, sources) for item in found["Items"])
    page = TypesPage(
        domain=domain_name,
        types=rows,
        implicit=_implicit(domain_name, counts) if token is None else (),
        next_token=found.get("NextToken"),
        is_first=token is None,
        may_change=might("PutProfileObjectType"),
    )
    return render(page)


@blueprint.post("/domains/<domain_name>/object-types/<name>/delete")
def delete(domain_name: str, name: str) -> Response:
    """Delete a type, with all that came through it."""
    ask("DeleteProfileObjectType", DomainName=domain_name, ObjectTypeName=name)
    flash(f"Object type {name} is deleted, with its objects.", "success")
    return see_other(url_for("object_types.index", domain_name=domain_name))


def counts_of(domain_name: str, *, most: int) -> Mapping[str, Count] | None:
    """How many objects each type has, up to `most`; None for who may not see it."""
    try:
        found = ask("CountProfileObjects", DomainName=domain_name, AtMost=most)
    except AccessDenied:
        return None
    return {
        item["ObjectTypeName"]: Count(number=item["ObjectCount"], is_exact=item["IsExact"])
        for item in found["Items"]
    }


def _row(
    domain_name: str,
    item: Mapping[str, Any],
    counts: Mapping[str, Count] | None,
    sources: Mapping[str, list[str]],
) -> TypeRow:
    name = item["ObjectTypeName"]
    return TypeRow(
        name=name,
        description=item["Description"],
        # It can be gone since the list was read.
        template=(find_type(domain_name, name) or {}).get("TemplateId"),
        count=None if counts is None else counts.get(name, Count(number=0, is_exact=True)),
        sources=tuple(sources.get(name, ())),
        updated_at=item["LastUpdatedAt"],
        tags=item["Tags"] or {},
    )


def _sources(domain_name: str) -> Mapping[str, list[str]]:
    """Type -> the integrations that bring its objects; none for who may not see them."""
    try:
        found = ask("ListIntegrations", DomainName=domain_name, MaxResults=100)["Items"]
    except AccessDenied:
        return {}
    sources: dict[str, list[str]] = {}
    for item in found:
        for name in names_of(item):
            sources.setdefault(name, []).append(item["Uri"].rpartition("/")[2])
    return sources


def names_of(integration: Mapping[str, Any]) -> Iterable[str]:
    """The object types that an integration feeds."""
    names = {*(integration.get("ObjectTypeNames") or {}).values()}
    return {*names, integration["ObjectTypeName"]} if integration.get("ObjectTypeName") else names


def _implicit(
    domain_name: str, counts: Mapping[str, Count] | None
) -> tuple[tuple[str, Count], ...]:
    """Templates with objects that nobody has defined in the domain."""
    templates = {item["TemplateId"] for item in ask("ListProfileObjectTypeTemplates")["Items"]}
    return tuple(
        (name, count)
        for name, count in (counts or {}).items()
        if name in templates and find_type(domain_name, name) is None
    )


def find_type(domain_name: str, name: str) -> Mapping[str, Any] | None:
    """A type that was defined, None when there is none."""
    try:
        return ask("GetProfileObjectType", DomainName=domain_name, ObjectTypeName=name)
    except ResourceNotFound:
        return None
