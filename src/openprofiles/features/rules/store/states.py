"""How far the rules of a domain are applied to profiles that were there before them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from openprofiles.core.ids import FIRST, LAST, Id
from openprofiles.storage.database import Transaction

Status = Literal["PENDING", "IN_PROGRESS", "ACTIVE", "DISABLED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How far the rules of a domain have been applied to profiles that were there before them."""

    version: int
    status: Status
    position: Id = FIRST
    profiles: int = 0
    started_at: datetime
    updated_at: datetime


def find_state(transaction: Transaction, domain_id: int) -> State | None:
    """How far the rules of a domain are applied; None when it never had any."""
    row = transaction.row(
        """
        select version::integer, status, position, profiles, started_at, updated_at
        from rule_states where domain_id = %s
        """,
        [domain_id],
    )
    if row is None:
        return None
    version, status, position, profiles, started_at, updated_at = row
    return State(
        version=version,
        status=status,
        position=position,
        profiles=profiles,
        started_at=started_at,
        updated_at=updated_at,
    )


def save_state(transaction: Transaction, domain_id: int, state: State) -> None:
    """Keep how far the rules of a domain are applied."""
    transaction.send(
        """
        insert into rule_states
            (domain_id, version, status, position, profiles, started_at, updated_at)
        values (%s, %s, %s, %s, %s, %s, %s)
        on conflict (domain_id) do update set
            version = excluded.version, status = excluded.status, position = excluded.position,
            profiles = excluded.profiles, started_at = excluded.started_at,
            updated_at = excluded.updated_at
        """,
        [
            domain_id,
            str(state.version),
            state.status,
            state.position,
            state.profiles,
            state.started_at,
            state.updated_at,
        ],
    )


def forget(transaction: Transaction, domain_id: int) -> None:
    """A domain whose rules are off has no keys left: forget them."""
    transaction.send("delete from rule_merges_due where domain_id = %s", [domain_id])
    transaction.send("delete from rule_states where domain_id = %s", [domain_id])


def find_at_work(
    transaction: Transaction, *, pending_since: datetime, after: int
) -> tuple[str, str, int] | None:
    """The next domain, after a domain, whose rules are not applied yet: (account, name, id).

    One that waits only if it does so since `pending_since` or longer, and none that only waits
    for merges.
    """
    row = transaction.row(
        """
        select account_id, name, domain_id from rule_states join domains using (domain_id)
        where domain_id > %s and (status = 'DISABLED'
            or (status = 'PENDING' and rule_states.updated_at <= %s)
            or (status = 'IN_PROGRESS' and (position <> %s or not exists (
                select from rule_merges_due as due where due.domain_id = rule_states.domain_id))))
        order by domain_id limit 1
        """,
        [after, pending_since, LAST],
    )
    return (row[0], row[1], row[2]) if row else None
