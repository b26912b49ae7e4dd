"""Joins: the keys are computed by DuckDB, the rows brought together by Spark."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import and_, ge, gt, le, lt, ne

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812  as everybody calls them

from openprofiles.resolution.spark import syntax
from openprofiles.resolution.spark.frames import Frame, Frames
from openprofiles.resolution.spark.scope import Scope
from openprofiles.resolution.spark.syntax import Node, Unsupported

_HOW = {"INNER": "inner", "LEFT": "left", "SEMI": "left_semi", "ANTI": "left_anti"}
_ONE_SIDED = frozenset({"left_semi", "left_anti"})
_COMPARED: dict[str, Callable[[SparkColumn, SparkColumn], SparkColumn]] = {
    "COMPARE_LESSTHAN": lt,
    "COMPARE_LESSTHANOREQUALTO": le,
    "COMPARE_GREATERTHAN": gt,
    "COMPARE_GREATERTHANOREQUALTO": ge,
    "COMPARE_NOTEQUAL": ne,
}


def join(frames: Frames, node: Node, left: Scope, right: Scope) -> Scope:
    """Both sides of a JOIN as one. Raises Unsupported."""
    if node["ref_type"] == "CROSS":
        return _joined(frames, left, right, [], "cross", [])
    how = _HOW.get(node["join_type"])
    if how is None or node["ref_type"] != "REGULAR":
        raise Unsupported(f"a join of kind {node['ref_type']} {node['join_type']}")
    if node["using_columns"]:
        return _using(frames, node["using_columns"], left, right, how)
    keys: list[tuple[Node, Node]] = []
    rest: list[Node] = []
    for condition in syntax.conjuncts(node["condition"]):
        pair = _key(condition, left, right)
        if pair is None:
            rest.append(condition)
        else:
            keys.append(pair)
    if not keys or (rest and how != "inner"):
        raise Unsupported("a join on something else than equal keys")
    return _joined(frames, left, right, keys, how, rest)


def _using(frames: Frames, names: Sequence[str], left: Scope, right: Scope, how: str) -> Scope:
    places = [(left.find([name]), right.find([name])) for name in names]
    keys = [
        (syntax.column(mine), syntax.column(theirs))
        for mine, theirs in places
        if mine is not None and theirs is not None
    ]
    if len(keys) < len(places):
        raise Unsupported("USING a column that is not in both tables")
    joined = _joined(frames, left, right, keys, how, [])
    if how in _ONE_SIDED:
        return joined
    theirs = {len(left.owners) + place for _, place in places if place is not None}
    return Scope(joined.frame, joined.owners, joined.hidden | theirs)


def _key(condition: Node, left: Scope, right: Scope) -> tuple[Node, Node] | None:
    """What must be equal of the left and of the right, when the condition says so."""
    if condition["type"] != "COMPARE_EQUAL":
        return None
    sides = condition["left"], condition["right"]
    for mine, theirs in (sides, sides[::-1]):
        if left.knows(mine) and right.knows(theirs):
            return left.bound(mine), right.bound(theirs)
    return None


def _joined(
    frames: Frames,
    left: Scope,
    right: Scope,
    keys: Sequence[tuple[Node, Node]],
    how: str,
    rest: Sequence[Node],
) -> Scope:
    mine, my_keys = _with_keys(frames, left.frame, [key for key, _ in keys])
    theirs, their_keys = _with_keys(frames, right.frame, [key for _, key in keys])
    for one, other in zip(my_keys, their_keys, strict=True):
        kinds = mine.columns[one], theirs.columns[other]
        if kinds[0].type != kinds[1].type and not all(kind.is_integer for kind in kinds):
            raise Unsupported(f"a join of a {kinds[0].type} with a {kinds[1].type}")
    ours, others = _renamed(mine.data, "l"), _renamed(theirs.data, "r")
    equal = [
        F.col(f"l{one}") == F.col(f"r{other}")
        for one, other in zip(my_keys, their_keys, strict=True)
    ]
    owners = (*left.owners, *right.owners)
    both = Scope(
        Frame.of(ours, (*left.frame.columns, *right.frame.columns)),
        owners,
        left.hidden | {len(left.owners) + place for place in right.hidden},
    )
    early, late = _residual(both, rest, len(left.owners))
    if how == "cross":
        data = ours.crossJoin(others)
    else:
        data = ours.join(others, reduce(and_, [*equal, *early]), how)
    kept = [f"l{place}" for place in range(len(left.owners))]
    if how in _ONE_SIDED:
        return Scope(Frame.of(_selected(data, kept), left.frame.columns), left.owners, left.hidden)
    kept += [f"r{place}" for place in range(len(right.owners))]
    frame = Frame.of(_selected(data, kept), both.frame.columns)
    for condition in late:
        places = range(len(frame.columns))
        names = [column.name for column in frame.columns]
        frame = frames.project(frame, [syntax.column(place) for place in places], condition)
        frame = frame.named(names)
    return Scope(frame, both.owners, both.hidden)


def _with_keys(frames: Frames, frame: Frame, keys: Sequence[Node]) -> tuple[Frame, list[int]]:
    """The frame with its keys, those that are no columns added at its end; their places."""
    items = [syntax.column(place) for place in range(len(frame.columns))]
    places = []
    for key in keys:
        place = syntax.place_of(key)
        if place is None:
            place = len(items)
            items.append(key)
        places.append(place)
    if len(items) > len(frame.columns):
        frame = frames.project(frame, items)
    return frames.settled(frame), places


def _renamed(data: DataFrame, letter: str) -> DataFrame:
    return data.toDF(*(f"{letter}{place}" for place in range(len(data.columns))))


def _selected(data: DataFrame, names: Sequence[str]) -> DataFrame:
    return data.select([F.col(name).alias(f"c{place}") for place, name in enumerate(names)])


def _residual(
    both: Scope, conditions: Sequence[Node], middle: int
) -> tuple[list[SparkColumn], list[Node]]:
    """Conditions beside the keys: comparisons of integers for Spark, the others for DuckDB."""
    early: list[SparkColumn] = []
    late: list[Node] = []
    for condition in conditions:
        bound = both.bound(condition)
        compare = _COMPARED.get(bound["type"])
        places = [syntax.place_of(bound[side]) for side in ("left", "right")] if compare else []
        known = [place for place in places if place is not None]
        if compare and len(known) == 2 and all(both.frame.columns[p].is_integer for p in known):
            one, other = (
                F.col(f"l{place}" if place < middle else f"r{place - middle}") for place in known
            )
            early.append(compare(one, other))
        else:
            late.append(bound)
    return early, late
