"""Pairs of profiles that somebody said are not the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from openprofiles.core.ids import Id
from openprofiles.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Decision:
    """That two profiles are not the same; `one` is the smaller id."""

    one: Id
    other: Id
    decided_at: datetime
    principal: str


def insert(
    transaction: Transaction, domain_id: int, decision: Decision, *, request_id: str
) -> None:
    """Note a decision; one that was taken before stays as it is."""
    transaction.send(
        """
        insert into match_decisions (domain_id, one, other, decided_at, principal, request_id)
        values (%s, %s, %s, %s, %s, %s) on conflict do nothing
        """,
        [
            domain_id,
            decision.one,
            decision.other,
            decision.decided_at,
            decision.principal,
            request_id,
        ],
    )


def delete(transaction: Transaction, domain_id: int, one: Id, other: Id) -> bool:
    """Withdraw a decision; False when there was none."""
    return (
        transaction.send(
            "delete from match_decisions where domain_id = %s and one = %s and other = %s",
            [domain_id, one, other],
        ).count
        > 0
    )


def list_page(
    transaction: Transaction, domain_id: int, *, after: tuple[Id, Id], limit: int
) -> list[Decision]:
    """Up to `limit` decisions, by the ids of the pairs, those after `after`."""
    rows = transaction.rows(
        """
        select one, other, decided_at, principal from match_decisions
        where domain_id = %s and (one, other) > (%s::uuid, %s::uuid)
        order by one, other limit %s
        """,
        [domain_id, *after, limit],
    )
    return [Decision(*row) for row in rows]


def list_of(
    transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]
) -> list[tuple[Id, Id]]:
    """The pairs in which some profiles are."""
    rows = transaction.rows(
        """
        select one, other from match_decisions
        where domain_id = %s and one = any(%s::uuid[])
        union
        select one, other from match_decisions
        where domain_id = %s and other = any(%s::uuid[])
        """,
        [domain_id, list(profile_ids), domain_id, list(profile_ids)],
    )
    return [(one, other) for one, other in rows]


def delete_of(transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]) -> int:
    """Forget the decisions about profiles; how many."""
    return transaction.send(
        """
        delete from match_decisions
        where domain_id = %s and (one = any(%s::uuid[]) or other = any(%s::uuid[]))
        """,
        [domain_id, list(profile_ids), list(profile_ids)],
    ).count
