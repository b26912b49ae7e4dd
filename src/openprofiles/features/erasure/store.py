"""SQL of erasures: their receipts, and what is still to be done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec
from msgspec import Struct

from openprofiles.core.ids import LAST, Id
from openprofiles.storage.database import Row, Transaction

_COLUMNS: LiteralString = """
    erasure_id, erased_at, finished_at, profile_ids, principal, request_id, counts, digest, pending,
    position, tombstone_values, lifted_at, lifted_by
"""


class Erasure(Struct, frozen=True, kw_only=True):
    """The receipt of an erasure. `pending` has, sealed, what is still looked for among rejected
    objects, and `position` how far that is.
    """

    id: Id
    erased_at: datetime
    finished_at: datetime | None
    profile_ids: list[Id]
    principal: str
    request_id: str
    counts: dict[str, int]
    digest: str | None
    pending: bytes | None
    position: list[str] | None
    tombstone_values: int
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    @property
    def has_tombstone(self) -> bool:
        return bool(self.tombstone_values) and self.lifted_at is None


def insert(
    transaction: Transaction, domain_id: int, erasure: Erasure, *, principal_arn: str | None
) -> None:
    """Keep a receipt."""
    transaction.send(
        """
        insert into erasures (
            domain_id, erasure_id, erased_at, finished_at, profile_ids, principal, principal_arn,
            request_id, counts, digest, pending, tombstone_values)
        values (%s, %s, %s, %s, %s::uuid[], %s, %s, %s, %s::jsonb, %s, %s, %s)
        """,
        [
            domain_id,
            erasure.id,
            erasure.erased_at,
            erasure.finished_at,
            erasure.profile_ids,
            erasure.principal,
            principal_arn,
            erasure.request_id,
            _json(erasure.counts),
            erasure.digest,
            erasure.pending,
            erasure.tombstone_values,
        ],
    )


def find(
    transaction: Transaction, domain_id: int, erasure_id: Id, *, locks: bool = False
) -> Erasure | None:
    """A receipt; with `locks`, held until the transaction ends."""
    row = transaction.row(
        # What is put in are constants of the program, here and below.
        f"select {_COLUMNS} from erasures where domain_id = %s and erasure_id = %s"  # noqa: S608
        + (" for update" if locks else ""),
        [domain_id, erasure_id],
    )
    return None if row is None else _erasure(row)


def list_page(
    transaction: Transaction,
    domain_id: int,
    *,
    with_tombstones: bool,
    before: Id | None,
    limit: int,
) -> list[Erasure]:
    """Receipts, the newest first; all, or those with a tombstone that stands."""
    rows = transaction.rows(
        f"""
        select {_COLUMNS} from erasures where domain_id = %s and erasure_id < %s
            and (not %s or (tombstone_values > 0 and lifted_at is null))
        order by erasure_id desc limit %s
        """,  # noqa: S608
        [domain_id, before or LAST, with_tombstones, limit],
    )
    return [_erasure(row) for row in rows]


def find_unfinished(transaction: Transaction) -> Row | None:
    """(account, domain's name, erasure) of one that is not done, of any account."""
    return transaction.row(
        """
        select account_id, name, erasure_id from erasures join domains using (domain_id)
        where finished_at is null order by domain_id, erasure_id limit 1
        """
    )


def note_progress(
    transaction: Transaction,
    domain_id: int,
    erasure_id: Id,
    *,
    counts: Mapping[str, int],
    position: Sequence[str],
) -> None:
    """Note how far the search among rejected objects is."""
    transaction.send(
        """
        update erasures set counts = %s::jsonb, position = %s::jsonb
        where domain_id = %s and erasure_id = %s
        """,
        [_json(counts), _json(position), domain_id, erasure_id],
    )


def finish(
    transaction: Transaction,
    domain_id: int,
    erasure_id: Id,
    *,
    counts: Mapping[str, int],
    digest: str,
    now: datetime,
) -> None:
    """The erasure is done, and nothing of the person is left in its receipt."""
    transaction.send(
        """
        update erasures set counts = %s::jsonb, digest = %s, finished_at = %s, pending = null,
            position = null
        where domain_id = %s and erasure_id = %s
        """,
        [_json(counts), digest, now, domain_id, erasure_id],
    )


def note_lifted(
    transaction: Transaction, domain_id: int, erasure_id: Id, *, now: datetime, principal: str
) -> None:
    """The tombstone of an erasure is lifted."""
    transaction.send(
        """
        update erasures set lifted_at = %s, lifted_by = %s
        where domain_id = %s and erasure_id = %s
        """,
        [now, principal, domain_id, erasure_id],
    )


def _erasure(row: Row) -> Erasure:
    names = Erasure.__struct_fields__
    values = dict(zip(names, row, strict=True))
    pending = values["pending"]
    return Erasure(**{**values, "pending": None if pending is None else bytes(pending)})


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
