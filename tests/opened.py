"""Rows of a domain's tables as they were written, also of a domain that has a key."""

from typing import Any

from openprofiles.features.transfers.sealed_rows import open_row
from openprofiles.storage.database import Row, Transaction
from openprofiles.storage.encryption import cipher_of

ABSENT: dict[str, Any] = {"fields": {}, "added_keys": [], "document": "", "keys": []}
"""What stands for columns that were not asked for."""


def opened_rows(transaction: Transaction, table: str, columns: str, rows: list[Row]) -> list[Row]:
    """Rows of a table whose first column is the domain's id, without it."""
    names = columns.split(", ")
    found: list[Row] = []
    for domain_id, *values in rows:
        cipher = cipher_of(transaction, domain_id)
        row = {**ABSENT, **dict(zip(names, values, strict=True))}
        key = row.get("unique_key")
        if key is not None:
            row["unique_key"] = "\\x" + bytes(key).hex()
        if cipher is not None and table == "journal":
            row["detail"] = cipher.open(row["detail"], f"journal/{row['entry_id']}")
        elif cipher is not None:
            open_row(cipher, table, row)
        if key is not None:
            row["unique_key"] = key
        found.append(tuple(row[name] for name in names))
    return found


def read_rows(transaction: Transaction, domain_name: str, table: str, columns: str) -> list[Row]:
    """All rows of a table that belong to a domain, in the order of their columns."""
    names = columns.split(", ")
    qualified = ", ".join(f"item.{name}" for name in names)
    # By all of them: rows that differ only in the last would come as they lie.
    order = ", ".join(str(place) for place in range(2, len(names) + 2))
    rows = transaction.rows(
        f"select item.domain_id, {qualified} from {table} as item "
        f"join domains using (domain_id) where domains.name = %s order by {order}",
        [domain_name],
    )
    return opened_rows(transaction, table, columns, rows)
