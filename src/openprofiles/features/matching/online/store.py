"""The SQL of the index: comparable values by profile, and profiles by key."""

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from io import StringIO
from typing import LiteralString

import msgspec

from openprofiles.core.ids import FIRST, Id
from openprofiles.features import profiles
from openprofiles.features.matching.store import matches
from openprofiles.storage import copying
from openprofiles.storage.database import Pending, Row, Transaction
from openprofiles.storage.encryption import Cipher, cipher_of, opened, require_clear

OPENED_AT_ONCE = 5000
"""Profiles in memory while they are opened."""

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
    select near.profile_id, entry.features::text, near.is_candidate, found.match_id, array(
        select other from match_decisions
        where domain_id = %(domain)s and one = near.profile_id
        union all
        select one from match_decisions
        where domain_id = %(domain)s and other = near.profile_id
    ) as apart
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
    cipher = cipher_of(transaction, domain_id)
    if cipher is not None:
        entries = [_sealed(cipher, entry) for entry in entries]
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


def _opened_lines(
    transaction: Transaction, domain_id: int, cipher: Cipher, *, after: Id, limit: int
) -> Iterator[bytes]:
    """The same of a domain that has a key, which only we can open."""
    while limit:
        rows = transaction.rows(
            """
            select profile_id, features::text from match_index
            where domain_id = %s and profile_id > %s::uuid order by profile_id limit %s
            """,
            [domain_id, after, min(limit, OPENED_AT_ONCE)],
        )
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerows(
            (profile_id, cipher.open_json(features, _place(profile_id)))
            for profile_id, features in rows
        )
        yield text.getvalue().encode()
        if len(rows) < OPENED_AT_ONCE:
            return
        after, limit = rows[-1][0], limit - len(rows)


def _sealed(cipher: Cipher, entry: Entry) -> Entry:
    features = cipher.seal_json(entry.features, _place(entry.profile_id))
    return Entry(entry.profile_id, features, [cipher.hidden_number(key) for key in entry.keys])


def _place(profile_id: Id) -> str:
    return f"match_index/{profile_id}"


def _hidden(cipher: Cipher | None, keys: Iterable[int]) -> list[int]:
    """Digests of keys as they are stored."""
    return list(keys) if cipher is None else [cipher.hidden_number(key) for key in keys]


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
    cipher = cipher_of(transaction, domain_id)
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
    if cipher is None:
        # A JSON text is what is sealed.
        require_clear(transaction, msgspec.json.decode(features) if features else None)
    elif features is not None:
        features = cipher.open_json(features, _place(profile_id))
    return features, matches.Result(*result) if result[0] is not None else None


def send_neighbours(
    transaction: Transaction,
    domain_id: int,
    profile_id: Id,
    keys: Iterable[tuple[int, int]],
    job_id: Id,
) -> Pending:
    """Ask for the profiles that share one of `keys`, given with their caps, and for those that are
    in one group with them: (profile, features, is a candidate, number of its group, those it was
    said not to be).
    """
    transaction.has_looked_up = True
    cipher = cipher_of(transaction, domain_id)
    wanted = [
        {"key": key if cipher is None else cipher.hidden_number(key), "cap": cap}
        for key, cap in keys
    ]
    pending = transaction.send(
        _NEIGHBOURS,
        {
            "domain": domain_id,
            "keys": msgspec.json.encode(wanted).decode(),
            "job": job_id,
            "profile": profile_id,
        },
    )
    return opened(pending, cipher, _open_neighbour)


def _open_neighbour(cipher: Cipher, row: Row) -> Row:
    profile_id, features, *others = row
    return profile_id, cipher.open_json(features, _place(profile_id)), *others


def send_holders(transaction: Transaction, domain_id: int, keys: Iterable[int]) -> Pending:
    """Ask for the features of the profiles that have one of `keys`, of each key's some."""
    transaction.has_looked_up = True
    cipher = cipher_of(transaction, domain_id)
    pending = transaction.send(
        """
        select distinct on (holder.profile_id) entry.features::text, holder.profile_id
        from unnest(%s::bigint[]) as wanted (key) cross join lateral (
            select profile_id from match_keys
            where domain_id = %s and key = wanted.key limit %s
        ) as holder cross join lateral (
            select features from match_index
            where domain_id = %s and profile_id = holder.profile_id limit 1
        ) as entry
        """,
        [_hidden(cipher, keys), domain_id, MOST_HOLDERS, domain_id],
    )
    return opened(pending, cipher, _open_holder)


def _open_holder(cipher: Cipher, row: Row) -> Row:
    features, profile_id = row
    return cipher.open_json(features, _place(profile_id)), profile_id


def send_crowded(
    transaction: Transaction, domain_id: int, keys: Iterable[tuple[int, int]]
) -> Pending:
    """Ask which of `keys`, given with their caps, more profiles share than that."""
    known = dict(keys)
    transaction.has_looked_up = True
    cipher = cipher_of(transaction, domain_id)
    stored = dict(zip(_hidden(cipher, known), known, strict=True))
    wanted = [{"key": form, "cap": known[key]} for form, key in stored.items()]
    pending = transaction.send(
        """
        select wanted.key
        from json_to_recordset(%s::json) as wanted (key bigint, cap integer)
        where exists (
            select from match_keys where domain_id = %s and key = wanted.key offset wanted.cap
        )
        """,
        [msgspec.json.encode(wanted).decode(), domain_id],
    )
    return opened(pending, cipher, lambda _, row: (stored[row[0]],))


def lock_unindexed(transaction: Transaction, domain_id: int, *, after: Id, limit: int) -> list[Row]:
    """Lock the next profiles that the index lacks, in the order of their ids: (id, fields)."""
    cipher = cipher_of(transaction, domain_id)
    pending = transaction.send(
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
    return opened(pending, cipher, profiles.open_fields).rows()


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
    cipher = cipher_of(transaction, domain_id)
    if cipher is not None:
        return _opened_lines(transaction, domain_id, cipher, after=after, limit=limit)
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


def find_work(transaction: Transaction, *, after: int) -> tuple[int, str, str] | None:
    """The next domain behind `after` whose index needs something: its id,
    account and name; None when there is none.

    What a deleted domain left behind goes with the rest of it.
    """
    row = transaction.row(
        """
        select domain_id, account_id, name
        from match_index_work as work join domains using (domain_id)
        where domain_id > %s order by domain_id limit 1
        """,
        [after],
    )
    return (row[0], row[1], row[2]) if row else None


def lock_work(transaction: Transaction, domain_id: int) -> Work | None:
    """What is to be done to the index of a domain; None when that is nothing, or somebody does
    it.
    """
    row = transaction.row(
        """
        select domain_id, empties, fills, position from match_index_work
        where domain_id = %s for update skip locked
        """,
        [domain_id],
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
