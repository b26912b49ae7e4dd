"""A graph in columns: what is left leads to what is right of it. The layout follows the order of
what is given, so the same data is the same picture.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP = 250, 40, 14
BETWEEN = 90
MARGIN = 8
LONGEST = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What is drawn as a box: with a kind for the stylesheet, and an address to open, if any."""

    id: str
    kind: str
    label: str
    detail: str = ""
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A node at its place."""

    node: Node
    x: int
    y: int
    label: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A line between two boxes, as a path of SVG."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """All of it; `width` and `height` are those of the viewBox, the others of each box."""

    width: int
    height: int
    box_width: int
    box_height: int
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]


def graph(columns: Sequence[Sequence[Node]], edges: Iterable[tuple[str, str, str]]) -> Graph:
    """The drawing of columns of nodes, with edges (id, id, kind) between nodes that are drawn."""
    tallest = max(map(len, columns))
    height = MARGIN * 2 + tallest * HEIGHT + (tallest - 1) * GAP
    boxes = [box for place, column in enumerate(columns) for box in _column(column, place, height)]
    by_id = {box.node.id: box for box in boxes}
    return Graph(
        width=MARGIN * 2 + len(columns) * WIDTH + (len(columns) - 1) * BETWEEN,
        height=height,
        box_width=WIDTH,
        box_height=HEIGHT,
        boxes=tuple(boxes),
        edges=tuple(
            Edge(path=_path(by_id[start], by_id[end]), kind=kind)
            for start, end, kind in edges
            if start in by_id and end in by_id
        ),
    )


def _column(nodes: Sequence[Node], place: int, height: int) -> Iterable[Box]:
    """The boxes of a column, in the middle of the height."""
    tall = len(nodes) * HEIGHT + (len(nodes) - 1) * GAP
    top = (height - tall) // 2
    for row, node in enumerate(nodes):
        yield Box(
            node=node,
            x=MARGIN + place * (WIDTH + BETWEEN),
            y=top + row * (HEIGHT + GAP),
            label=_short(node.label),
            detail=_short(node.detail),
        )


def _path(start: Box, end: Box) -> str:
    if start.x == end.x:
        # Within a column: a line along its left side.
        return f"M{start.x + 6} {start.y + HEIGHT}V{end.y}"
    x, y = start.x + WIDTH, start.y + HEIGHT // 2
    to_x, to_y = end.x, end.y + HEIGHT // 2
    middle = (x + to_x) // 2
    return f"M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
