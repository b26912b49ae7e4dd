"""Which tables hold something of people, and what an erasure does there.

A test holds these lists against the schema: whoever adds a table says which kind it is.
"""

PERSONAL = {
    "profiles": "removed",
    "profile_keys": "removed",
    "profile_objects": "removed",
    "standard_records": "removed",
    "record_keys": "removed",
    "former_objects": "removed",
    "journal": "entries stand, without values",
    "merges": "removed",
    "rule_keys": "removed",
    "rule_merges_due": "removed by what works on it, as the profile is gone",
    "match_groups": "removed",
    "match_index": "removed",
    "match_keys": "removed",
    "match_values": "phone numbers and e-mail addresses are removed",
    "match_decisions": "removed",
    "rejected_objects": "those with a key value of the person alone are removed",
    "dead_letters": "as rejected_objects",
}
"""Table -> what becomes of a person's rows."""

WITHOUT_PEOPLE = {
    "access_keys": "who may call, of an account",
    "access_policies": "what callers may do, of an account",
    "acts": "who called which operation, with names and ids of resources",
    "alembic_version": "the version of the schema",
    "console_sessions": "who of those who run the service is signed in",
    "data_keys": "keys, wrapped by others",
    "dead_letter_queues": "the state of a queue",
    "deleted_domains": "ids of domains",
    "domain_counts": "numbers",
    "domain_hours": "numbers",
    "domain_keys": "names of keys",
    "domains": "configuration",
    "encryption_work": "how far a domain is sealed anew",
    "erasures": "receipts; what is still looked for is sealed, and goes when it is done",
    "event_deliveries": "ids of events",
    "event_sources": "names and secrets of sources",
    "file_imports": "names of files, and numbers",
    "identity_resolution_jobs": "states and numbers",
    "imports": "names of files, and numbers",
    "integration_runs": "states, numbers, and places in sources",
    "integration_workflows": "configuration",
    "integrations": "configuration",
    "last_backup": "a moment",
    "match_index_work": "a state",
    "match_models": "weights",
    "match_queue": "numbers",
    "object_types": "configuration",
    "replays": "states and numbers",
    "rule_states": "states",
    "source_connections": "configuration and secrets",
    "tags": "tags of resources",
    "tombstone_keys": "sealed keys",
    "tombstone_values": "digests under a sealed key",
}
"""Table -> what it holds instead."""
