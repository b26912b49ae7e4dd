"""The match groups of a run that wait for somebody, in the order in which people should look at
them.

A row of `match_queue` says where a group stands. Whether it still waits is read from its profiles
and the decisions on them, so that a row that is too much shows nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, LiteralString

from openprofiles.core.ids import Id
from openprofiles.features.matching.review import Bounds, Place, Waiting
from openprofiles.storage import copying
from openprofiles.storage.database import Transaction

COLUMNS = ("domain_id", "job_id", "match_id", "gain", "confidence")

_STANDING: LiteralString = """
    cross join lateral (
        select array_agg(profile_id order by profile_id) as profile_ids, count(*) as size
        from match_groups as held
        where held.domain_id = queue.domain_id and held.job_id = queue.job_id
            and held.match_id = queue.match_id
    ) as standing
    cross join lateral (
        select count(*) as pairs from match_decisions as decision
        where decision.domain_id = queue.domain_id
            and decision.one = any(standing.profile_ids)
            and decision.other = any(standing.profile_ids)
    ) as apart
"""
"""The profiles of a group, and the pairs of them that are decided apart."""

_WAITS: LiteralString = " and size > 1 and pairs < size * (size - 1) / 2"
"""Only groups whose profiles are not all gone or decided apart."""

_WITHIN: LiteralString = " and confidence >= %(least)s::real and confidence < %(below)s::real"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What is asked for: the groups of a run within bounds."""

    domain_id: int
    job_id: Id
    bounds: Bounds

    @property
    def parameters(self) -> dict[str, Any]:
        """What queries need to know."""
        return {
            "domain": self.domain_id,
            "job": self.job_id,
            "least": self.bounds.least,
            "below": self.bounds.below,
        }


def list_waiting(
    transaction: Transaction, queue: Queue, *, after: Place | None, limit: int
) -> tuple[list[Waiting], int]:
    """Up to `limit` groups after a place, and how many there are in all."""
    place = after or Place(float("inf"), -1)
    rows = transaction.rows(
        f"""
        select match_id, confidence, gain, profile_ids from match_queue as queue
        {_STANDING}
        where queue.domain_id = %(domain)s and queue.job_id = %(job)s::uuid {_WAITS} {_WITHIN}
            and gain <= %(gain)s::float8 and (gain < %(gain)s::float8 or match_id > %(number)s)
        order by gain desc, match_id limit %(limit)s
        """,
        {**queue.parameters, "gain": place.gain, "number": place.number, "limit": limit},
    )
    found = [Waiting(Place(gain, number), score, tuple(ids)) for number, score, gain, ids in rows]
    total = transaction.row(
        f"""
        select count(*) from match_queue
        where domain_id = %(domain)s and job_id = %(job)s::uuid {_WITHIN}
        """,
        queue.parameters,
    )
    return found, total[0] if total else 0


def find_neighbours(
    transaction: Transaction, queue: Queue, number: int
) -> tuple[int | None, int | None]:
    """The numbers of the groups before and after a group, which need not be within the bounds;
    None where there is none.
    """
    row = transaction.row(
        f"""
        with here as (
            select (count(*) - 1) * max(confidence)::float8 as gain
            from match_groups where domain_id = %(domain)s and job_id = %(job)s::uuid
                and match_id = %(number)s
        )
        select (
            select match_id from match_queue as queue {_STANDING}
            where queue.domain_id = %(domain)s and queue.job_id = %(job)s::uuid {_WAITS} {_WITHIN}
                and gain >= (select gain from here)
                and (gain > (select gain from here) or match_id < %(number)s)
            order by gain, match_id desc limit 1
        ), (
            select match_id from match_queue as queue {_STANDING}
            where queue.domain_id = %(domain)s and queue.job_id = %(job)s::uuid {_WAITS} {_WITHIN}
                and gain <= (select gain from here)
                and (gain < (select gain from here) or match_id > %(number)s)
            order by gain desc, match_id limit 1
        )
        """,
        {**queue.parameters, "number": number},
    )
    return (row[0], row[1]) if row else (None, None)


def copy(transaction: Transaction, lines: Iterable[bytes]) -> None:
    """Add rows of COLUMNS, as CSV; in a bulk transaction."""
    copying.copy_in(transaction, "match_queue", COLUMNS, lines)


def decide(transaction: Transaction, domain_id: int, one: Id) -> None:
    """Let a group wait no more when a decision on a profile of it was the last one."""
    transaction.send(
        """
        delete from match_queue as queue using match_groups as of_pair
        where of_pair.domain_id = %(domain)s and of_pair.profile_id = %(one)s::uuid
            and queue.domain_id = of_pair.domain_id and queue.job_id = of_pair.job_id
            and queue.match_id = of_pair.match_id
            and not exists (
                select from match_groups as one
                join match_groups as other on other.domain_id = one.domain_id
                    and other.job_id = one.job_id and other.match_id = one.match_id
                    and other.profile_id > one.profile_id
                where one.domain_id = queue.domain_id and one.job_id = queue.job_id
                    and one.match_id = queue.match_id and not exists (
                        select from match_decisions as decision
                        where decision.domain_id = one.domain_id
                            and decision.one = one.profile_id
                            and decision.other = other.profile_id
                    )
            )
        """,
        {"domain": domain_id, "one": one},
    )


def withdraw(transaction: Transaction, domain_id: int, one: Id, other: Id) -> None:
    """Have a group wait again that two profiles share, as they are no more decided apart."""
    transaction.send(
        """
        insert into match_queue (domain_id, job_id, match_id, gain, confidence)
        select domain_id, job_id, match_id, (count(*) - 1) * max(confidence)::float8,
            max(confidence)
        from match_groups as held
        where domain_id = %(domain)s and (job_id, match_id) in (
            select one.job_id, one.match_id from match_groups as one
            join match_groups as other using (domain_id, job_id, match_id)
            where domain_id = %(domain)s and one.profile_id = %(one)s::uuid
                and other.profile_id = %(other)s::uuid
        )
        group by domain_id, job_id, match_id
        on conflict do nothing
        """,
        {"domain": domain_id, "one": one, "other": other},
    )
