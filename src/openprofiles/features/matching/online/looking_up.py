"""Whom one profile is like: candidates by shared keys, judged by the model of the last run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from openprofiles import resolution
from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.matching import records, values
from openprofiles.features.matching.online import judges, store
from openprofiles.features.matching.online.indexing import capped_keys, value_keys
from openprofiles.features.matching.store import matches
from openprofiles.storage.database import Row

MOST_GROUPED = 40
"""Profiles that are grouped anew; each is compared with each."""

_decode = msgspec.json.Decoder(resolution.Features).decode


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile that may be the same person; `weight` in bits."""

    profile_id: Id
    confidence: float
    weight: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a look-up found: candidates from the likeliest on, and the profiles that are one person
    with the one looked up, itself included; none when nobody else is.
    """

    model_version: str
    candidates: Sequence[Candidate]
    group: tuple[Id, ...]

    @property
    def confidence(self) -> float | None:
        """Of the profile's best link into its group; None when it is alone."""
        inside = (found.confidence for found in self.candidates if found.profile_id in self.group)
        return max(inside, default=None)


@dataclass(frozen=True, slots=True)
class _Neighbour:
    """A profile near the one looked up; `number` is that of its group in the last run, `apart` are
    the profiles that somebody said are not the same.
    """

    profile_id: Id
    features: resolution.Features
    is_candidate: bool
    number: int | None
    apart: Sequence[Id]


def find_likeness(context: Context, domain: domains.Domain, profile_id: Id) -> Likeness | None:
    """Whom a profile is like; None before the first run.

    ResourceNotFound when there is no such profile.
    """
    entry, result = store.find_entry(context.transaction, domain.id, profile_id, now=context.now)
    if entry is not None:
        features = _decode(entry)
    else:
        # The index is still being filled, or Matching is not enabled any more.
        fields = profiles.read_fields(context, domain, [profile_id]).get(profile_id)
        if fields is None:
            raise ResourceNotFound(f"Profile {profile_id} not found in domain {domain.name}")
        features = records.features_of(fields)
    if result is None:
        return None
    return _look_up(context, domain.id, result, profile_id, features)


def find_holders(
    context: Context, domain_id: int, about: Iterable[resolution.Features]
) -> list[resolution.Features]:
    """Profiles that have a phone or an e-mail address of some records, as the index knows them."""
    keys = {key for record in about for key in value_keys(record)}
    found = store.send_holders(context.transaction, domain_id, keys)
    return [_decode(row[0]) for row in found.rows()]


def _look_up(
    context: Context,
    domain_id: int,
    result: matches.Result,
    profile_id: Id,
    plain: resolution.Features,
) -> Likeness | None:
    """Whom a normalised profile is like by what a run has learned; None if it has learned nothing.

    The profiles of the groups that candidates were found in are grouped anew with the profile, as
    the next run would.
    """
    transaction = context.transaction
    near = store.send_neighbours(
        transaction, domain_id, profile_id, capped_keys(plain, result.size), result.job_id
    )
    judge = judges.judge_of(transaction, domain_id, result)
    if judge is None:
        return None
    neighbours = [_neighbour(row) for row in near.rows()]
    holders = [plain, *(other.features for other in neighbours)]
    known = values.known_of(transaction, domain_id, result, [plain])
    known = known.with_holders([plain], holders)
    mine = _Neighbour(profile_id, plain, True, None, ())
    candidates = _candidates(judge, resolution.judged(plain, known), neighbours)
    close = _close(candidates, neighbours)
    group = _group(context, domain_id, result, judge, mine, close, holders)
    return Likeness(judge.version, candidates, group)


def _candidates(
    judge: resolution.Judge, mine: resolution.Features, neighbours: Sequence[_Neighbour]
) -> list[Candidate]:
    scored = [
        (other.profile_id, judge.score(mine, other.features))
        for other in neighbours
        if other.is_candidate
    ]
    return [
        Candidate(profile_id, score.confidence, score.weight)
        for profile_id, score in sorted(scored, key=lambda found: (-found[1].weight, found[0]))
        if score.confidence >= resolution.CUT_OFF
    ]


def _close(candidates: Sequence[Candidate], neighbours: Sequence[_Neighbour]) -> list[_Neighbour]:
    """The candidates and whoever is in a group with one; of many, those of the likeliest."""
    places = {found.profile_id: place for place, found in enumerate(candidates)}
    ranks: dict[int, int] = {}
    for other in neighbours:
        if other.number is not None and other.profile_id in places:
            place = places[other.profile_id]
            ranks[other.number] = min(ranks.get(other.number, place), place)

    def rank(other: _Neighbour) -> int | None:
        own = places.get(other.profile_id)
        return own if other.number is None else ranks.get(other.number, own)

    close = [(own, other) for other in neighbours if (own := rank(other)) is not None]
    close.sort(key=lambda found: found[0])
    return [other for _, other in close[:MOST_GROUPED]]


def _group(
    context: Context,
    domain_id: int,
    result: matches.Result,
    judge: resolution.Judge,
    mine: _Neighbour,
    close: Sequence[_Neighbour],
    holders: Sequence[resolution.Features],
) -> tuple[Id, ...]:
    """Which of some profiles are one person with `mine`; `holders` are whoever may have a value of
    theirs.
    """
    if not close:
        return ()
    # In the order of a run, which decides between pairs of equal weight.
    near = sorted([mine, *close], key=lambda other: other.profile_id)
    ids = [other.profile_id for other in near]
    apart = _apart(near)
    if len(near) == 2:
        # The one other is a candidate that is likely enough; nobody else has a say.
        return () if apart else tuple(ids)
    plain = [other.features for other in near]
    keys = [dict(capped_keys(record, result.size)) for record in plain]
    caps = {key: cap for own in keys for key, cap in own.items()}
    crowded = store.send_crowded(context.transaction, domain_id, caps.items())
    too_common = {row[0] for row in crowded.rows()}
    known = values.known_of(context.transaction, domain_id, result, plain)
    known = known.with_holders(plain, holders)
    labels = list(
        judge.group(
            [resolution.judged(record, known) for record in plain],
            [own.keys() - too_common for own in keys],
            cut_off=resolution.CUT_OFF,
            apart=apart,
        )
    )
    own = labels[near.index(mine)]
    group = tuple(name for name, label in zip(ids, labels, strict=True) if label == own)
    return group if len(group) > 1 else ()


def _apart(near: Sequence[_Neighbour]) -> dict[int, frozenset[int]]:
    """Place among `near` -> places of those that were said to be somebody else."""
    places = {other.profile_id: place for place, other in enumerate(near)}
    apart: dict[int, set[int]] = {}
    for place, neighbour in enumerate(near):
        # The one looked up knows of none itself: each decision is known to both sides.
        for other in neighbour.apart:
            if other in places:
                apart.setdefault(place, set()).add(places[other])
                apart.setdefault(places[other], set()).add(place)
    return {place: frozenset(others) for place, others in apart.items()}


def _neighbour(row: Row) -> _Neighbour:
    profile_id, features, is_candidate, number, apart = row
    return _Neighbour(profile_id, _decode(features), is_candidate, number, apart)
