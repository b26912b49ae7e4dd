"""Goes through the profiles of a domain, for rooms above that keep what follows from them."""

from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features.profiles.profile import Fields
from openprofiles.features.profiles.store import sealing
from openprofiles.storage.database import Transaction
from openprofiles.storage.encryption import cipher_of, opened


def has_profiles(transaction: Transaction, domain_id: int) -> bool:
    """Whether a domain has any profile."""
    query = "select from profiles where domain_id = %s limit 1"
    return transaction.row(query, [domain_id]) is not None


def list_page_of_fields(
    transaction: Transaction, domain_id: int, *, after: Id, limit: int
) -> list[tuple[Id, Fields, str]]:
    """The next profiles by id: (id, flat fields, version of the row)."""
    cipher = cipher_of(transaction, domain_id)
    pending = transaction.send(
        """
        select profile_id, fields, xmin::text from profiles
        where domain_id = %s and profile_id > %s order by profile_id limit %s
        """,
        [domain_id, after, limit],
    )
    rows: list[Any] = opened(pending, cipher, sealing.open_fields).rows()
    return rows


def list_versions(
    transaction: Transaction, domain_id: int, *, after: Id, last: Id
) -> dict[Id, str]:
    """The profiles after an id and up to another, with the versions of their rows, which change
    whenever they are written.
    """
    rows = transaction.rows(
        """
        select profile_id, xmin::text from profiles
        where domain_id = %s and profile_id > %s and profile_id <= %s
        """,
        [domain_id, after, last],
    )
    return dict(rows)
