"""Notes of profiles whose matches are still to be merged."""

from collections.abc import Iterable, Sequence

import msgspec

from openprofiles.core.ids import Id
from openprofiles.features.rules.store.keys import Edition, RuleKey, hidden
from openprofiles.storage.database import Pending, Transaction


def note_merges_due(transaction: Transaction, domain_id: int, profile_ids: Iterable[Id]) -> Pending:
    """Note that matches of profiles are to be merged.

    A note that is there is made anew: who has read it before must not take it away.
    """
    return transaction.send(
        """
        insert into rule_merges_due (domain_id, profile_id)
        select %s, id from unnest(%s::uuid[]) as id
        on conflict (domain_id, profile_id) do update set profile_id = excluded.profile_id
        """,
        [domain_id, sorted(profile_ids)],
    )


def note_sharing_merges_due(
    transaction: Transaction, edition: Edition, keys: Iterable[RuleKey]
) -> None:
    """Note those of profiles whose keys meet the key of another profile."""
    transaction.send(
        """
        insert into rule_merges_due (domain_id, profile_id)
        select distinct %s, row.profile_id
        from json_to_recordset(%s::json) as row (level smallint, value uuid, profile_id uuid)
        cross join lateral (
            select from rule_keys as other
            where other.domain_id = %s and other.level = row.level and other.value = row.value
                and other.profile_id <> row.profile_id
            limit 1
        ) as shared
        on conflict do nothing
        """,
        [
            edition.domain_id,
            msgspec.json.encode(
                [
                    key._replace(level=edition.code(key.level))._asdict()
                    for key in hidden(transaction, edition.domain_id, keys)
                ]
            ).decode(),
            edition.domain_id,
        ],
    )


def list_merges_due(transaction: Transaction, domain_id: int, *, limit: int) -> dict[Id, str]:
    """Profiles whose matches are to be merged, with the versions of the notes."""
    rows = transaction.rows(
        """
        select profile_id, xmin::text from rule_merges_due
        where domain_id = %s order by profile_id limit %s
        """,
        [domain_id, limit],
    )
    return dict(rows)


def find_merges_due(
    transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]
) -> dict[Id, str]:
    """Those of the profiles whose matches are to be merged, with the versions of the notes."""
    rows = transaction.rows(
        """
        select profile_id, xmin::text from rule_merges_due
        where domain_id = %s and profile_id = any(%s::uuid[])
        """,
        [domain_id, list(profile_ids)],
    )
    return dict(rows)


def delete_merges_due(
    transaction: Transaction, domain_id: int, notes: Iterable[tuple[Id, str]]
) -> None:
    """Take notes away that are as they were when they were read, and that nobody makes anew."""
    rows = [{"profile_id": profile_id, "version": version} for profile_id, version in notes]
    transaction.send(
        """
        delete from rule_merges_due where ctid = any(array(
            select due.ctid from json_to_recordset(%s::json) as row (profile_id uuid, version text)
            join rule_merges_due as due
                on due.domain_id = %s and due.profile_id = row.profile_id
                and due.xmin::text = row.version
            for update of due skip locked))
        """,
        [msgspec.json.encode(rows).decode(), domain_id],
    )


def find_domain_with_merges_due(
    transaction: Transaction, *, after: int
) -> tuple[str, str, int] | None:
    """The next domain with matches to be merged: (account, name, id)."""
    row = transaction.row(
        """
        select account_id, name, domain_id from domains
        where domain_id > %s and exists (
            select from rule_merges_due as due where due.domain_id = domains.domain_id)
        order by domain_id limit 1
        """,
        [after],
    )
    return (row[0], row[1], row[2]) if row else None


def count_merges_due(transaction: Transaction, domain_id: int, *, limit: int) -> int:
    """How many profiles have matches to be merged, counted up to `limit`."""
    [row] = transaction.rows(
        """
        select count(*) from (
            select from rule_merges_due where domain_id = %s limit %s
        ) as due
        """,
        [domain_id, limit],
    )
    count: int = row[0]
    return count
