"""The domain that pgbench writes in: as large as that of the service, in the same tables.

A script must know the id of a customer's profile without asking, so the rows are copied from the
service's domain with ids that follow from the customer's number.
"""

from typing import Any

import psycopg

from bench.floor_scripts import PROFILE_ID
from bench.workload import EMAIL_KEY

TABLES = ("profiles", "profile_keys", "profile_objects")


def fill(connection: psycopg.Connection[Any], *, source: str, target: str) -> None:
    """Copy all profiles of domain `source` to the empty domain `target`."""
    source_id, target_id = _id_of(connection, source), _id_of(connection, target)
    profile_id = PROFILE_ID.format(customer="substring(value from '[0-9]{9}')")
    _run(
        connection,
        f"""
        create temporary table renamed as
        select distinct profile_id as former_id, {profile_id}::uuid as new_id
        from profile_keys where domain_id = {source_id} and key_name = '{EMAIL_KEY}'
        """,  # noqa: S608 (our own names and numbers)
    )
    _run(connection, "create unique index on renamed (former_id)")
    _run(connection, "analyze renamed")
    for table in TABLES:
        columns = [
            name
            for (name,) in connection.execute(
                "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 "
                "and not attisdropped",
                [table],
            )
        ]
        values = ", ".join(_copied(name, target_id) for name in columns)
        _run(
            connection,
            f"""
            insert into {table} ({", ".join(columns)})
            select {values}
            from {table} as row join renamed on former_id = row.profile_id
            where row.domain_id = {source_id}
            """,  # noqa: S608 (our own names and numbers)
        )


def _copied(column: str, target_id: int) -> str:
    if column == "domain_id":
        return str(target_id)
    if column == "profile_id":
        return "new_id"
    if column == "value":
        # The key that holds the profile's id follows it.
        return (
            "case row.key_name when '_profileId' then replace(new_id::text, '-', '') else value end"
        )
    return f"row.{column}"


def _id_of(connection: psycopg.Connection[Any], domain: str) -> int:
    row = connection.execute("select domain_id from domains where name = %s", [domain]).fetchone()
    if row is None:
        raise SystemExit(f"There is no domain {domain}")
    return int(row[0])


def _run(connection: psycopg.Connection[Any], query: str) -> None:
    """Run a query put together from our own names and numbers."""
    connection.execute(query.encode())
