"""What a domain consists of, as it travels in an archive: the tables, their columns, their order.

An archive holds rows as they are stored, without the domain's id; whoever changes a column changes
`archive.VERSION` and says how the older version is read. docs/reference/archive.md describes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

_SMALLEST: Mapping[str, str] = {
    "text": "",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "bytea": "",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of rows: a table's name, its columns with their types, how many of them are the
    key, and the version of the archive that first had it."""

    name: LiteralString
    columns: Mapping[LiteralString, LiteralString]
    keys: int
    since: int = 1

    @property
    def key(self) -> dict[LiteralString, LiteralString]:
        """The columns that identify a row within its domain, by which rows are ordered."""
        return dict(list(self.columns.items())[: self.keys])

    def smallest_key(self) -> list[str]:
        """A key before that of any row."""
        return [_SMALLEST[kind] for kind in self.key.values()]


PARTS = (
    Part("tags", {"resource": "text", "key": "text", "value": "text"}, 2),
    Part(
        "object_types",
        {
            "name": "text",
            "version": "uuid",
            "definition": "json",
            "created_at": "timestamptz",
            "updated_at": "timestamptz",
        },
        1,
    ),
    Part("domain_keys", {"key_name": "text", "content_types": "text[]"}, 1),
    Part(
        "profiles",
        {
            "profile_id": "uuid",
            "fields": "jsonb",
            "provenance": "jsonb",
            "added_keys": "jsonb",
            "object_counts": "jsonb",
            "object_bytes": "bigint",
            "created_at": "timestamptz",
            "written_at": "timestamptz",
            "written_on": "date",
        },
        1,
    ),
    Part(
        "profile_keys",
        {"key_name": "text", "value": "text", "profile_id": "uuid", "owner_id": "uuid"},
        4,
    ),
    Part(
        "profile_objects",
        {
            "object_type": "text",
            "unique_key": "bytea",
            "profile_id": "uuid",
            "written_id": "uuid",
            "document": "text",
            "size": "integer",
            "keys": "jsonb",
            "records": "jsonb",
            "source_time": "timestamptz",
            "ingested_at": "timestamptz",
            "expires_at": "timestamptz",
        },
        2,
    ),
    Part(
        "standard_records",
        {
            "record_type": "text",
            "record_id": "uuid",
            "profile_id": "uuid",
            "written_id": "uuid",
            "fields": "jsonb",
            "provenance": "jsonb",
            "fed_by": "jsonb",
            "created_at": "timestamptz",
            "written_at": "timestamptz",
        },
        2,
    ),
    Part(
        "record_keys",
        {
            "record_type": "text",
            "key_name": "text",
            "value": "text",
            "profile_id": "uuid",
            "record_id": "uuid",
            "owner_id": "uuid",
        },
        6,
    ),
    Part(
        "rejected_objects",
        {
            "rejection_id": "uuid",
            "object_type": "text",
            "document": "text",
            "reason": "text",
            "rejected_at": "timestamptz",
            "request_id": "text",
        },
        1,
    ),
    Part(
        "merges",
        {
            "merge_id": "uuid",
            "main_id": "uuid",
            "merged_ids": "uuid[]",
            "merged_at": "timestamptz",
            "cause": "text",
            "principal": "text",
            "request_id": "text",
            "receipt": "jsonb",
            "before": "jsonb",
            "undone_at": "timestamptz",
            "undone_by": "text",
        },
        1,
        since=2,
    ),
    Part(
        "match_decisions",
        {
            "one": "uuid",
            "other": "uuid",
            "decided_at": "timestamptz",
            "principal": "text",
            "request_id": "text",
        },
        2,
        since=2,
    ),
    Part(
        "integrations",
        {
            "uri": "text",
            "members": "jsonb",
            "flow": "jsonb",
            "bookmark": "jsonb",
            "created_at": "timestamptz",
            "updated_at": "timestamptz",
        },
        1,
        since=3,
    ),
)
"""All that a domain holds, but for its own row, its counters (both in `domain.json`), the journal,
the state of imports, what jobs have found, the runs of integrations, their schedules and the
connections to their sources, which stay where they are, and what follows from profiles, which is
made anew.
"""

NOT_EXPORTED = (
    "data_keys",
    "dead_letter_queues",
    "dead_letters",
    "deleted_domains",
    "domain_counts",
    "domain_hours",
    "domains",
    "erasures",
    "encryption_work",
    "event_deliveries",
    "event_sources",
    "file_imports",
    "former_objects",
    "identity_resolution_jobs",
    "imports",
    "integration_runs",
    "integration_workflows",
    "journal",
    "match_groups",
    "match_index",
    "match_index_work",
    "match_keys",
    "match_models",
    "match_queue",
    "match_values",
    "replays",
    "rule_keys",
    "rule_merges_due",
    "rule_states",
    "source_connections",
    "tombstone_keys",
    "tombstone_values",
)
"""The other tables with a domain's id; a test holds both lists against the schema."""

COLUMNS_NOT_EXPORTED = {
    # A copy of a domain must not pull from the sources of the original by itself.
    "integrations": ("next_run_at",),
    # How often it was tried, and when last, is of no use elsewhere.
    "rejected_objects": ("tries", "tried_at"),
}
"""Columns of parts that stay where they are; they have a default, or can be null."""
