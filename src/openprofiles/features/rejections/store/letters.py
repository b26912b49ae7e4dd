"""Letters to dead-letter queues, and the queues that did not take them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from openprofiles.core.ids import FIRST, Id
from openprofiles.storage.database import Row, Transaction
from openprofiles.storage.encryption import cipher_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One rejected object on its way to the queue."""

    id: Id
    object_type: str
    document: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What was not sent yet: letters that wait and since when, letters that were given up."""

    waiting: int
    oldest_at: datetime | None
    given_up: int


def find_domain(transaction: Transaction, *, after: int, now: datetime) -> Row | None:
    """(id, account, name, configuration) of the next domain of any account that has letters to
    send now.
    """
    while (domain_id := _next_with_letters(transaction, after)) is not None:
        row = transaction.row(
            """
            select domain_id, account_id, name, configuration from domains
            left join dead_letter_queues as queue using (domain_id)
            where domain_id = %s and (queue.retry_at is null or queue.retry_at <= %s)
            """,
            [domain_id, now],
        )
        if row is not None:
            return row
        after = domain_id
    return None


def _next_with_letters(transaction: Transaction, after: int) -> int | None:
    """The next domain with letters that wait: one step in their index, however many there are."""
    row = transaction.row(
        """
        select domain_id from dead_letters where domain_id > %s and not is_given_up
        order by domain_id limit 1
        """,
        [after],
    )
    return row[0] if row else None


def list_waiting(
    transaction: Transaction,
    domain_id: int,
    *,
    after: Id | None,
    limit: int,
    also_given_up: bool = False,
) -> list[Letter]:
    """The letters of a domain that wait, in the order of their rejection."""
    cipher = cipher_of(transaction, domain_id)
    rows = transaction.rows(
        """
        select letter_id, object_type, document, reason from dead_letters
        where domain_id = %s and letter_id > %s and (not is_given_up or %s)
        order by letter_id limit %s
        """,
        [domain_id, after or FIRST, also_given_up, limit],
    )
    return [
        Letter(
            id=letter_id,
            object_type=object_type,
            document=document
            if cipher is None
            else cipher.open_text(document, f"rejected_objects/{letter_id}"),
            reason=reason,
        )
        for letter_id, object_type, document, reason in rows
    ]


def delete(transaction: Transaction, domain_id: int, letter_ids: Sequence[Id]) -> None:
    """Letters that are sent, or that nobody wants any more, go."""
    transaction.send(
        "delete from dead_letters where domain_id = %s and letter_id = any(%s::uuid[])",
        [domain_id, list(letter_ids)],
    )


def note_refused(
    transaction: Transaction, domain_id: int, problems: Mapping[Id, str], *, most_attempts: int
) -> None:
    """The queue refused letters: they are given up when that happened often enough."""
    rows = [{"i": letter_id, "p": problem} for letter_id, problem in problems.items()]
    transaction.send(
        """
        update dead_letters as letter set
            attempts = letter.attempts + 1, problem = row.p,
            is_given_up = letter.attempts + 1 >= %s
        from json_to_recordset(%s::json) as row (i uuid, p text)
        where letter.domain_id = %s and letter.letter_id = row.i
        """,
        [most_attempts, msgspec.json.encode(rows).decode(), domain_id],
    )


def take_up(transaction: Transaction, domain_id: int) -> int:
    """Letters that were given up wait again; how many."""
    return transaction.send(
        """
        update dead_letters set is_given_up = false, attempts = 0
        where domain_id = %s and is_given_up
        """,
        [domain_id],
    ).count


def count(transaction: Transaction, domain_id: int) -> Backlog:
    """What of a domain was not sent."""
    [(waiting, oldest_at, given_up)] = transaction.rows(
        """
        select count(*) filter (where not is_given_up),
            min(rejected_at) filter (where not is_given_up), count(*) filter (where is_given_up)
        from dead_letters where domain_id = %s
        """,
        [domain_id],
    )
    return Backlog(waiting=waiting, oldest_at=oldest_at, given_up=given_up)


def count_all(transaction: Transaction) -> Backlog:
    """What of all domains was not sent."""
    [(waiting, oldest_at, given_up)] = transaction.rows(
        """
        select count(*) filter (where not is_given_up),
            min(rejected_at) filter (where not is_given_up), count(*) filter (where is_given_up)
        from dead_letters join domains using (domain_id)
        """
    )
    return Backlog(waiting=waiting, oldest_at=oldest_at, given_up=given_up)


def find_queue(transaction: Transaction, domain_id: int) -> tuple[int, str, datetime] | None:
    """How often the queue failed since it last took a letter, why, and when it is tried again."""
    row = transaction.row(
        "select failures, problem, retry_at from dead_letter_queues where domain_id = %s",
        [domain_id],
    )
    return None if row is None else (row[0], row[1], row[2])


def note_queue(
    transaction: Transaction, domain_id: int, *, failures: int, problem: str, retry_at: datetime
) -> None:
    """The queue took nothing: it is left alone until `retry_at`."""
    transaction.send(
        """
        insert into dead_letter_queues (domain_id, failures, problem, retry_at)
        values (%s, %s, %s, %s)
        on conflict (domain_id) do update set
            failures = excluded.failures, problem = excluded.problem, retry_at = excluded.retry_at
        """,
        [domain_id, failures, problem, retry_at],
    )


def forget_queue(transaction: Transaction, domain_id: int) -> None:
    """The queue takes letters, or it is another one."""
    transaction.send("delete from dead_letter_queues where domain_id = %s", [domain_id])
