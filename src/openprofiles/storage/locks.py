"""Advisory locks that live as long as the transaction: how writers of one thing take turns.

Every writer takes them in the same order: tags, account, domain, key values, then profile rows by
id. So two writers never wait for each other (design §3, Concurrency).

Key values have a lock each, by a checksum: two that share one only wait for each other without
need. Locks of key values are pairs of numbers, all others one number: PostgreSQL keeps them apart.
"""

import hashlib
import zlib
from collections.abc import Iterable

from openprofiles.storage.database import Pending, Transaction


def share_tags(transaction: Transaction, account_id: str, domain_name: str) -> Pending:
    """Decide by the tags of a domain and of what it holds: they stay as they are."""
    return transaction.send(
        "select pg_advisory_xact_lock_shared(%s)", [_number("tags", account_id, domain_name)]
    )


def own_tags(transaction: Transaction, account_id: str, domain_name: str) -> Pending:
    """Change the tags of a domain or of what it holds, while nobody decides by them."""
    return transaction.send(
        "select pg_advisory_xact_lock(%s)", [_number("tags", account_id, domain_name)]
    )


def share_domain(transaction: Transaction, account_id: str, domain_name: str) -> Pending:
    """Write inside a domain: with other writers, never while it is deleted or its object types
    change.
    """
    transaction.held_domains.add((account_id, domain_name))
    return transaction.send(
        "select pg_advisory_xact_lock_shared(%s)", [_number("domain", account_id, domain_name)]
    )


def own_domain(transaction: Transaction, account_id: str, domain_name: str) -> Pending:
    """Change the domain itself or its object types: alone."""
    transaction.held_domains.add((account_id, domain_name))
    return transaction.send(
        "select pg_advisory_xact_lock(%s)", [_number("domain", account_id, domain_name)]
    )


def own_account(transaction: Transaction, account_id: str) -> Pending:
    """Count the domains of an account: alone. Taken before a domain's lock."""
    return transaction.send("select pg_advisory_xact_lock(%s)", [_number("account", account_id)])


def own_keys(transaction: Transaction, domain_id: int, keys: Iterable[tuple[str, str]]) -> Pending:
    """Decide about key values `(key name, normalised value)`: one writer at a time for each."""
    names: dict[str, int] = {}
    numbers: set[int] = set()
    for name, value in keys:
        begun = names.get(name)
        if begun is None:
            begun = names[name] = zlib.crc32(f"{name}\0".encode())
        numbers.add(zlib.crc32(value.encode(), begun) - 2**31)
    return transaction.send(
        "select pg_advisory_xact_lock(%s, number) from unnest(%s::integer[]) as number",
        # An array as text: the driver would write its elements one by one.
        [domain_id, f"{{{','.join(map(str, sorted(numbers)))}}}"],
    )


def _number(*parts: str | int) -> int:
    digest = hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
