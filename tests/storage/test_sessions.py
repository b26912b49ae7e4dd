"""Locks that live as long as a connection, and the database's URL."""

import time

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from openprofiles.storage.sessions import Session, SessionLost, as_url, holding


def test_a_lock_is_held_by_one_session_until_it_gives_it_back(server):
    first, second = Session(server.conninfo), Session(server.conninfo)

    assert first.try_lock("a thing")
    assert not second.try_lock("a thing")
    first.unlock("a thing")
    assert second.try_lock("a thing")

    second.close()
    # The server hears of the end a moment later.
    deadline = time.monotonic() + 10
    while not first.try_lock("a thing"):
        assert time.monotonic() < deadline
    first.close()


def test_what_is_held_is_free_at_once_afterwards(server):
    for _ in range(3):
        with holding(server.conninfo, "a job") as mine, holding(server.conninfo, "a job") as other:
            assert (mine, other) == (True, False)


def test_what_is_held_is_free_when_the_database_went_away(server):
    with holding(server.conninfo, "another job") as mine, psycopg.connect(server.conninfo) as other:
        assert mine
        other.execute(
            "select pg_terminate_backend(pid) from pg_locks"
            " where locktype = 'advisory' and pid <> pg_backend_pid()"
            " and (classid::bigint << 32) + objid::bigint"
            " = hashtextextended('another job', 0)"
        )

    with holding(server.conninfo, "another job") as again:
        assert again


def test_a_closed_session_is_lost(server):
    session = Session(server.conninfo)
    session.close()

    with pytest.raises(SessionLost):
        session.check()


def test_no_database_means_no_session():
    with pytest.raises(SessionLost, match="cannot be reached"):
        Session("host=/nowhere port=1 dbname=none")


def test_the_url_leads_to_the_same_database(server):
    url = as_url(server.conninfo)

    with psycopg.connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "conninfo",
    [
        "postgresql://me:p%40ss%2F@example.com:5433/shop?sslmode=require",
        "host='/run/post gres' dbname=sh/op user=a@b",
        "host=one,two port=1,2 dbname=shop",
        "dbname=shop",
    ],
)
def test_the_url_says_what_the_connection_string_said(conninfo):
    assert conninfo_to_dict(as_url(conninfo)) == conninfo_to_dict(conninfo)


def test_what_is_no_connection_string_is_refused():
    with pytest.raises(psycopg.ProgrammingError):
        as_url("this is not one")
