"""Reading the match groups of a run in the order in which people should look at them."""

from dataclasses import dataclass
from typing import Any, LiteralString

from openprofiles.core.ids import Id
from openprofiles.features.matching.review import Bounds, Place, Waiting
from openprofiles.storage.database import Transaction

_WAITING: LiteralString = """
    with grouped as materialized (
        select match_id, max(confidence) as confidence, count(*) as size
        from match_groups where domain_id = %(domain)s and job_id = %(job)s::uuid
        group by match_id having count(*) > 1
    ), apart as (
        select one.match_id, count(*) as pairs
        from match_decisions as decision
        join match_groups as one on one.domain_id = %(domain)s and one.job_id = %(job)s::uuid
            and one.profile_id = decision.one
        join match_groups as other on other.domain_id = %(domain)s and other.job_id = %(job)s::uuid
            and other.profile_id = decision.other and other.match_id = one.match_id
        where decision.domain_id = %(domain)s
        group by one.match_id
    ), waiting as materialized (
        select match_id, confidence, (size - 1) * confidence::float8 as gain
        from grouped left join apart using (match_id)
        where coalesce(pairs, 0) < size * (size - 1) / 2
            and confidence >= %(least)s::real and confidence < %(below)s::real
    )
"""
"""The groups that wait for somebody: those whose profiles are not all decided apart. The planner
reads each group's rows in the order of the primary key, and sorts only what is shown.
"""


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
        {_WAITING}
        select match_id, confidence, gain, total, array(
            select profile_id from match_groups
            where domain_id = %(domain)s and job_id = %(job)s::uuid and match_id = page.match_id
            order by profile_id
        )
        from (
            select *, (select count(*) from waiting) as total from waiting
            where (gain, -match_id) < (%(gain)s::float8, -(%(number)s::bigint))
            order by gain desc, match_id limit %(limit)s
        ) as page
        order by gain desc, match_id
        """,
        {**queue.parameters, "gain": place.gain, "number": place.number, "limit": limit},
    )
    found = [
        Waiting(Place(gain, number), score, tuple(ids)) for number, score, gain, _, ids in rows
    ]
    return found, rows[0][3] if rows else 0


def find_neighbours(
    transaction: Transaction, queue: Queue, number: int
) -> tuple[int | None, int | None]:
    """The numbers of the groups before and after a group, which need not be within the bounds;
    None where there is none.
    """
    row = transaction.row(
        f"""
        {_WAITING}, here as (
            select (count(*) - 1) * max(confidence)::float8 as gain, -max(match_id) as place
            from match_groups where domain_id = %(domain)s and job_id = %(job)s::uuid
                and match_id = %(number)s
        )
        select (
            select match_id from waiting
            where (gain, -match_id) > (select gain, place from here)
            order by gain, match_id desc limit 1
        ), (
            select match_id from waiting
            where (gain, -match_id) < (select gain, place from here)
            order by gain desc, match_id limit 1
        )
        """,
        {**queue.parameters, "number": number},
    )
    return (row[0], row[1]) if row else (None, None)
