"""What must hold among the rows of a database, as SQL: each query finds the rows that break a rule.

`tests/features/profiles/consistency.py` checks one domain row by row in Python; these look at all
domains at once, so they are quick on a large database, and they see what no domain owns.
"""

from collections.abc import Callable
from typing import Any

Query = Callable[[str], list[tuple[Any, ...]]]
"""Runs a query; its rows."""

RULES: dict[str, str] = {
    "each object is on a profile that exists": """
        select item.domain_id, item.object_type, item.unique_key
        from profile_objects as item left join profiles using (domain_id, profile_id)
        where profiles.profile_id is null
    """,
    "each key value is held by a profile that exists": """
        select held.domain_id, held.key_name, held.profile_id
        from profile_keys as held left join profiles using (domain_id, profile_id)
        where profiles.profile_id is null
    """,
    "each standard record is on a profile that exists": """
        select record.domain_id, record.record_type, record.record_id
        from standard_records as record left join profiles using (domain_id, profile_id)
        where profiles.profile_id is null
    """,
    "each key value of a record is held by a record that exists": """
        select held.domain_id, held.record_type, held.record_id
        from record_keys as held
        left join standard_records as record using (domain_id, record_type, record_id)
        where record.record_id is null or record.profile_id <> held.profile_id
    """,
    "a key value that an object holds is a key value of its profile": """
        select domain_id, key_name, profile_id, owner_id from (
            select domain_id, key ->> 0 as key_name, key ->> 1 as value, profile_id,
                substr(encode(unique_key, 'hex'), 1, 32)::uuid as owner_id
            from profile_objects, jsonb_array_elements(keys) as key
        ) as said left join profile_keys as held
            using (domain_id, key_name, value, profile_id, owner_id)
        where held.domain_id is null
    """,
    "each profile counts its objects right": """
        select profile.domain_id, profile.profile_id
        from profiles as profile
        left join (
            select domain_id, profile_id, jsonb_object_agg(object_type, number) as counts,
                sum(bytes) as bytes
            from (
                select domain_id, profile_id, object_type, count(*) as number, sum(size) as bytes
                from profile_objects group by 1, 2, 3
            ) as of_type group by 1, 2
        ) as held using (domain_id, profile_id)
        where profile.object_counts <> coalesce(held.counts, '{}')
            or profile.object_bytes <> coalesce(held.bytes, 0)
    """,
    "the statistics of each domain are those of its rows": """
        select domain_id, counted.profiles, rows.profiles, counted.objects, rows.objects
        from domains
        left join (
            select domain_id, sum(profiles) as profiles, sum(objects) as objects,
                sum(bytes) as bytes, sum(metering_profiles) as metering
            from domain_counts group by 1
        ) as counted using (domain_id)
        left join (
            select domain_id, count(*) as profiles, sum(held.number) as objects,
                sum(object_bytes) as bytes, sum(greatest(1, ceil(held.number / 100.0))) as metering
            from profiles, lateral (
                select coalesce(sum(value::bigint), 0) as number
                from jsonb_each_text(object_counts)
            ) as held group by 1
        ) as rows using (domain_id)
        where coalesce(counted.profiles, 0) <> coalesce(rows.profiles, 0)
            or coalesce(counted.objects, 0) <> coalesce(rows.objects, 0)
            or coalesce(counted.bytes, 0) <> coalesce(rows.bytes, 0)
            or coalesce(counted.metering, 0) <> coalesce(rows.metering, 0)
    """,
    "each field has a provenance": """
        select domain_id, profile_id from profiles
        where case when jsonb_typeof(fields) <> 'object' then false -- Sealed.
        when provenance ? 'fields' then
            array(select jsonb_object_keys(fields) order by 1)
                <> array(select jsonb_object_keys(provenance -> 'fields') order by 1)
        else jsonb_array_length(provenance -> 'writes') <> 1 and fields <> '{}' end
    """,
    "a merged profile is gone until its merge is undone": """
        select domain_id, merge_id, profile_id from (
            select domain_id, merge_id, unnest(merged_ids) as profile_id from merges
            where undone_at is null
        ) as away join profiles using (domain_id, profile_id)
    """,
    "each indexed profile exists": """
        select domain_id, profile_id from (
            select domain_id, profile_id from rule_keys
            union select domain_id, profile_id from match_index
            union select domain_id, profile_id from match_keys
        ) as indexed left join profiles using (domain_id, profile_id)
        where profiles.profile_id is null
    """,
    "an integration has one run at a time": """
        select domain_id, uri from integration_runs
        where ended_at is null and workflow_id is null group by 1, 2 having count(*) > 1
    """,
}
"""Name of a rule -> the rows that break it, `domain_id` first."""

JOURNAL_RULES: dict[str, str] = {
    "each object that is there was put": """
        select domain_id, subject from (
            select domain_id, object_type || '/' || encode(unique_key, 'hex') as subject
            from profile_objects
            except select domain_id, subject from (
                select distinct on (domain_id, subject) domain_id, subject, kind from journal
                where kind like 'object.%'
                order by domain_id, subject, transaction_id desc, entry_id desc
            ) as last where kind = 'object.put'
        ) as unsaid
    """,
    "each profile was made once": """
        select domain_id, profile_id, number from profiles
        left join (
            select domain_id, profile_id, count(*) as number from journal
            where kind = 'profile.created'
                or (kind = 'object.put' and (detail ->> 'created_profile')::boolean)
            group by 1, 2
        ) as made using (domain_id, profile_id)
        where number is distinct from 1
    """,
    "a transaction says each thing once": """
        select domain_id, transaction_id, kind, profile_id from journal
        where kind in ('profile.created', 'profile.deleted', 'profile.merged_away')
        group by 1, 2, 3, 4 having count(*) > 1
    """,
    "a profile is deleted or merged away at most as often as it came": """
        select domain_id, profile_id from journal group by 1, 2
        having count(*) filter (
            where kind in ('profile.deleted', 'profile.merged_away', 'profile.expired'))
        > count(*) filter (
            where kind in ('profile.created', 'profile.restored')
                or (kind = 'object.put' and (detail ->> 'created_profile')::boolean))
    """,
}
"""The same of the journal, for domains that were not copied from an archive: what a copy brings has
one entry for all of it.
"""

TABLES_OF_DOMAINS = """
    select table_name from information_schema.columns
    where table_schema = 'public' and column_name = 'domain_id' order by 1
"""


def broken_rules(query: Query, domain_id: int | None = None, *, journal: bool = False) -> list[str]:
    """The rules that rows break, of one domain or (None) of all; with up to three of the rows."""
    rules = RULES | (JOURNAL_RULES if journal else {})
    narrowed = "" if domain_id is None else f"where domain_id = {domain_id}"
    broken = []
    for rule, breaking in rules.items():
        rows = query(f"select * from ({breaking}) as breaking {narrowed} limit 3")
        if rows:
            broken.append(f"{rule}: {rows}")
    return broken


def orphans(query: Query) -> list[str]:
    """The tables with rows of a domain that neither exists nor waits for the sweep."""
    found = []
    for (table,) in query(TABLES_OF_DOMAINS):
        rows = query(
            f"select distinct domain_id from {table} where domain_id not in (select domain_id from"
            " domains) and domain_id not in (select domain_id from deleted_domains) limit 3"
        )
        if rows:
            found.append(f"{table}: {rows}")
    return found
