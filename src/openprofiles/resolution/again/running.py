"""A run that builds on the last whole one: what changed is paired, compared and grouped anew. What
it finds is what a whole run finds, to the last bit.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from openprofiles.resolution import clustering, limiting, outcome, scoring
from openprofiles.resolution.again import candidates, values
from openprofiles.resolution.again.candidates import Difference
from openprofiles.resolution.again.changes import Changes, find_changes
from openprofiles.resolution.again.memory import Memory, recall
from openprofiles.resolution.correlation import Limits
from openprofiles.resolution.duckdb_engine import DuckDBEngine
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.outcome import Resolution
from openprofiles.resolution.scored import Floats, Integers, Pairs, Rows, Scores
from openprofiles.resolution.terms import Terms


def run(
    engine: DuckDBEngine, folder: Path, terms: Terms, source: tuple[str, str], pairs_from: float
) -> Resolution | None:
    """Find who is who among the records of `source`, going by what the last whole run left in
    `folder`; None when another one is due.
    """
    last = recall(folder, terms)
    changes = last and find_changes(engine, last, source, terms.mapping)
    if not (last and changes):
        return None
    slots = len(terms.mapping.identifiers)
    with ThreadPoolExecutor(max_workers=1) as beside:
        coming = beside.submit(outcome.ids_in_order, changes.ids)
        now = _score(last, changes, terms, candidates.difference(engine, last, changes, slots))
        ids = coming.result()
    label, best = _group(engine, now, terms, ids)
    patterns = now.scores.pattern
    pairs = now.pairs((now.scores.confidence >= pairs_from)[last.candidates.code])
    present = np.argsort(patterns)
    present = present[now.numbers[present] > 0]
    return Resolution(
        outcome.groups_table(ids, label, best),
        outcome.pairs_table(ids, pairs, pairs_from),
        terms.model,
        outcome.scores_table(terms.model, patterns[present], now.numbers[present]),
    )


@dataclass(frozen=True, slots=True)
class _Now:
    """All candidates: those of then that stay as they were, and those that came."""

    last: Memory
    changes: Changes
    came: Difference
    code: Rows
    """Of those that came the places of their patterns."""
    stays: NDArray[np.bool_]
    scores: Scores
    """Of the patterns of then, in their order, and after them of those that came."""
    numbers: Integers
    """How many pairs have each pattern."""

    def pairs(self, chosen: NDArray[np.bool_]) -> Pairs:
        """Those of then that are `chosen`, and all that came, by their rows now."""
        then = self.last.candidates
        places = np.flatnonzero(chosen & self.stays)
        code = np.concatenate((then.code[places], self.code))
        left, right = (
            np.concatenate((self.changes.place[rows[places]], came)).astype(np.int32)
            for rows, came in ((then.left, self.came.left), (then.right, self.came.right))
        )
        return Pairs(left, right, code, self.scores)


def _score(last: Memory, changes: Changes, terms: Terms, came: Difference) -> _Now:
    then = last.candidates
    patterns = np.concatenate((then.patterns, np.setdiff1d(came.pattern, then.patterns)))
    order = np.argsort(patterns)
    code = order[np.searchsorted(patterns, came.pattern, sorter=order)].astype(np.int32)
    numbers = np.bincount(code, minlength=len(patterns))
    numbers -= np.bincount(then.code[came.removed], minlength=len(patterns))
    numbers[: len(then.patterns)] += then.numbers
    stays = np.ones(len(then.left), dtype=bool)
    stays[came.removed] = False
    confidence, weight = scoring.score(terms.model.weights, patterns)
    return _Now(last, changes, came, code, stays, Scores(patterns, confidence, weight), numbers)


def _group(engine: Engine, now: _Now, terms: Terms, ids: "pa.Array[Any]") -> tuple[Rows, Floats]:
    """By row the least row of its group, and the confidence of its best link inside."""
    last, place, size = now.last, now.changes.place, now.changes.size
    component = _component(now)
    touched = _touched(now, component, terms.above)
    was = touched[last.grouping.component]
    # A new record without a pair is a group of its own.
    label, best = np.arange(size, dtype=np.int32), np.zeros(size)
    others = np.flatnonzero(~was & (place >= 0))
    label[place[others]] = place[last.grouping.label[others]]
    best[place[others]] = last.grouping.best[others]
    # The rest is little, and grouped by numbers of its own.
    rows = np.flatnonzero(touched[component])
    number = np.full(size, -1, dtype=np.int32)
    number[rows] = np.arange(len(rows))
    pairs = now.pairs(was[last.candidates.left] & was[last.candidates.right]).numbered(number)
    joining = pairs.where(pairs.weigh_more(terms.above))
    limits = _limits(engine, now, terms, ids, np.flatnonzero(was)).numbered(number)
    found = clustering.cluster(
        clustering.components(len(rows), joining.left, joining.right),
        pairs,
        scoring.group_evidence(terms.model.weights),
        limits,
        above=terms.above,
    )
    label[rows] = rows[found]
    best[rows] = outcome.best_links(found, pairs)
    return label, best


def _limits(
    engine: Engine, now: _Now, terms: Terms, ids: "pa.Array[Any]", were: Integers
) -> Limits:
    """Those of new records, and of those with these rows then."""
    guards = {}
    if terms.mapping.guarded:
        values.make_values(engine, now.last, now.changes, "limited", were)
        guards = limiting.guards(engine, terms.mapping, "limited")
        engine.drop("limited")
    return Limits(guards, limiting.apart_rows(ids, terms.apart))


def _component(now: _Now) -> Rows:
    """By row a number of the component that it was in; a new record has one of its own."""
    last, place = now.last, now.changes.place
    component = np.arange(last.size, last.size + now.changes.size, dtype=np.int32)
    stayed = now.changes.stayed
    component[place[stayed]] = last.grouping.component[stayed]
    return component


def _touched(now: _Now, component: Rows, above: float) -> NDArray[np.bool_]:
    """By its number whether a component may have other groups now: a pair inside has changed, or
    one has come that joins it to another.
    """
    then, was = now.last.candidates, now.last.grouping.component
    touched = np.zeros(now.last.size + now.changes.size, dtype=bool)
    left, right = was[then.left[now.came.removed]], was[then.right[now.came.removed]]
    touched[left[left == right]] = True
    left, right = component[now.came.left], component[now.came.right]
    counts = (now.scores.weight > above)[now.code] | (left == right)
    touched[left[counts]] = True
    touched[right[counts]] = True
    return touched
