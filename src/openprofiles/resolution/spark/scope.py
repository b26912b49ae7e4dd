"""What stands after FROM, with the names under which a query speaks of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from openprofiles.resolution.spark import syntax
from openprofiles.resolution.spark.frames import Frame
from openprofiles.resolution.spark.syntax import Node, Unsupported


@dataclass(frozen=True, slots=True)
class Scope:
    """A frame whose columns come from tables named `owners`, one for each column."""

    frame: Frame
    owners: tuple[str, ...]
    hidden: frozenset[int] = frozenset()
    """Places of columns that USING has joined with another: only their full name finds them."""

    @classmethod
    def of(cls, frame: Frame, name: str) -> "Scope":
        """One table."""
        return cls(frame, (name,) * len(frame.columns))

    def find(self, names: Sequence[str]) -> int | None:
        """The place of `column` or `table.column`. Raises Unsupported when there are several."""
        *owner, name = names
        found = [
            place
            for place, column in enumerate(self.frame.columns)
            if column.name == name
            and ([self.owners[place]] == owner if owner else place not in self.hidden)
        ]
        if len(found) > 1:
            raise Unsupported(f"several columns are called {'.'.join(names)}")
        return found[0] if found else None

    def bound(self, expression: Node) -> Node:
        """The expression over the columns' places. Raises Unsupported for an unknown name."""

        def change(node: Node) -> Node | None:
            if node["class"] == "SUBQUERY":
                raise Unsupported("a query inside an expression")
            if node["class"] != "COLUMN_REF":
                return None
            place = self.find(node["column_names"])
            if place is None:
                raise Unsupported(f"no column is called {'.'.join(node['column_names'])}")
            return syntax.column(place) | {"alias": node["alias"]}

        bound: Node = syntax.replaced(expression, change)
        return bound

    def knows(self, expression: Node) -> bool:
        """Whether every column that the expression names is here."""
        return all(
            self.find(node["column_names"]) is not None for node in syntax.references(expression)
        )

    def expanded(self, items: Sequence[Node]) -> Iterator[tuple[str, Node]]:
        """What a SELECT list gives: names, and expressions over the columns' places."""
        for item in items:
            if item["class"] == "STAR":
                yield from self._star(item)
                continue
            named = item["column_names"][-1] if item["class"] == "COLUMN_REF" else ""
            yield item["alias"] or named, self.bound(item)

    def _star(self, item: Node) -> Iterator[tuple[str, Node]]:
        more = set(item) - {"class", "type", "alias", "relation_name"}
        if any(item[name] for name in more):
            raise Unsupported("a star with conditions")
        for place, column in enumerate(self.frame.columns):
            wanted = item["relation_name"] in {"", self.owners[place]}
            if wanted and place not in self.hidden:
                yield column.name, syntax.column(place)


Tables = Mapping[str, Frame]
