"""SQL of the service room: what waits for somebody."""

from openprofiles.storage.database import Row, Transaction

MOST_COUNTED = 10_000
"""Rejected objects and letters are counted up to here: more are too many, whatever their number."""


def count_rejected(transaction: Transaction, account_id: str) -> int:
    """How many rejected objects the domains of an account have, up to MOST_COUNTED and one."""
    [(count,)] = transaction.rows(
        """
        select count(*) from (
            select from rejected_objects join domains using (domain_id)
            where account_id = %s limit %s) as counted
        """,
        [account_id, MOST_COUNTED + 1],
    )
    return int(count)


def count_letters(transaction: Transaction, account_id: str) -> Row:
    """(how many letters wait for dead-letter queues, since when), up to as many."""
    [row] = transaction.rows(
        """
        select count(*), min(rejected_at) from (
            select rejected_at from dead_letters join domains using (domain_id)
            where account_id = %s and not is_given_up limit %s) as counted
        """,
        [account_id, MOST_COUNTED + 1],
    )
    return row


def count_deleted_domains(transaction: Transaction) -> int:
    """How many deleted domains have rows left, of all accounts: they belong to none any more."""
    [(count,)] = transaction.rows("select count(domain_id) from deleted_domains")
    return int(count)
