"""Learn from the patterns of the candidates, without labels, what each level tells: EM over a
mixture of relations.

Two records are one person, or unrelated, or members of a household, namesakes, colleagues, parent
and child of one name. The pairs of unrelated records are not only those among the candidates: their
number is known (nearly all pairs there are), and chance says how many of them show a pattern. So
that class has a fixed, absolute size, and the others explain what chance does not. Shares start at
what the schema means (`attributes.py`), move with the data as far as the data are many, and are
capped where a share would say that one person usually disagrees with oneself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openprofiles.resolution.attributes import ATTRIBUTES, BITS, PLACES, Attribute, Relation
from openprofiles.resolution.chance import Chance

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_ITERATIONS = 60
_SETTLED = 1e-4
_LEAST = 1e-9
_HARDLY = 1e-6
_FEW_RELATIVES, _PSEUDO_PAIRS = 0.08, 50.0
_SLIPS = ("one_digit", "two_parts", "near")
_WRITTEN = ("first_name", "last_name")
_RELATED = tuple(relation for relation in Relation if relation is not Relation.UNRELATED)


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of all candidates and how many candidates show each."""

    levels: Integers
    """One row a pattern, one column an attribute; each column in one piece, as it is read."""
    counts: Floats

    @classmethod
    def of(cls, patterns: Integers, counts: Integers) -> "Patterns":
        """Unpack patterns as the compare step packs them."""
        shifts = np.arange(len(ATTRIBUTES), dtype=np.int64) * BITS
        levels = (patterns[None, :] >> shifts[:, None]) & 15
        return cls(levels.T, counts.astype(np.float64))


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned: for each relation, attribute and level the log of its share; for each
    relation its log size.

    Sizes are in pairs: of unrelated ones all that the table has, of the others those among the
    candidates.
    """

    shares: Floats
    """relation x attribute x level (level 0, missing, is 0 everywhere)."""
    sizes: Floats

    def evidence(self, levels: Integers) -> Floats:
        """Log of size times shares, for each row of levels and each relation."""
        total = np.repeat(self.sizes[:, None], len(levels), axis=1)
        for place in range(len(ATTRIBUTES)):
            column = levels[:, place]
            for relation, shares in enumerate(self.shares[:, place]):
                total[relation] += shares.take(column)
        return total.T


def confidence(evidence: Floats) -> Floats:
    """The probability of each relation: one row a pattern."""
    shifted = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    shares: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return shares


def expected_shares(chance: Floats) -> Floats:
    """Where EM starts: what the schema expects of each relation, and chance where it expects
    nothing.
    """
    shares = np.ones((len(Relation), len(ATTRIBUTES), 1 << BITS))
    for place, attribute in enumerate(ATTRIBUTES):
        last = len(attribute.levels) + 1
        for relation in Relation:
            expected = [level.expected(relation) for level in attribute.levels]
            known = [share if share is not None else 0.0 for share in expected]
            row = chance[place, 1:last] if None in expected else np.maximum(known, _HARDLY)
            shares[relation, place, 1:last] = row / row.sum()
        shares[:, place, last:] = _LEAST
    return shares


def fit(patterns: Patterns, chance: Chance) -> Weights:
    """Weights for `patterns`, given what chance alone would show."""
    base = expected_shares(chance.shares)
    drawn = chance.shares * chance.known[:, None] * chance.pairs
    shares = base.copy()
    candidates = patterns.counts.sum()
    sizes = np.full(len(Relation), max(candidates / len(_RELATED), 1.0))
    sizes[Relation.UNRELATED] = chance.pairs
    for _ in range(_ITERATIONS):
        weights = _logs(shares, sizes)
        belongs = confidence(weights.evidence(patterns.levels)) * patterns.counts[:, None]
        before = sizes.copy()
        sizes[list(_RELATED)] = belongs.sum(axis=0)[list(_RELATED)] + 1.0
        sizes[Relation.RELATIVE] = _relatives(patterns, belongs, sizes[Relation.SAME])
        shares = _learned(patterns, belongs, base, drawn)
        if np.abs(sizes - before).max() < _SETTLED * candidates:
            break
    return _logs(shares, sizes)


def _logs(shares: Floats, sizes: Floats) -> Weights:
    return Weights(np.log(np.maximum(shares, _LEAST * 1e-3)), np.log(sizes))


def _learned(patterns: Patterns, belongs: Floats, base: Floats, drawn: Floats) -> Floats:
    shares = base.copy()
    # What is not dated tells nothing of relatives (see _relatives).
    told = belongs.copy(order="K")
    told[patterns.levels[:, PLACES["birth_date"]] == 0, Relation.RELATIVE] = 0.0
    related = belongs[:, list(_RELATED)].sum(axis=1)
    for place, attribute in enumerate(ATTRIBUTES):
        known = slice(1, len(attribute.levels) + 1)
        levels = patterns.levels[:, place]
        shares[Relation.UNRELATED, place, known] = _by_chance(
            drawn[place, known],
            _weighed(levels, related)[known],
            0.02 if attribute.is_personal else 0.2,
        )
        for relation in _RELATED:
            if relation in attribute.learns:
                seen = _weighed(levels, told[:, relation])[known]
                shares[relation, place, known] = _drawn_to(
                    base[relation, place, known], seen, relation
                )
            elif attribute.levels[0].expected(relation) is None:
                shares[relation, place] = shares[Relation.UNRELATED, place]
        shares[Relation.SAME, place, known] = _capped(
            shares[Relation.SAME, place, known], attribute
        )
        if attribute.name in _WRITTEN:
            # People of one name write it with the same slips as one person does.
            written = shares[Relation.SAME, place].copy()
            written[[attribute.code("different"), attribute.code("similar")]] = _HARDLY
            written[known] /= written[known].sum()
            shares[[Relation.NAMESAKE, Relation.RELATIVE], place] = written
    return shares


def _weighed(levels: Integers, weights: Floats) -> Floats:
    """For each level the sum of the weights of the patterns that show it."""
    sums: Floats = np.bincount(levels, weights, 1 << BITS).astype(np.float64)
    return sums


def _relatives(patterns: Patterns, belongs: Floats, same: float) -> float:
    # Only a birth date tells parent from child. Where both are known their number is learned,
    # elsewhere assumed the same.
    dated = patterns.levels[:, PLACES["birth_date"]] > 0
    relatives = belongs[dated, Relation.RELATIVE].sum() + _FEW_RELATIVES * _PSEUDO_PAIRS
    ratio = relatives / (belongs[dated, Relation.SAME].sum() + _PSEUDO_PAIRS)
    return float(max(ratio * same, 1.0))


def _by_chance(drawn: Floats, related: Floats, least: float) -> Floats:
    # Of the pairs at a level, those that some relation explains are not there by chance; in a table
    # of few people with many records each they are most of the equal values.
    left = np.maximum(drawn - related, drawn * least)
    shares: Floats = left / left.sum()
    return shares


def _drawn_to(base: Floats, seen: Floats, relation: Relation) -> Floats:
    total = seen.sum()
    if total == 0:
        return base
    pull = max(30.0, (0.05 if relation is Relation.SAME else 0.2) * total)
    shares: Floats = (seen + pull * base) / (total + pull)
    return shares


def _capped(shares: Floats, attribute: Attribute) -> Floats:
    most = np.array([level.most for level in attribute.levels])
    if attribute.name == "birth_date":
        # Where dates are often slightly wrong they are sometimes wholly wrong.
        slips = sum(shares[attribute.code(name) - 1] for name in _SLIPS)
        most[[attribute.code("year") - 1, attribute.code("different") - 1]] = max(0.04, 0.2 * slips)
    kept: Floats = np.minimum(shares, most)
    free = most >= 1.0
    # What the caps took goes to the levels without one.
    kept[free] *= 1 + (shares.sum() - kept.sum()) / max(kept[free].sum(), _LEAST)
    return kept
