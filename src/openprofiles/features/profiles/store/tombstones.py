"""SQL of tombstones: keyed digests of the key values of people who were erased."""

from collections.abc import Sequence

from openprofiles.core.ids import Id
from openprofiles.storage.database import Transaction


def find_tombstone_key(transaction: Transaction, domain_id: int) -> bytes | None:
    """The sealed key of a domain's digests; None before its first tombstone."""
    row = transaction.row("select sealed from tombstone_keys where domain_id = %s", [domain_id])
    return None if row is None else bytes(row[0])


def insert_tombstone_key(transaction: Transaction, domain_id: int, sealed: bytes) -> None:
    """Keep the sealed key of a domain's digests; the caller owns the domain."""
    transaction.send(
        "insert into tombstone_keys (domain_id, sealed) values (%s, %s)", [domain_id, sealed]
    )


def insert_tombstone(
    transaction: Transaction, domain_id: int, erasure_id: Id, digests: Sequence[bytes]
) -> None:
    """No object with a key value of one of these digests is taken from now on."""
    transaction.send(
        """
        insert into tombstone_values (domain_id, digest, erasure_id)
        select %s, digest, %s from unnest(%s::bytea[]) as digest
        """,
        [domain_id, erasure_id, list(digests)],
    )
    transaction.send("update domains set has_tombstones = true where domain_id = %s", [domain_id])


def delete_tombstone(transaction: Transaction, domain_id: int, erasure_id: Id) -> None:
    """The tombstone of an erasure stops nothing any more."""
    transaction.send(
        "delete from tombstone_values where domain_id = %s and erasure_id = %s",
        [domain_id, erasure_id],
    )
    transaction.send(
        """
        update domains set has_tombstones = exists (
            select from tombstone_values where domain_id = %s)
        where domain_id = %s
        """,
        [domain_id, domain_id],
    )


def find_stopped(transaction: Transaction, domain_id: int, digests: Sequence[bytes]) -> set[bytes]:
    """Those of the digests that a tombstone has."""
    rows = transaction.rows(
        """
        select found.digest from (
            select %s::integer as domain, digest from unnest(%s::bytea[]) as digest offset 0
        ) as wanted cross join lateral (
            select digest from tombstone_values
            where domain_id = wanted.domain and digest = wanted.digest limit 1
        ) as found
        """,
        [domain_id, list(digests)],
    )
    return {bytes(row[0]) for row in rows}
