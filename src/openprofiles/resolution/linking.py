"""What holds the groups of a file together: the links that made each of them, explained."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from openprofiles.resolution.engine import Engine
from openprofiles.resolution.explaining import Explanation, score_pair
from openprofiles.resolution.fields import ColumnMapping
from openprofiles.resolution.findings import findings
from openprofiles.resolution.outcome import Resolution
from openprofiles.resolution.pairing import read_records
from openprofiles.resolution.record import judged

GROUPS_AT_ONCE = 500

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """Two records of a group, and why they are one person."""

    left_id: str
    right_id: str
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class ExplainedGroup:
    """A group by its number, its records, and the strongest links that reach all of them: one
    fewer than there are records, the strongest first.
    """

    group: int
    ids: tuple[str, ...]
    links: tuple[Link, ...]


def explain_groups(
    source: pa.Table | Path, mapping: ColumnMapping, engine: Engine, found: Resolution
) -> Iterator[ExplainedGroup]:
    """Say of each group why its records are one person, going by the run that `engine` has just
    done and that `found` them.
    """
    relation, _ = engine.read(source, mapping)
    members: dict[int, list[str]] = {}
    for id, group in zip(
        *(found.groups[name].to_pylist() for name in ("id", "group")), strict=True
    ):
        members.setdefault(group, []).append(id)
    links = _links(found.pairs, members)
    groups = list(members)
    for start in range(0, len(groups), GROUPS_AT_ONCE):
        batch = groups[start : start + GROUPS_AT_ONCE]
        ids = [id for group in batch for id in members[group]]
        records = read_records(engine, relation, mapping, ids)
        known = findings(engine, about=list(records.values()))
        seen = {id: judged(record, known) for id, record in records.items()}
        for group in batch:
            yield ExplainedGroup(
                group,
                tuple(members[group]),
                tuple(
                    Link(one, other, score_pair(found.model, seen[one], seen[other]))
                    for one, other in links.get(group, ())
                ),
            )


def _links(pairs: pa.Table, members: Mapping[int, Sequence[str]]) -> dict[int, list[Pair]]:
    """For each group the pairs of a spanning tree; `pairs` come in descending weight (Kruskal)."""
    group_of = {id: group for group, ids in members.items() for id in ids}
    above = {id: id for id in group_of}

    def root(id: str) -> str:
        while above[id] != id:
            above[id] = id = above[above[id]]
        return id

    links: dict[int, list[Pair]] = {}
    ends: Iterator[Pair] = zip(
        *(pairs[name].to_pylist() for name in ("left_id", "right_id")), strict=True
    )
    for one, other in ends:
        if one in group_of and group_of[one] == group_of.get(other):
            roots = root(one), root(other)
            if roots[0] != roots[1]:
                above[roots[0]] = roots[1]
                links.setdefault(group_of[one], []).append((one, other))
    return links
