"""Judges one record among others with a trained model: the scores of a batch run, and the groups
that it would make of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import log2

import numpy as np

from openprofiles.resolution import clustering, scoring
from openprofiles.resolution.attributes import pack
from openprofiles.resolution.correlation import Limits
from openprofiles.resolution.levels import compare
from openprofiles.resolution.model import Model
from openprofiles.resolution.record import Features
from openprofiles.resolution.scored import Pairs, Scores

MOST_PATTERNS = 20_000
"""Kept in memory by a judge, some four megabytes."""


@dataclass(frozen=True, slots=True)
class Score:
    """How sure it is that two records are one person: `weight` in bits, as odds."""

    confidence: float
    weight: float
    pattern: int


class Judge:
    """A model made ready for one pair at a time."""

    def __init__(self, model: Model) -> None:
        self.version = model.version
        self._sizes = model.weights.sizes.tolist()
        self._shares = model.weights.shares.tolist()
        self._evidence = scoring.group_evidence(model.weights)
        # The same few patterns come again and again, and weighing one costs as much as finding it.
        self._judged = lru_cache(maxsize=MOST_PATTERNS)(self._judge)

    def score(self, one: Features, other: Features) -> Score:
        """Score a pair as the batch does."""
        return self._judged(compare(one, other))

    def _judge(self, levels: tuple[int, ...]) -> Score:
        weight = scoring.weigh_levels(self._sizes, self._shares, levels)
        return Score(1 / (1 + 2.0**-weight), weight, pack(levels))

    def group(
        self,
        records: Sequence[Features],
        keys: Sequence[Collection[int]],
        *,
        cut_off: float,
        apart: Mapping[int, frozenset[int]],
    ) -> Iterable[int]:
        """For each record the least place of its group; pairs without a common key are no
        candidates, and `apart` are the places that each must not meet.
        """
        pairs = [
            (one, other, self.score(records[one], records[other]))
            for one, other in combinations(range(len(records)), 2)
            if not set(keys[one]).isdisjoint(keys[other])
        ]
        columns = Pairs(
            np.array([one for one, _, _ in pairs], dtype=np.int32),
            np.array([other for _, other, _ in pairs], dtype=np.int32),
            np.arange(len(pairs), dtype=np.int32),
            Scores(
                np.array([score.pattern for _, _, score in pairs], dtype=np.int64),
                np.array([score.confidence for _, _, score in pairs], dtype=np.float64),
                np.array([score.weight for _, _, score in pairs], dtype=np.float64),
            ),
        )
        above = log2(cut_off / (1 - cut_off))
        joining = columns.where(columns.weigh_more(above))
        component = clustering.components(len(records), joining.left, joining.right)
        limits = Limits(apart=apart)
        labels: list[int] = clustering.cluster(
            component, columns, self._evidence, limits, above=above
        ).tolist()
        return labels
