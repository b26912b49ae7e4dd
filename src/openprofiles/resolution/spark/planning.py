"""A query's plan over a cluster: Spark joins, groups and sorts out; DuckDB computes every
expression.

So a query means to the letter what it means on DuckDB alone: only equality, sums, counts, bits and
extremes of plain values are left to Spark. What a query says beyond that is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column as SparkColumn
from pyspark.sql import Window
from pyspark.sql import functions as F  # noqa: N812  as everybody calls them

from openprofiles.resolution.spark import joining, syntax
from openprofiles.resolution.spark.frames import Column, Frame, Frames
from openprofiles.resolution.spark.scope import Scope, Tables
from openprofiles.resolution.spark.syntax import Node, Unsupported

_AGGREGATES: dict[str, Callable[[SparkColumn], SparkColumn]] = {
    "count": F.count,
    "sum": F.sum,
    "min": F.min,
    "max": F.max,
    "bit_or": F.bit_or,
    "bool_or": F.bool_or,
}


class Planner:
    """Makes frames of queries."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._aggregates = frames.aggregates()
        self._one = frames.syntax.read("select 1")["select_list"][0]

    def plan(self, node: Node, tables: Tables) -> Frame:
        """What a query gives. Raises Unsupported."""
        known = dict(tables)
        for entry in node["cte_map"]["map"]:
            found = self.plan(entry["value"]["query_node"], known)
            if entry["value"]["materialized"] == "CTE_MATERIALIZE_ALWAYS":
                found = self._frames.checkpointed(found)
            known[entry["key"]] = found
        if node["type"] == "SET_OPERATION_NODE":
            return self._union(node, known)
        if node["type"] != "SELECT_NODE":
            raise Unsupported(f"a {node['type']}")
        return self._select(node, known)

    def _union(self, node: Node, tables: Tables) -> Frame:
        if node["setop_type"] != "UNION" or not node["setop_all"] or node["modifiers"]:
            raise Unsupported(f"a {node['setop_type']} that is no plain UNION ALL")
        found = [self.plan(child, tables) for child in node["children"]]
        types = self._frames.common_types([frame.columns for frame in found])
        alike = [self._frames.settled(self._frames.cast(frame, types)) for frame in found]
        data = reduce(lambda one, other: one.union(other), (frame.data for frame in alike))
        return Frame.of(data, alike[0].columns)

    def _select(self, node: Node, tables: Tables) -> Frame:
        if node["sample"] or node["qualify"] or len(node["group_sets"]) > 1:
            raise Unsupported("SAMPLE, QUALIFY or several groupings")
        kinds = [modifier["type"] for modifier in node["modifiers"]]
        if kinds not in ([], ["DISTINCT_MODIFIER"]):
            raise Unsupported(f"inside: {', '.join(kinds)}")
        scope = self._from(node["from_table"], tables, _wanted(node))
        items = list(scope.expanded(node["select_list"]))
        names = [name for name, _ in items]
        expressions = [expression for _, expression in items]
        where = node["where_clause"] and scope.bound(node["where_clause"])
        groups = [self._group(entry, node, scope) for entry in node["group_expressions"]]
        having = node["having"] and scope.bound(node["having"])
        if groups or any(map(self._is_aggregate, syntax.nodes(expressions))):
            frame = self._grouped(scope.frame, groups, expressions, where, having)
        elif any(part["class"] == "WINDOW" for part in syntax.nodes(expressions)):
            frame = self._windowed(scope.frame, expressions, where)
        else:
            frame = self._frames.project(scope.frame, expressions, where)
        if kinds:
            settled = self._frames.settled(frame)
            frame = Frame.of(settled.data.distinct(), settled.columns)
        return frame.named(names)

    def _from(self, node: Node, tables: Tables, wanted: set[str] | None) -> Scope:
        if node["type"] == "JOIN":
            left, right = (self._from(node[side], tables, wanted) for side in ("left", "right"))
            return joining.join(self._frames, node, left, right)
        if node.get("column_name_alias") or node["sample"]:
            raise Unsupported("a table with other names for its columns, or a sample")
        if node["type"] == "SUBQUERY":
            return Scope.of(self.plan(node["subquery"]["node"], tables), node["alias"])
        if node["type"] != "BASE_TABLE" or node["table_name"] not in tables:
            raise Unsupported(f"FROM {node['type']} {node.get('table_name', '')}")
        frame = tables[node["table_name"]]
        if wanted is not None:
            frame = self._pruned(frame, wanted)
        return Scope.of(frame, node["alias"] or node["table_name"])

    def _pruned(self, frame: Frame, wanted: set[str]) -> Frame:
        kept = [place for place, column in enumerate(frame.columns) if column.name in wanted]
        if not kept or len(kept) == len(frame.columns):
            return frame
        names = [frame.columns[place].name for place in kept]
        return self._frames.project(frame, [syntax.column(place) for place in kept]).named(names)

    def _group(self, entry: Node, node: Node, scope: Scope) -> Node:
        """One expression of GROUP BY: a number or an alias stands for one that is selected."""
        chosen = syntax.selected(entry, node["select_list"])
        if chosen is None or (entry["class"] == "COLUMN_REF" and scope.knows(entry)):
            chosen = entry
        return scope.bound(chosen)

    def _is_aggregate(self, node: Node) -> bool:
        return node["class"] == "FUNCTION" and node["function_name"] in self._aggregates

    def _grouped(
        self,
        frame: Frame,
        groups: Sequence[Node],
        expressions: Sequence[Node],
        where: Node | None,
        having: Node | None,
    ) -> Frame:
        given = list(groups)
        found: list[_Call] = []

        def change(node: Node) -> Node | None:
            for place, group in enumerate(groups):
                if syntax.is_same(node, group):
                    return syntax.column(place) | {"alias": node["alias"]}
            if self._is_aggregate(node):
                found.append(_Call.of(node, node["filter"], given))
                return syntax.column(len(groups) + len(found) - 1) | {"alias": node["alias"]}
            if node["class"] == "COLUMN_REF":
                raise Unsupported("a column that is neither grouped by nor aggregated")
            return None

        after, last = syntax.replaced(list(expressions), change), syntax.replaced(having, change)
        if given or where is not None:
            frame = self._frames.project(frame, given or [self._one], where)
        before = self._frames.settled(frame)
        sums = [call.column().alias(f"c{number}") for number, call in enumerate(found, len(groups))]
        keys = [F.col(f"c{place}") for place in range(len(groups))]
        data = (
            before.data.groupBy(*keys).agg(*sums) if sums else before.data.select(*keys).distinct()
        )
        columns = [
            *before.columns[: len(groups)],
            *(self._summed(call, before) for call in found),
        ]
        return self._frames.project(Frame.of(data, columns), after, last)

    def _summed(self, call: "_Call", frame: Frame) -> Column:
        """The column that an aggregate gives."""
        place = call.argument
        given = "*" if place is None else f"null::{frame.columns[place].type}"
        return self._frames.columns_of(f"select {call.name}({given}) as c")[0]

    def _windowed(self, frame: Frame, expressions: Sequence[Node], where: Node | None) -> Frame:
        width = len(frame.columns)
        given = [syntax.column(place) for place in range(width)]
        found: list[tuple[_Call, list[int]]] = []

        def change(node: Node) -> Node | None:
            if node["class"] != "WINDOW":
                return None
            if node["type"] != "WINDOW_AGGREGATE" or node["orders"]:
                raise Unsupported("a window with an order")
            call = _Call.of(node, node["filter_expr"], given)
            found.append((call, [_added(part, given) for part in node["partitions"]]))
            # Numbered behind what `given` will have at the end.
            return syntax.column(-len(found)) | {"alias": node["alias"]}

        after = syntax.replaced(list(expressions), change)
        before = self._frames.settled(self._frames.project(frame, given, where))
        data, columns = before.data, list(before.columns)
        for number, (call, parts) in enumerate(found, len(given)):
            window = Window.partitionBy(*(F.col(f"c{place}") for place in parts))
            data = data.withColumn(f"c{number}", call.column().over(window))
            columns.append(self._summed(call, before))

        def settle(node: Node) -> Node | None:
            place = syntax.place_of(node)
            if place is None or place >= 0:
                return None
            return syntax.column(len(given) - place - 1) | {"alias": node["alias"]}

        return self._frames.project(Frame.of(data, columns), syntax.replaced(after, settle))


def _added(expression: Node, given: list[Node]) -> int:
    """The place of an expression among those to compute first."""
    for place, other in enumerate(given):
        if syntax.is_same(expression, other):
            return place
    given.append(expression)
    return len(given) - 1


@dataclass(frozen=True, slots=True)
class _Call:
    """A call of an aggregate: the places of what it is about (None for rows) and of what says
    which rows count (None for all).
    """

    name: str
    argument: int | None
    condition: int | None

    @classmethod
    def of(cls, node: Node, condition: Node | None, given: list[Node]) -> "_Call":
        """The call that a query makes; `given` gets what has to be computed first."""
        name, arguments = node["function_name"], node["arguments"]
        if name not in {*_AGGREGATES, "count_star"}:
            raise Unsupported(f"the aggregate {name}")
        if node["distinct"] or len(arguments) > 1:
            raise Unsupported("an aggregate with DISTINCT or several arguments")
        return cls(
            "count" if name == "count_star" else name,
            _added(arguments[0]["expression"], given) if arguments else None,
            None if condition is None else _added(condition, given),
        )

    def column(self) -> SparkColumn:
        """The same for Spark."""
        value = F.lit(1) if self.argument is None else F.col(f"c{self.argument}")
        if self.condition is not None:
            value = F.when(F.col(f"c{self.condition}"), value)
        return _AGGREGATES[self.name](value)


def _wanted(node: Node) -> set[str] | None:
    """The names of the columns that a SELECT reads; None for all."""
    if any(item["class"] == "STAR" for item in node["select_list"]):
        return None
    names: set[str] = set()
    tables = [node["from_table"]]
    while tables:
        table = tables.pop()
        if table["type"] == "JOIN":
            names.update(table["using_columns"])
            names.update(n["column_names"][-1] for n in syntax.references(table["condition"]))
            tables += [table["left"], table["right"]]
    parts = [node[part] for part in ("select_list", "where_clause", "group_expressions", "having")]
    return names | {found["column_names"][-1] for found in syntax.references(parts)}
