"""One object type: its mapping as tables, and as JSON for those who want it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Response, url_for

from openprofiles.console.pages.object_types.area import FILES, blueprint
from openprofiles.console.pages.object_types.listing import Count, counts_of, find_type
from openprofiles.console.pages.object_types.words import (
    FieldLine,
    KeyLine,
    field_lines,
    key_lines,
)
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.visit import ask
from openprofiles.core.errors import ResourceNotFound

MOST_COUNTED = 1_000_000
DEFINING = (
    "Description",
    "TemplateId",
    "AllowProfileCreation",
    "ExpirationDays",
    "SourceLastUpdatedTimestampFormat",
    "SourcePriority",
    "MaxProfileObjectCount",
    "EncryptionKey",
    "Fields",
    "Keys",
)
"""Members that PutProfileObjectType takes, in the order that they are shown in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeView:
    """A type as it is shown; `is_implicit` is a template that nobody has defined in the domain."""

    name: str
    description: str
    template: str | None
    is_implicit: bool
    creates: bool
    expiration_days: int | None
    time_format: str | None
    priority: int | None
    most_objects: int | None
    encryption_key: str | None
    tags: Mapping[str, str]
    created_at: datetime | None
    updated_at: datetime | None
    fields: tuple[FieldLine, ...]
    keys: tuple[KeyLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypePage(Page):
    """One object type."""

    template: ClassVar[str] = "object_types/type.html"
    files: ClassVar[tuple[str, ...]] = FILES

    domain: str
    """The domain that it is of."""
    type: TypeView
    """The type."""
    count: Count | None
    """How many objects it has; None for who may not see it."""
    document: str
    """Its definition as JSON."""
    may_change: bool
    """Whether it may be changed."""
    may_delete: bool
    """Whether it may be deleted."""
    replays: str | None
    """Where objects that are there are mapped once more; None for who may not."""


@blueprint.get("/domains/<domain_name>/object-types/<name>")
def show(domain_name: str, name: str) -> Response:
    """One type."""
    found, is_implicit = find_type(domain_name, name), False
    if found is None:
        found, is_implicit = _implicit(domain_name, name), True
    counts = counts_of(domain_name, most=MOST_COUNTED)
    page = TypePage(
        title=name,
        domain=domain_name,
        type=_view(name, found, is_implicit=is_implicit),
        count=None if counts is None else counts.get(name, Count(number=0, is_exact=True)),
        document=json.dumps(
            {member: found[member] for member in DEFINING if found.get(member) is not None},
            indent=2,
            ensure_ascii=False,
        ),
        may_change=might("PutProfileObjectType"),
        may_delete=might("DeleteProfileObjectType"),
        replays=(
            url_for("replays.index", domain_name=domain_name, type=name)
            if might("StartReplay")
            else None
        ),
    )
    return render(page)


def _implicit(domain_name: str, name: str) -> Mapping[str, Any]:
    """The template of that name, which objects can be put through; ResourceNotFound for none."""
    ask("GetDomain", DomainName=domain_name)
    if name.startswith("_"):
        raise ResourceNotFound(f"Profile object type {name} not found in domain {domain_name}")
    return ask("GetProfileObjectTypeTemplate", TemplateId=name)


def _view(name: str, found: Mapping[str, Any], *, is_implicit: bool) -> TypeView:
    return TypeView(
        name=name,
        description=found.get("Description") or "",
        template=found.get("TemplateId"),
        is_implicit=is_implicit,
        creates=bool(found.get("AllowProfileCreation")),
        expiration_days=found.get("ExpirationDays"),
        time_format=found.get("SourceLastUpdatedTimestampFormat"),
        priority=found.get("SourcePriority"),
        most_objects=found.get("MaxProfileObjectCount"),
        encryption_key=found.get("EncryptionKey"),
        tags=found.get("Tags") or {},
        created_at=found.get("CreatedAt"),
        updated_at=found.get("LastUpdatedAt"),
        fields=field_lines(found["Fields"]),
        keys=key_lines(found["Keys"]),
    )
