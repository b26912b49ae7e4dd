"""The objects of a customer and their standard records: as tables, not as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response, flash, request, url_for

from openprofiles.console.pages.customers.area import FILES, ONE, blueprint
from openprofiles.console.pages.customers.fields import text_of
from openprofiles.console.pages.customers.naming import label_of_type, name_of, words_of
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.visit import ask, see_other

PAGE = 20
COLUMNS_SHOWN = 4
LONGEST_CELL = 60

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "_asset": ("AssetName", "SerialNumber", "Status", "PurchaseDate"),
    "_case": ("Title", "Status", "CreatedDate", "ClosedDate"),
    "_communicationRecord": ("Channel", "LastEventType", "CreatedDate", "UpdatedDate"),
    "_order": ("Name", "Status", "TotalPrice", "CreatedDate"),
}
"""What stands in the table of a type; of others, what comes first in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One object: cells of the table, and all that is in it."""

    key: str
    cells: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Some objects of one type, the newest first, as a table."""

    type_name: str
    title: str
    count: int | None
    columns: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    next_token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectsPage(Page):
    """The objects of one type of a customer."""

    template: ClassVar[str] = "customers/objects.html"
    files: ClassVar[tuple[str, ...]] = FILES

    domain_name: str
    """The domain."""
    id: str
    """The profile's id."""
    name: str
    """What the customer is called."""
    listing: Listing
    """A page of the objects."""
    is_first: bool
    """Whether nothing comes before."""
    may_delete: bool
    """Whether to offer deleting them: standard records go with what feeds them."""


@blueprint.get(f"{ONE}/objects/<type_name>")
def list_objects(domain_name: str, profile_id: str, type_name: str) -> Response:
    """A page of them."""
    token = request.args.get("after")
    listing = read_listing(domain_name, profile_id, type_name, size=PAGE, after=token)
    return render(
        ObjectsPage(
            title=listing.title,
            domain_name=domain_name,
            id=profile_id,
            name=name_in(domain_name, profile_id),
            listing=listing,
            is_first=token is None,
            may_delete=not type_name.startswith("_") and might("DeleteProfileObject"),
        )
    )


@blueprint.post(f"{ONE}/objects/<type_name>/delete")
def delete_object(domain_name: str, profile_id: str, type_name: str) -> Response:
    """Delete one object."""
    ask(
        "DeleteProfileObject",
        DomainName=domain_name,
        ProfileId=profile_id,
        ObjectTypeName=type_name,
        ProfileObjectUniqueKey=request.form.get("key", ""),
    )
    flash("The object is deleted. Fields that it gave stay.", "success")
    address = url_for(
        ".list_objects", domain_name=domain_name, profile_id=profile_id, type_name=type_name
    )
    return see_other(address)


def name_in(domain_name: str, profile_id: str) -> str:
    """What a customer is called; their id when the profile is gone."""
    answer = ask("BatchGetProfile", DomainName=domain_name, ProfileIds=[profile_id])
    return name_of(answer["Profiles"][0]) if answer["Profiles"] else profile_id


def read_listing(
    domain_name: str,
    profile_id: str,
    type_name: str,
    *,
    size: int,
    after: str | None = None,
    count: int | None = None,
) -> Listing:
    """Some objects of a type."""
    answer = ask(
        "ListProfileObjects",
        DomainName=domain_name,
        ProfileId=profile_id,
        ObjectTypeName=type_name,
        MaxResults=size,
        NextToken=after,
    )
    contents = [
        (item["ProfileObjectUniqueKey"], dict(flat(json.loads(item["Object"]))))
        for item in answer["Items"]
    ]
    paths = _columns(type_name, [content for _, content in contents])
    return Listing(
        type_name=type_name,
        title=label_of_type(type_name),
        count=count,
        columns=tuple((words_of(path), "") for path in paths),
        items=tuple(
            Item(
                key=key,
                cells=tuple(_short(content.get(path, "")) for path in paths),
                facts=tuple((words_of(path), text) for path, text in content.items()),
            )
            for key, content in contents
        ),
        next_token=answer.get("NextToken"),
    )


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The values inside a document, each with its path; empty ones are left out."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from flat(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for place, inner in enumerate(value, 1):
            yield from flat(inner, f"{path} {place}" if path else str(place))
    elif value not in (None, ""):
        yield path or "Value", text_of(value)


def _columns(type_name: str, contents: list[dict[str, str]]) -> tuple[str, ...]:
    """The paths that stand in the table: those of the type that any has, else the commonest."""
    counts: dict[str, int] = {}
    for content in contents:
        for path in content:
            counts[path] = counts.get(path, 0) + 1
    wanted = tuple(path for path in COLUMNS.get(type_name, ()) if path in counts)
    if wanted:
        return wanted
    often = sorted(counts, key=lambda path: -counts[path])
    return tuple(often[:COLUMNS_SHOWN])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
