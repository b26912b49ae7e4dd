"""What the last run of a domain found: match groups, the model, and what is known of values.

A run's rows bear its job's id. The one row of `match_models` says whose rows count: when a run
writes it, everybody sees the new result and nobody the old one, whose rows are then removed.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import LiteralString

import msgspec

from openprofiles.core.ids import Id
from openprofiles.storage import copying
from openprofiles.storage.database import Transaction
from openprofiles.storage.encryption import Cipher, cipher_of, found_now

GROUP_COLUMNS = ("domain_id", "job_id", "match_id", "profile_id", "confidence")
BEYOND_ALL = 1_000_000_000
"""More than any number that a run notes of a value."""

VALUE_COLUMNS = ("domain_id", "job_id", "kind", "value", "number")


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a run that is readable."""

    job_id: Id
    made_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class MatchGroup:
    """Profiles that are one person; `confidence` is how sure the least certain of them is."""

    number: int
    confidence: float
    profile_ids: tuple[Id, ...]


_HAS_EXPIRED: LiteralString = """
    exists (
        select from identity_resolution_jobs as job
        where job.domain_id = model.domain_id and job.job_id = model.job_id
            and job.expires_at <= %(now)s
    ) and not exists (
        select from identity_resolution_jobs as following
        where following.domain_id = model.domain_id and following.ended_at is null
    )
"""
"""A result stays beyond its time while a job waits or runs that will take its place."""


RESULT: LiteralString = f"""
    select job_id, made_at, size from match_models as model
    where domain_id = %(domain)s and not ({_HAS_EXPIRED}) order by made_at desc limit 1
"""
"""The result that counts in a domain at the moment `now`."""


def find_result(transaction: Transaction, domain_id: int, *, now: datetime) -> Result | None:
    """The result that counts, None when there is none or it has expired."""
    row = transaction.row(RESULT, {"domain": domain_id, "now": now})
    return Result(*row) if row else None


def find_expired(transaction: Transaction, *, now: datetime) -> int | None:
    """The id of a domain, of any account, whose result has expired; None when there is none."""
    row = transaction.row(
        f"select domain_id from match_models as model where {_HAS_EXPIRED} limit 1", {"now": now}
    )
    return row[0] if row else None


def find_last_model(transaction: Transaction, domain_id: int) -> str | None:
    """The model of the last run as text, also of one that has expired; None when there is none."""
    row = transaction.row(
        "select model::text from match_models where domain_id = %s order by made_at desc limit 1",
        [domain_id],
    )
    return row[0] if row else None


def find_model(transaction: Transaction, domain_id: int, job_id: Id) -> str | None:
    """The model of a run as text, None when there is none."""
    row = transaction.row(
        "select model::text from match_models where domain_id = %s and job_id = %s",
        [domain_id, job_id],
    )
    return row[0] if row else None


def list_groups(
    transaction: Transaction,
    domain_id: int,
    job_id: Id,
    *,
    after: int = -1,
    limit: int,
    min_confidence: float = 0,
) -> list[MatchGroup]:
    """Up to `limit` groups of two and more, the surest first."""
    rows = transaction.rows(
        """
        select match_id, max(confidence), array_agg(profile_id order by profile_id)
        from match_groups where domain_id = %s and job_id = %s and match_id > %s
        group by match_id having count(*) > 1 and max(confidence) >= %s::real
        order by match_id limit %s
        """,
        [domain_id, job_id, after, min_confidence, limit],
    )
    return [MatchGroup(number, score, tuple(ids)) for number, score, ids in rows]


def list_least_sure(
    transaction: Transaction, domain_id: int, job_id: Id, *, limit: int, min_confidence: float
) -> list[MatchGroup]:
    """Up to `limit` groups of two and more, the least sure first."""
    rows = transaction.rows(
        """
        select match_id, max(confidence), array_agg(profile_id order by profile_id)
        from match_groups where domain_id = %s and job_id = %s
        group by match_id having count(*) > 1 and max(confidence) >= %s::real
        order by match_id desc limit %s
        """,
        [domain_id, job_id, min_confidence, limit],
    )
    return [MatchGroup(number, score, tuple(ids)) for number, score, ids in rows]


def count_groups(transaction: Transaction, domain_id: int, job_id: Id) -> int:
    """How many groups have two profiles and more."""
    row = transaction.row(
        """
        select count(*) from (
            select from match_groups where domain_id = %s and job_id = %s
            group by match_id having count(*) > 1
        ) as found
        """,
        [domain_id, job_id],
    )
    return row[0] if row else 0


def count_scores(
    transaction: Transaction, domain_id: int, job_id: Id
) -> list[tuple[int, int, float]]:
    """How many groups have a confidence of each hundredth, and what theirs is on average; those
    that none has are left out. A group of 1 counts to the last hundredth.
    """
    return [
        (row[0], row[1], row[2])
        for row in transaction.rows(
            """
            select least(floor(confidence::float8 * 100), 99)::integer, count(*),
                avg(confidence)::float8
            from (
                select max(confidence) as confidence
                from match_groups where domain_id = %s and job_id = %s
                group by match_id having count(*) > 1
            ) as found
            group by 1 order by 1
            """,
            [domain_id, job_id],
        )
    ]


def find_group_of(
    transaction: Transaction, domain_id: int, job_id: Id, profile_id: Id
) -> MatchGroup | None:
    """The group of a profile, None when it has none."""
    row = transaction.row(
        """
        select match_id from match_groups
        where domain_id = %s and job_id = %s and profile_id = %s
        """,
        [domain_id, job_id, profile_id],
    )
    return find_group(transaction, domain_id, job_id, row[0]) if row else None


def find_numbers_of(
    transaction: Transaction, domain_id: int, job_id: Id, profile_ids: Sequence[Id]
) -> list[int]:
    """The numbers of the groups in which some of these profiles are."""
    rows = transaction.rows(
        """
        select distinct match_id from match_groups
        where domain_id = %s and job_id = %s and profile_id = any(%s::uuid[])
        """,
        [domain_id, job_id, list(profile_ids)],
    )
    return [row[0] for row in rows]


def find_group(
    transaction: Transaction, domain_id: int, job_id: Id, number: int
) -> MatchGroup | None:
    """A group by its number, None when fewer than two of its profiles are left."""
    found = list_groups(transaction, domain_id, job_id, after=number - 1, limit=1)
    return found[0] if found and found[0].number == number else None


def remove_profiles(transaction: Transaction, domain_id: int, profile_ids: Iterable[Id]) -> None:
    """Take profiles that are gone out of their groups, which then are to gain less, or nothing."""
    # One statement, as deleting a profile is to cost no round trip more: what it deletes is still
    # there for the rest of it.
    transaction.send(
        """
        with gone as (
            delete from match_groups
            where domain_id = %(domain)s and profile_id = any(%(ids)s::uuid[])
            returning job_id, match_id
        ), touched as (
            select job_id, match_id, array(
                select profile_id from match_groups as held
                where held.domain_id = %(domain)s and held.job_id = gone.job_id
                    and held.match_id = gone.match_id
                    and held.profile_id <> all(%(ids)s::uuid[])
            ) as ids
            from gone group by job_id, match_id
        ), standing as (
            select job_id, match_id, cardinality(ids) as size, (
                select count(*) from match_decisions as apart
                where apart.domain_id = %(domain)s
                    and apart.one = any(ids) and apart.other = any(ids)
            ) as pairs
            from touched
        ), ended as (
            delete from match_queue as queue using standing
            where domain_id = %(domain)s and queue.job_id = standing.job_id
                and queue.match_id = standing.match_id and pairs >= size * (size - 1) / 2
        )
        update match_queue as queue set gain = (size - 1) * confidence::float8 from standing
        where domain_id = %(domain)s and queue.job_id = standing.job_id
            and queue.match_id = standing.match_id and pairs < size * (size - 1) / 2
        """,
        {"domain": domain_id, "ids": list(profile_ids)},
    )


def delete_results_of(transaction: Transaction, domain_id: int, job_id: Id) -> None:
    """Remove what a run stored, that it may do so again."""
    for query in (
        "delete from match_groups where domain_id = %s and job_id = %s",
        "delete from match_queue where domain_id = %s and job_id = %s",
        "delete from match_values where domain_id = %s and job_id = %s",
    ):
        transaction.send(query, [domain_id, job_id])


def copy_groups(transaction: Transaction, lines: Iterable[bytes]) -> None:
    """Add rows of GROUP_COLUMNS, as CSV; in a bulk transaction."""
    copying.copy_in(transaction, "match_groups", GROUP_COLUMNS, lines)


def copy_values(transaction: Transaction, domain_id: int, lines: Iterable[bytes]) -> None:
    """Add rows of VALUE_COLUMNS, as CSV; in a bulk transaction."""
    cipher = cipher_of(transaction, domain_id)
    if cipher is not None:
        # Keys are read before rows are copied: the connection does one thing at a time.
        cipher.require()
        lines = _hidden_values(cipher, lines)
    copying.copy_in(transaction, "match_values", VALUE_COLUMNS, lines)


def _hidden_values(cipher: Cipher, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines of VALUE_COLUMNS with tokens for values."""
    for block in blocks:
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for domain_id, job_id, kind, value, number in csv.reader(StringIO(block.decode(), "")):
            writer.writerow((domain_id, job_id, kind, cipher.token(_name(kind), value), number))
        yield text.getvalue().encode()


def _name(kind: int | str) -> str:
    """What the token of a value is bound to."""
    return f"match_values/{kind}"


def analyze(transaction: Transaction) -> None:
    """Have the planner know what was copied, before anybody plans with it: until the database does
    so by itself, it takes a fresh result for empty and reads all of it to find a row.
    """
    transaction.send("analyze match_groups")
    transaction.send("analyze match_queue")
    transaction.send("analyze match_values")


def switch(transaction: Transaction, domain_id: int, result: Result, *, model: str | None) -> None:
    """Let a run's result be the one that counts."""
    transaction.send("delete from match_models where domain_id = %s", [domain_id])
    transaction.send(
        """
        insert into match_models (domain_id, job_id, model, size, made_at)
        values (%s, %s, %s::json, %s, %s)
        """,
        [domain_id, result.job_id, model or "null", result.size, result.made_at],
    )


def delete_others(
    transaction: Transaction, domain_id: int, job_id: Id | None, *, limit: int
) -> int:
    """Remove up to `limit` rows of other results than that of a run (None: of all); how many."""
    rows = 0
    for query in (
        """
        delete from match_groups where domain_id = %s and ctid = any(array(
            select ctid from match_groups
            where domain_id = %s and job_id is distinct from %s::uuid limit %s
        ))
        """,
        """
        delete from match_queue where domain_id = %s and ctid = any(array(
            select ctid from match_queue
            where domain_id = %s and job_id is distinct from %s::uuid limit %s
        ))
        """,
        """
        delete from match_values where domain_id = %s and ctid = any(array(
            select ctid from match_values
            where domain_id = %s and job_id is distinct from %s::uuid limit %s
        ))
        """,
    ):
        left = limit - rows
        rows += transaction.send(query, [domain_id, domain_id, job_id, left]).count
    return rows


def delete_models(transaction: Transaction, domain_id: int) -> None:
    """Let no result of a domain count."""
    transaction.send("delete from match_models where domain_id = %s", [domain_id])


def find_numbers(
    transaction: Transaction, domain_id: int, job_id: Id, wanted: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], int]:
    """What a run found of values, each a kind and a text; what it did not note is left out.

    Raises ChangedMeanwhile when the domain seals in another way by now than when it was read, which
    what was looked up before this is sure of, too.
    """
    cipher = cipher_of(transaction, domain_id)
    if cipher is not None:
        wanted = [
            (kind, form) for kind, value in wanted for form in cipher.forms(_name(kind), value)
        ]
    # Each is looked up on its own, by `lateral`: of a fresh result the planner thinks that it has
    # hardly a row, and would read all of it.
    rows = transaction.rows(
        """
        select noted.kind, noted.value, noted.number, domains.encryption
        from domains left join (
            select wanted.kind, wanted.value, known.number
            from unnest(%(kinds)s::smallint[], %(values)s::text[]) as wanted (kind, value)
            cross join lateral (
                select number from match_values
                where domain_id = %(domain)s and job_id = %(job)s and kind = wanted.kind
                    and value = wanted.value
                limit 1
            ) as known
        ) as noted on true
        where domains.domain_id = %(domain)s
        """,
        {
            "kinds": [kind for kind, _ in wanted],
            "values": [value for _, value in wanted],
            "domain": domain_id,
            "job": job_id,
        },
    )
    found = found_now(transaction, domain_id, rows)
    transaction.has_looked_up = False
    if cipher is not None:
        found = [(kind, cipher.value(_name(kind), value), number) for kind, value, number in found]
    return {(kind, value): number for kind, value, number in found}


def forget_values(
    transaction: Transaction,
    domain_id: int,
    values: Mapping[tuple[int, str], int],
    *,
    whole: Sequence[int],
) -> int:
    """Forget what runs noted of values (kind, text) that some profiles had, so many each: those of
    the kinds `whole`, and names that then at most one profile has. How many went.
    """
    cipher = cipher_of(transaction, domain_id)
    rows = [
        {"k": kind, "v": form, "n": BEYOND_ALL if kind in whole else number}
        for (kind, value), number in values.items()
        for form in ([value] if cipher is None else cipher.forms(_name(kind), value))
    ]
    transaction.send(
        """
        update match_values as noted set number = noted.number - gone.number
        from (
            select %s::integer as domain_id, model.job_id, row.k as kind, row.v as value,
                row.n as number
            from json_to_recordset(%s::json) as row (k smallint, v text, n integer)
            cross join match_models as model
            where model.domain_id = %s offset 0
        ) as gone
        where noted.domain_id = gone.domain_id and noted.job_id = gone.job_id
            and noted.kind = gone.kind and noted.value = gone.value
        """,
        [domain_id, msgspec.json.encode(rows).decode(), domain_id],
    )
    return transaction.send(
        """
        delete from match_values as noted using (
            select %s::integer as domain_id, model.job_id, row.k as kind, row.v as value
            from json_to_recordset(%s::json) as row (k smallint, v text)
            cross join match_models as model
            where model.domain_id = %s offset 0
        ) as gone
        where noted.domain_id = gone.domain_id and noted.job_id = gone.job_id
            and noted.kind = gone.kind and noted.value = gone.value and noted.number <= 1
        """,
        [domain_id, msgspec.json.encode(rows).decode(), domain_id],
    ).count
