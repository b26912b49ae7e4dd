"""The SQL of FindProfiles: ranges of indexes, a few rows of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from openprofiles.core.ids import Id
from openprofiles.features.profiles.finding import LAST, Name, Range
from openprofiles.storage.database import Pending, Transaction

# As the index of migration 0014 has it: bounded, since an index takes no long values.
LAST_NAME: LiteralString = """lower(left(fields ->> 'LastName', 100) collate "C")"""
FIRST_NAME: LiteralString = """lower(left(coalesce(fields ->> 'FirstName', ''), 100) collate "C")"""
BUSINESS_NAME: LiteralString = """lower(left(fields ->> 'BusinessName', 100) collate "C")"""

# The domain's id is among what is wanted, and kept there: see reading.py.
_RANGES: LiteralString = """
    select held.profile_id, wanted.name, held.value
    from (
        select %s::integer as domain, name, low, high
        from unnest(%s::text[], %s::text[], %s::text[]) as wanted (name, low, high) offset 0
    ) as wanted cross join lateral (
        select distinct value, profile_id from profile_keys
        where domain_id = wanted.domain and key_name = wanted.name
            and value >= wanted.low and value < wanted.high
        order by value, profile_id limit %s
    ) as held
"""

_NAMES: LiteralString = f"""
    select held.profile_id, 'LastName', held.value
    from (
        select %s::integer as domain, last, last_end, first, first_end
        from unnest(%s::text[], %s::text[], %s::text[], %s::text[])
            as wanted (last, last_end, first, first_end) offset 0
    ) as wanted cross join lateral (
        select profile_id, fields ->> 'LastName' as value from profiles
        where domain_id = wanted.domain and fields ->> 'LastName' is not null
            and {LAST_NAME} >= wanted.last collate "C"
            and {LAST_NAME} < wanted.last_end collate "C"
            and {FIRST_NAME} >= wanted.first collate "C"
            and {FIRST_NAME} < wanted.first_end collate "C"
        order by {LAST_NAME}, {FIRST_NAME}, profile_id limit %s
    ) as held
"""

_BUSINESSES: LiteralString = f"""
    select held.profile_id, 'BusinessName', held.value
    from (
        select %s::integer as domain, low, high
        from unnest(%s::text[], %s::text[]) as wanted (low, high) offset 0
    ) as wanted cross join lateral (
        select profile_id, fields ->> 'BusinessName' as value from profiles
        where domain_id = wanted.domain and fields ->> 'BusinessName' is not null
            and {BUSINESS_NAME} >= wanted.low collate "C"
            and {BUSINESS_NAME} < wanted.high collate "C"
        order by {BUSINESS_NAME}, profile_id limit %s
    ) as held
"""


def send_ranges(
    transaction: Transaction, domain_id: int, ranges: Sequence[Range], *, limit: int
) -> Pending:
    """Ask for key values that begin so: (profile, key name, value), up to `limit` for each."""
    starts = [wanted.start for wanted in ranges]
    return transaction.send(
        _RANGES,
        [domain_id, [wanted.key_name for wanted in ranges], starts, list(map(_end, starts)), limit],
    )


def send_names(
    transaction: Transaction, domain_id: int, names: Sequence[Name], *, limit: int
) -> Pending:
    """Ask for last names that begin so: (profile, `LastName`, last name)."""
    last, first = [name.last for name in names], [name.first for name in names]
    ends = list(map(_end, last)), list(map(_end, first))
    return transaction.send(_NAMES, [domain_id, last, ends[0], first, ends[1], limit])


def send_businesses(
    transaction: Transaction, domain_id: int, starts: Sequence[str], *, limit: int
) -> Pending:
    """Ask for business names that begin so: (profile, `BusinessName`, business name)."""
    return transaction.send(_BUSINESSES, [domain_id, list(starts), list(map(_end, starts)), limit])


def count_records_of(transaction: Transaction, domain_id: int, profile_id: Id) -> dict[str, int]:
    """How many standard records of each type a profile has."""
    rows = transaction.rows(
        """
        select record_type, count(*) from standard_records
        where domain_id = %s and profile_id = %s group by record_type order by record_type
        """,
        [domain_id, profile_id],
    )
    return dict(rows)


def list_moments_of(
    transaction: Transaction, domain_id: int, profile_id: Id, *, limit: int
) -> list[tuple[str, datetime]]:
    """When the objects of a profile were made, by their sources if they say so: (type, moment)."""
    rows = transaction.rows(
        """
        select object_type, coalesce(source_time, ingested_at) from profile_objects
        where domain_id = %s and profile_id = %s limit %s
        """,
        [domain_id, profile_id, limit],
    )
    return [(object_type, moment) for object_type, moment in rows]


def _end(start: str) -> str:
    return f"{start}{LAST}"
