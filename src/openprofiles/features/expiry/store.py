"""SQL of the expiry room: domains that were deleted, and the rows they left behind."""

from openprofiles.storage.database import Transaction

TABLES = (
    # First: without them nobody can read the rest any more.
    "data_keys",
    "encryption_work",
    "profile_objects",
    "profile_keys",
    "profiles",
    "record_keys",
    "standard_records",
    "merges",
    "rule_keys",
    "rule_states",
    "rule_merges_due",
    "identity_resolution_jobs",
    "match_groups",
    "match_models",
    "match_queue",
    "match_values",
    "match_decisions",
    "match_index",
    "match_keys",
    "match_index_work",
    "rejected_objects",
    "dead_letters",
    "dead_letter_queues",
    "replays",
    "event_sources",
    "event_deliveries",
    "journal",
    "former_objects",
    "erasures",
    "tombstone_values",
    "tombstone_keys",
    "imports",
    "file_imports",
    "integrations",
    "integration_runs",
    "integration_workflows",
    "source_connections",
    "object_types",
    "domain_keys",
    "tags",
    "domain_counts",
    "domain_hours",
)
"""All tables that hold rows of a domain; a test holds this against the schema."""


def lock_deleted_domain(transaction: Transaction) -> int | None:
    """The id of a deleted domain that no other sweep is at work on; None when there is none."""
    row = transaction.row(
        "select domain_id from deleted_domains order by deleted_at limit 1 for update skip locked"
    )
    return row[0] if row else None


def delete_rows(transaction: Transaction, table: str, domain_id: int, *, limit: int) -> int:
    """Delete up to `limit` rows of a domain from one of TABLES; how many went."""
    if table not in TABLES:
        raise AssertionError(f"{table} is not a table of domains")
    query = (
        f"delete from {table} where ctid = any(array("  # noqa: S608 (the name is one of TABLES)
        f"select ctid from {table} where domain_id = %s limit %s))"
    )
    return transaction.send(query, [domain_id, limit]).count


def forget_deleted_domain(transaction: Transaction, domain_id: int) -> None:
    """Nothing is left of a deleted domain."""
    transaction.send("delete from deleted_domains where domain_id = %s", [domain_id])
