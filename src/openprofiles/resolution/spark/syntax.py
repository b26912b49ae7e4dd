"""SQL as a tree and back, both by DuckDB's own parser: what a query means is never guessed."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb

Node = dict[str, Any]

_OF_PLACE = frozenset({"query_location", "query_location_length"})


class Unsupported(Exception):
    """A query says something that is not spread over a cluster; the text says what."""


class Syntax:
    """Reads and writes queries with a connection's parser."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._from_batch = self.read("select 1 from batch")
        self._from_query = self.read("select 1 from (select 1) as inside")

    def read(self, query: str) -> Node:
        """The tree of one query. Raises Unsupported for what is no SELECT."""
        found = self._connection.execute("select json_serialize_sql(?)", [query]).fetchall()
        parsed = json.loads(found[0][0])
        if parsed["error"]:
            raise Unsupported(parsed["error_message"])
        node: Node = _without_places(parsed["statements"][0]["node"])
        return node

    def select(self, items: Sequence[Node], inside: Node | None, where: Node | None) -> Node:
        """SELECT `items` as c0, c1, … FROM `batch`, or from what is `inside`."""
        node = dict(self._from_batch if inside is None else self._from_query)
        node["select_list"] = [item | {"alias": f"c{place}"} for place, item in enumerate(items)]
        node["where_clause"] = where
        if inside is not None:
            table = node["from_table"]
            node["from_table"] = table | {"subquery": table["subquery"] | {"node": inside}}
        return node

    def write(self, node: Node) -> str:
        """The text of a tree."""
        tree = {"error": False, "statements": [{"node": node, "named_param_map": []}]}
        found = self._connection.execute(
            "select json_deserialize_sql(?::json)", [json.dumps(tree)]
        ).fetchall()
        text: str = found[0][0]
        return text


def _without_places(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _without_places(part) for name, part in tree.items() if name not in _OF_PLACE}
    return [_without_places(part) for part in tree] if isinstance(tree, list) else tree


def column(place: int) -> Node:
    """The column at a place."""
    return {
        "class": "COLUMN_REF",
        "type": "COLUMN_REF",
        "alias": "",
        "column_names": [f"c{place}"],
    }


def place_of(node: Node) -> int | None:
    """The place of a node that `column` made, as it stands or under an alias."""
    if node["class"] != "COLUMN_REF":
        return None
    return int(node["column_names"][0][1:])


def is_same(one: Node, other: Node) -> bool:
    """Whether two expressions are the same, whatever they are called."""
    return one | {"alias": ""} == other | {"alias": ""}


def nodes(tree: Any) -> Iterator[Node]:
    """Every expression in a tree, the outer ones first."""
    if isinstance(tree, dict):
        if "class" in tree:
            yield tree
        for part in tree.values():
            yield from nodes(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from nodes(part)


def references(tree: Any) -> Iterator[Node]:
    """Every column that a tree names."""
    return (node for node in nodes(tree) if node["class"] == "COLUMN_REF")


def replaced(tree: Any, change: Callable[[Node], Node | None]) -> Any:
    """The tree with what `change` makes of expressions; where it makes None, parts are looked
    at.
    """
    if isinstance(tree, list):
        return [replaced(part, change) for part in tree]
    if not isinstance(tree, dict):
        return tree
    changed = change(tree) if "class" in tree else None
    if changed is not None:
        return changed
    return {name: replaced(part, change) for name, part in tree.items()}


def selected(entry: Node, items: Sequence[Node]) -> Node | None:
    """The one of a SELECT's `items` that a number or an alias stands for."""
    if entry["class"] == "CONSTANT":
        return items[int(entry["literal"]["text"]) - 1]
    if entry["class"] != "COLUMN_REF":
        return None
    return next((item for item in items if [item["alias"]] == entry["column_names"]), None)


def conjuncts(condition: Node | None) -> list[Node]:
    """The conditions that AND joins."""
    if condition is None:
        return []
    if condition["type"] == "CONJUNCTION_AND":
        return [part for child in condition["children"] for part in conjuncts(child)]
    return [condition]
