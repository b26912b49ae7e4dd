"""The SQL of the index: comparable values by profile, and profiles by key."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import LiteralString

import msgspec

from openprofiles.core.ids import FIRST, Id
from openprofiles.features.matching.store import matches
from openprofiles.storage import copying
from openprofiles.storage.database import Pending, Row, Transaction

MOST_HOLDERS = 50
"""Of a value that more profiles have, these tell that it is nobody's own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A profile in the index: `features` as JSON, `keys` as digests."""

    profile_id: Id
    features: str
    keys: Sequence[int]


# Each row is looked up on its own, by `lateral`: the planner would read all groups of a run to join
# a few of them.
_NEIGHBOURS: LiteralString = """
    with wanted as (
        select %(domain)s::integer as domain_id, row.* from json_to_recordset(%(keys)s::json)
            as row (key bigint, cap integer)
        offset 0
    ), block as (
        select wanted.cap, array(
            select profile_id from match_keys
            where domain_id = wanted.domain_id and key = wanted.key limit wanted.cap + 1
        ) as holders
        from wanted
    ), candidate as (
        select distinct unnest(holders) as profile_id from block
        where cardinality(holders) <= cap
    ), together as (
        select distinct other.profile_id
        from candidate cross join lateral (
            select match_id from match_groups
            where domain_id = %(domain)s and profile_id = candidate.profile_id
                and job_id = %(job)s::uuid limit 1
        ) as mine cross join lateral (
            select profile_id from match_groups
            where domain_id = %(domain)s and job_id = %(job)s::uuid
                and match_id = mine.match_id
            offset 0
        ) as other
    ), near as (
        select profile_id, true as is_candidate from candidate
        union all
        select profile_id, false from together
        where profile_id not in (select profile_id from candidate)
    )
    select near.profile_id, entry.features::text, near.is_candidate, found.match_id
    from near cross join lateral (
        select features from match_index
        where domain_id = %(domain)s and profile_id = near.profile_id limit 1
    ) as entry left join lateral (
        select match_id from match_groups
        where domain_id = %(domain)s and profile_id = near.profile_id
            and job_id = %(job)s::uuid limit 1
    ) as found on true
    where near.profile_id <> %(profile)s
    order by near.profile_id
"""


def write(transaction: Transaction, domain_id: int, entries: Sequence[Entry]) -> None:
    """Put profiles in the index, or change what it has of them."""
    if not entries:
        return
    transaction.send(
        """
        with incoming as (
            select %s::integer as domain_id, row.* from json_to_recordset(%s::json) as row (
                profile_id uuid, features text, keys bigint[])
            offset 0
        ), former as (
            select held.profile_id, held.keys from incoming cross join lateral (
                select profile_id, keys from match_index
                where domain_id = incoming.domain_id and profile_id = incoming.profile_id limit 1
            ) as held
        ), gone as (
            delete from match_keys as held using (
                select incoming.domain_id, incoming.profile_id, key
                from former join incoming using (profile_id) cross join unnest(former.keys) as key
                where key <> all(incoming.keys)
            ) as old
            where held.domain_id = old.domain_id and held.key = old.key
                and held.profile_id = old.profile_id
        ), added as (
            insert into match_keys (domain_id, key, profile_id)
            select incoming.domain_id, key, incoming.profile_id
            from incoming left join former using (profile_id)
            cross join unnest(incoming.keys) as key
            where former.keys is null or key <> all(former.keys)
            on conflict do nothing
        )
        insert into match_index (domain_id, profile_id, features, keys)
        select domain_id, profile_id, features::json, keys from incoming
        on conflict (domain_id, profile_id) do update
        set features = excluded.features, keys = excluded.keys
        """,
        [domain_id, msgspec.json.encode([asdict(entry) for entry in entries]).decode()],
    )


def remove(transaction: Transaction, domain_id: int, profile_ids: Collection[Id]) -> None:
    """Take profiles out of the index."""
    if not profile_ids:
        return
    transaction.send(
        """
        with gone as (
            delete from match_index where domain_id = %s and profile_id = any(%s::uuid[])
            returning domain_id, profile_id, keys
        )
        delete from match_keys as held using (
            select domain_id, profile_id, unnest(keys) as key from gone
        ) as old
        where held.domain_id = old.domain_id and held.key = old.key
            and held.profile_id = old.profile_id
        """,
        [domain_id, sorted(profile_ids)],
    )


def find_entry(
    transaction: Transaction, domain_id: int, profile_id: Id, *, now: datetime
) -> tuple[str | None, matches.Result | None]:
    """The features of a profile in the index, and the result by which to judge it."""
    row = transaction.row(
        f"""
        select entry.features::text, result.job_id, result.made_at, result.size
        from (select) as one
        left join match_index as entry
            on entry.domain_id = %(domain)s and entry.profile_id = %(profile)s
        left join lateral ({matches.RESULT}) as result on true
        """,
        {"domain": domain_id, "profile": profile_id, "now": now},
    )
    if row is None:
        raise AssertionError("A left join of one row is a row")
    features, *result = row
    return features, matches.Result(*result) if result[0] is not None else None


def send_neighbours(
    transaction: Transaction,
    domain_id: int,
    profile_id: Id,
    keys: Iterable[tuple[int, int]],
    job_id: Id,
) -> Pending:
    """Ask for the profiles that share one of `keys`, given with their caps, and for those that are
    in one group with them: (profile, features, is a candidate, number of its group).
    """
    wanted = [{"key": key, "cap": cap} for key, cap in keys]
    return transaction.send(
        _NEIGHBOURS,
        {
            "domain": domain_id,
            "keys": msgspec.json.encode(wanted).decode(),
            "job": job_id,
            "profile": profile_id,
        },
    )


def send_holders(transaction: Transaction, domain_id: int, keys: Iterable[int]) -> Pending:
    """Ask for the features of the profiles that have one of `keys`, of each key's some."""
    return transaction.send(
        """
        select distinct on (holder.profile_id) entry.features::text
        from unnest(%s::bigint[]) as wanted (key) cross join lateral (
            select profile_id from match_keys
            where domain_id = %s and key = wanted.key limit %s
        ) as holder cross join lateral (
            select features from match_index
            where domain_id = %s and profile_id = holder.profile_id limit 1
        ) as entry
        """,
        [list(keys), domain_id, MOST_HOLDERS, domain_id],
    )


def send_crowded(
    transaction: Transaction, domain_id: int, keys: Iterable[tuple[int, int]]
) -> Pending:
    """Ask which of `keys`, given with their caps, more profiles share than that."""
    wanted = [{"key": key, "cap": cap} for key, cap in keys]
    return transaction.send(
        """
        select wanted.key
        from json_to_recordset(%s::json) as wanted (key bigint, cap integer)
        where exists (
            select from match_keys where domain_id = %s and key = wanted.key offset wanted.cap
        )
        """,
        [msgspec.json.encode(wanted).decode(), domain_id],
    )


def lock_unindexed(transaction: Transaction, domain_id: int, *, after: Id, limit: int) -> list[Row]:
    """Lock the next profiles that the index lacks, in the order of their ids: (id, fields)."""
    return transaction.rows(
        """
        select profile_id, fields from profiles
        where domain_id = %s and profile_id > %s and not exists (
            select from match_index
            where match_index.domain_id = profiles.domain_id
                and match_index.profile_id = profiles.profile_id)
        order by profile_id limit %s for update
        """,
        [domain_id, after, limit],
    )


def is_whole(transaction: Transaction, domain_id: int) -> bool:
    """Whether the index of a domain with matching has all its profiles: nothing is left to do."""
    row = transaction.row("select from match_index_work where domain_id = %s", [domain_id])
    return row is None


def copy_features(
    transaction: Transaction, domain_id: int, *, after: Id, limit: int
) -> Iterator[bytes]:
    """CSV lines of up to `limit` profiles by id, those after `after`: the id and its features. In
    a bulk transaction only.
    """
    return copying.copy_out(
        transaction,
        """
        select replace(profile_id::text, '-', ''), features from match_index
        where domain_id = %s and profile_id > %s::uuid order by profile_id limit %s
        """,
        [domain_id, after, limit],
    )


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done to the index of a domain; `position` is the last profile put into it."""

    domain_id: int
    empties: bool
    fills: bool
    position: Id


def note_work(transaction: Transaction, domain_id: int, *, fills: bool) -> None:
    """Note that an index is to be filled, or else emptied; one that is being emptied is so
    first.
    """
    transaction.send(
        """
        insert into match_index_work as work (domain_id, empties, fills, position)
        values (%(domain)s, %(empties)s, %(fills)s, %(first)s)
        on conflict (domain_id) do update set
            empties = work.empties or excluded.empties, fills = excluded.fills,
            position = excluded.position
        """,
        {"domain": domain_id, "empties": not fills, "fills": fills, "first": FIRST},
    )


def lock_work(transaction: Transaction) -> Work | None:
    """Something to be done that nobody else is doing; None when there is nothing.

    What a deleted domain left behind goes with the rest of it.
    """
    row = transaction.row(
        """
        select work.domain_id, work.empties, work.fills, work.position
        from match_index_work as work join domains using (domain_id)
        order by work.domain_id limit 1 for update of work skip locked
        """
    )
    return Work(*row) if row else None


def note_emptied(transaction: Transaction, work: Work) -> None:
    """An index is empty."""
    transaction.send(
        "update match_index_work set empties = false where domain_id = %s", [work.domain_id]
    )


def note_position(transaction: Transaction, work: Work, position: Id) -> None:
    """An index is filled up to a profile."""
    transaction.send(
        "update match_index_work set position = %s where domain_id = %s",
        [position, work.domain_id],
    )


def forget_work(transaction: Transaction, work: Work) -> None:
    """Nothing is left to do."""
    transaction.send("delete from match_index_work where domain_id = %s", [work.domain_id])


def delete_some(transaction: Transaction, domain_id: int, *, limit: int) -> int:
    """Remove some rows of an index; how many."""
    rows = 0
    for query in (
        """
        delete from match_keys where domain_id = %s and ctid = any(array(
            select ctid from match_keys where domain_id = %s limit %s))
        """,
        """
        delete from match_index where domain_id = %s and ctid = any(array(
            select ctid from match_index where domain_id = %s limit %s))
        """,
    ):
        rows += transaction.send(query, [domain_id, domain_id, limit - rows]).count
    return rows
