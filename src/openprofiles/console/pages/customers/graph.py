"""The identity of a customer as a picture: which sources gave which values that lead to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Response, url_for

from openprofiles.console.charts.graph import Graph, Node, graph
from openprofiles.console.pages.customers.area import FILES, ONE, blueprint
from openprofiles.console.pages.customers.naming import label_of_key, label_of_type, name_of
from openprofiles.console.pages.customers.person import profile_of
from openprofiles.console.rendering import Page, render
from openprofiles.console.visit import ask

MOST_KEYS, MOST_SOURCES, MOST_FORMER = 14, 12, 8
LONGEST_VALUE = 200

PERSON, FIELDS, ADDED, MORE = "person", "fields", "added", "more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the picture as a sentence: what leads where."""

    source: str
    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphPage(Page):
    """The picture, and the same as a table."""

    template: ClassVar[str] = "customers/graph.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Identity"
    """What the page is called."""
    domain_name: str
    """The domain."""
    id: str
    """The profile's id."""
    name: str
    """What the customer is called."""
    drawing: Graph
    """The picture."""
    lines: tuple[Line, ...]
    """The same in words."""
    former_ids: tuple[str, ...]
    """The ids of profiles that were merged into this one."""
    key_count: int
    """How many values lead to the profile."""
    shown_keys: int
    """How many of them are in the picture."""


@blueprint.get(f"{ONE}/graph")
def show_graph(domain_name: str, profile_id: str) -> Response:
    """The picture."""
    told = ask("DescribeProfile", DomainName=domain_name, ProfileId=profile_id)
    keys = told["Keys"][:MOST_KEYS]
    name, former = name_of(profile_of(told)), tuple(told["FormerProfileIds"])
    return render(
        GraphPage(
            domain_name=domain_name,
            id=told["ProfileId"],
            name=name,
            drawing=_drawing(domain_name, told, name),
            lines=tuple(line for held in keys for line in _lines(held)),
            former_ids=former,
            key_count=told["KeyCount"],
            shown_keys=len(keys),
        )
    )


def _drawing(domain_name: str, told: Mapping[str, Any], name: str) -> Graph:
    """Sources on the left, values in the middle, the profile and its former ids on the right."""
    profile_id, keys = told["ProfileId"], told["Keys"][:MOST_KEYS]
    edges: list[tuple[str, str, str]] = []
    sources: dict[str, Node] = {}
    middle: list[Node] = []
    for place, held in enumerate(keys):
        id = f"key-{place}"
        middle.append(_key_node(domain_name, id, held))
        edges.append((id, PERSON, "key"))
        for source in _sources(domain_name, profile_id, held, told["ObjectCounts"]):
            sources.setdefault(source.id, source)
            edges.append((source.id, id, "source"))
    hidden = told["KeyCount"] - len(keys)
    if hidden:
        middle.append(Node(id=MORE, kind="more", label=f"{hidden:,} more values"))
        edges.append((MORE, PERSON, "key"))
    right = [Node(id=PERSON, kind="person", label=name, detail=profile_id)]
    for former in told["FormerProfileIds"][:MOST_FORMER]:
        right.append(Node(id=former, kind="former", label="Merged profile", detail=former))
        edges.append((PERSON, former, "former"))
    return graph([list(sources.values())[:MOST_SOURCES], middle, right], edges)


def _key_node(domain_name: str, id: str, held: Mapping[str, Any]) -> Node:
    value = held["Value"].replace("\x1f", " · ")
    address = url_for(".index", domain_name=domain_name, q=value[:LONGEST_VALUE])
    return Node(
        id=id, kind="key", label=value, detail=label_of_key(held["KeyName"]), address=address
    )


def _sources(
    domain_name: str, profile_id: str, held: Mapping[str, Any], counts: Mapping[str, int]
) -> list[Node]:
    found = []
    for group in held["Objects"]:
        name = group["ObjectTypeName"]
        address = url_for(
            ".list_objects", domain_name=domain_name, profile_id=profile_id, type_name=name
        )
        total = counts.get(name, 0)
        detail = f"{total:,} object" if total == 1 else f"{total:,} objects"
        found.append(
            Node(
                id=f"type-{name}",
                kind="object",
                label=label_of_type(name),
                detail=detail,
                address=address,
            )
        )
    if held["IsOfFields"]:
        found.append(Node(id=FIELDS, kind="fields", label="Fields of the profile"))
    if held["IsAdded"]:
        found.append(Node(id=ADDED, kind="fields", label="Added by hand"))
    return found


def _lines(held: Mapping[str, Any]) -> list[Line]:
    sources = [
        f"{label_of_type(group['ObjectTypeName'])} ({group['ObjectCount']:,})"
        for group in held["Objects"]
    ]
    if held["IsOfFields"]:
        sources.append("Fields of the profile")
    if held["IsAdded"]:
        sources.append("Added by hand")
    label, value = label_of_key(held["KeyName"]), held["Value"].replace("\x1f", " · ")
    return [Line(source=source, key=label, value=value) for source in sources]
