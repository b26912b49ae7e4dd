"""Migrations: forward only, once, and what they make is what the schema file says."""

import threading
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from openprofiles.storage import migrating
from openprofiles.storage.errors import CannotStart
from openprofiles.storage.migrating import (
    check_server,
    current_version,
    known_versions,
    migrate,
    newest_version,
)
from tests.storage.write_schema import SCHEMA, dump


@pytest.fixture
def empty(server) -> Iterator[str]:
    """How to connect to an empty database of one's own."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template template0").format(sql.Identifier(name))
        )
        yield make_conninfo(server.conninfo, dbname=name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_an_empty_database_gets_the_newest_version(empty):
    migrate(empty)

    with psycopg.connect(empty) as connection:
        assert current_version(connection) == newest_version()
        assert connection.execute("select count(*) from profiles").fetchone() == (0,)


def test_migrating_again_changes_nothing(empty):
    migrate(empty)
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute(
            "insert into domains (account_id, name, configuration, created_at, updated_at)"
            " values ('1', 'kept', '{}', now(), now())"
        )

        migrate(empty)

        assert connection.execute("select name from domains").fetchall() == [("kept",)]


def test_of_two_that_migrate_at_once_one_waits_for_the_other(empty):
    failures: list[Exception] = []

    def run() -> None:
        try:
            migrate(empty)
        except CannotStart as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    with psycopg.connect(empty) as connection:
        assert current_version(connection) == newest_version()


def test_a_migration_happens_wholly_or_not_at_all(empty):
    with psycopg.connect(empty, autocommit=True) as connection:
        # In the way of the last table.
        connection.execute("create table imports ()")

        with pytest.raises(CannotStart, match='"imports" already exists'):
            migrate(empty)

        assert current_version(connection) is None
        assert connection.execute("select to_regclass('profiles')").fetchone() == (None,)


def test_a_newer_schema_is_refused_with_advice(empty):
    migrate(empty)
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("update alembic_version set version_num = '9999'")

    with pytest.raises(CannotStart, match=r"has schema 9999, .* install the version"):
        migrate(empty)


def test_an_unreachable_database_is_reported_with_advice(tmp_path):
    conninfo = f"postgresql://jane:secret@/openprofiles?host={tmp_path}"

    with pytest.raises(CannotStart, match="cannot be reached: check database_url") as failure:
        migrate(conninfo)

    assert "secret" not in str(failure.value)


def test_a_user_who_may_not_make_tables_is_told_so(empty):
    role = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
        try:
            with pytest.raises(CannotStart, match="needs the right to create"):
                migrate(make_conninfo(empty, user=role))
        finally:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


def test_a_url_that_is_none_is_reported_with_an_example():
    with pytest.raises(CannotStart, match="no PostgreSQL URL such as") as failure:
        migrate("jane:secret@host")

    assert "secret" not in str(failure.value)


def test_a_database_that_does_not_store_unicode_is_refused(server):
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(
            sql.SQL(
                "create database {} template template0 encoding 'LATIN1' locale 'C'"
                " locale_provider libc"
            ).format(sql.Identifier(name))
        )
        with pytest.raises(CannotStart, match="LATIN1; openprofiles needs UTF8"):
            migrate(make_conninfo(server.conninfo, dbname=name))
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_a_server_that_is_too_old_is_refused(server, monkeypatch):
    monkeypatch.setattr(migrating, "OLDEST_SERVER", 99)

    with (
        psycopg.connect(server.conninfo) as connection,
        pytest.raises(CannotStart, match="openprofiles needs 99 to"),
    ):
        check_server(connection)


def test_each_sql_file_has_its_revision():
    versions = migrating.MIGRATIONS / "versions"
    revisions = sorted(path.name[1:5] for path in versions.glob("v*.py"))

    assert revisions == known_versions()


def test_the_schema_file_says_what_the_migrations_make(empty):
    migrate(empty)

    assert SCHEMA.read_text(encoding="utf-8") == dump(empty)


def test_the_schema_file_makes_the_same_database(empty):
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute(SCHEMA.read_bytes())

    assert dump(empty) == SCHEMA.read_text(encoding="utf-8")
