"""Connections and transactions, and what becomes of them when the database goes away."""

import os
import signal
import uuid
from collections.abc import Iterator

import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from openprofiles.storage.database import (
    ATTEMPTS,
    MOST_RETRIES,
    ChangedMeanwhile,
    Database,
    DatabaseUnavailable,
    Transaction,
)
from openprofiles.storage.embedded import EmbeddedServer
from tests.acceptance.service import wait_until


@pytest.fixture
def conninfo(server) -> Iterator[str]:
    """A fresh database."""
    name = f"database_{uuid.uuid4().hex}"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        yield make_conninfo(server.conninfo, dbname=name)
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def own(conninfo) -> Iterator[Database]:
    """A database whose connections the test may break."""
    database = Database(conninfo, connections=2, patience=2.0)
    yield database
    database.close()


@pytest.fixture
def table(conninfo) -> None:
    """A table `numbers`."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("create table numbers (n integer)")


def backend_of(transaction: Transaction) -> int:
    row = transaction.row("select pg_backend_pid()")
    assert row is not None
    return int(row[0])


def end_session(server: EmbeddedServer, pid: int) -> None:
    """End a session of the database and wait until it is gone."""
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute("select pg_terminate_backend(%s, 5000)", [pid])


def is_there(database: Database) -> bool:
    return answers(database, reads_only=True)


def answers(database: Database, *, reads_only: bool) -> bool:
    try:
        database.run(backend_of, reads_only=reads_only)
    except DatabaseUnavailable:
        return False
    return True


def numbers(database: Database) -> list[int]:
    return database.run(
        lambda transaction: [n for (n,) in transaction.rows("select n from numbers order by n")],
        reads_only=True,
    )


@pytest.mark.usefixtures("table")
def test_what_is_done_is_committed_and_told(own):
    told = []

    def work(transaction: Transaction) -> str:
        transaction.send("insert into numbers values (1)")
        transaction.after_commit.append(lambda: told.append(numbers(own)))
        return "done"

    assert own.run(work, reads_only=False) == "done"
    assert told == [[1]]


@pytest.mark.usefixtures("table")
def test_what_fails_is_undone_and_not_told(own):
    told = []

    def work(transaction: Transaction) -> None:
        transaction.send("insert into numbers values (1)")
        transaction.after_commit.append(lambda: told.append(1))
        raise LookupError

    with pytest.raises(LookupError):
        own.run(work, reads_only=False)
    assert numbers(own) == []
    assert told == []


@pytest.mark.usefixtures("table")
def test_who_only_reads_cannot_write(own):
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        own.run(
            lambda transaction: transaction.send("insert into numbers values (1)").count,
            reads_only=True,
        )


@pytest.mark.parametrize("reads_only", [True, False])
def test_an_idle_connection_that_was_ended_goes_unnoticed(own, server, reads_only):
    pid = own.run(backend_of, reads_only=reads_only)

    end_session(server, pid)

    assert own.run(backend_of, reads_only=reads_only) != pid


def test_a_crash_of_another_session_goes_unnoticed_by_those_who_read(data_dir):
    with EmbeddedServer(data_dir) as server:
        database = Database(server.conninfo, connections=2)
        pid = database.run(backend_of, reads_only=True)
        with psycopg.connect(server.conninfo) as other:
            os.kill(other.info.backend_pid, signal.SIGKILL)
            # All sessions are ended then; and new ones wait for the server to recover.
            wait_until(lambda: not psutil.pid_exists(pid))
            wait_until(lambda: answers(database, reads_only=False))

            assert database.run(backend_of, reads_only=True) != pid
        database.close()


@pytest.mark.usefixtures("table")
def test_work_that_lost_its_connection_before_the_commit_is_done_again(own, server):
    pids = []

    def work(transaction: Transaction) -> None:
        pids.append(backend_of(transaction))
        transaction.send("insert into numbers values (1)")
        if len(pids) == 1:
            end_session(server, pids[0])
        transaction.row("select 1")

    own.run(work, reads_only=False)

    assert len(pids) == 2
    assert numbers(own) == [1]


@pytest.mark.usefixtures("table")
def test_work_that_lost_its_connection_at_the_commit_is_not_repeated(own, server):
    times = []

    def work(transaction: Transaction) -> None:
        times.append(1)
        transaction.send("insert into numbers values (1)")
        end_session(server, backend_of(transaction))

    with pytest.raises(DatabaseUnavailable):
        own.run(work, reads_only=False)
    assert times == [1]
    assert numbers(own) == []


def test_work_that_always_loses_its_connection_gives_up(own, server):
    times = []

    def work(transaction: Transaction) -> None:
        times.append(1)
        end_session(server, backend_of(transaction))
        transaction.row("select 1")

    with pytest.raises(DatabaseUnavailable):
        own.run(work, reads_only=False)
    assert len(times) == ATTEMPTS


@pytest.mark.usefixtures("table")
def test_work_that_the_database_wants_again_is_done_again(own):
    times = []

    def work(transaction: Transaction) -> None:
        times.append(1)
        transaction.send("insert into numbers values (1)")
        if len(times) < ATTEMPTS:
            raise psycopg.errors.SerializationFailure

    own.run(work, reads_only=False)

    assert numbers(own) == [1]


def test_work_that_others_were_quicker_than_begins_anew_until_it_is_hopeless(own):
    tries: list[Transaction] = []

    def work(transaction: Transaction) -> str:
        tries.append(transaction)
        if len(tries) < 5:
            raise ChangedMeanwhile
        return "done"

    def hopeless(transaction: Transaction) -> None:
        tries.append(transaction)
        raise ChangedMeanwhile

    assert own.run(work, reads_only=False) == "done"
    assert len(tries) == 5
    with pytest.raises(DatabaseUnavailable):
        own.run(hopeless, reads_only=False)
    assert len(tries) == 5 + MOST_RETRIES


def test_work_that_the_database_wants_again_and_again_fails(own):
    def work(_: Transaction) -> None:
        raise psycopg.errors.DeadlockDetected

    with pytest.raises(psycopg.errors.DeadlockDetected):
        own.run(work, reads_only=False)


def test_what_the_server_cannot_do_is_logged_with_its_reason(own, caplog):
    def work(transaction: Transaction) -> None:
        transaction.send("set local statement_timeout = '10ms'")
        transaction.row("select pg_sleep(10)")

    with pytest.raises(DatabaseUnavailable):
        own.run(work, reads_only=False)

    told = vars(caplog.records[-1])
    assert told["sqlstate"] == "57014"
    assert told["said"] == "canceling statement due to statement timeout"


def test_a_database_that_is_not_there_is_unavailable(tmp_path):
    database = Database(make_conninfo(host=str(tmp_path)), connections=1, patience=0.2)

    with pytest.raises(DatabaseUnavailable):
        database.run(backend_of, reads_only=True)

    database.close()


def test_a_database_that_is_gone_and_back_is_found_again(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        database = Database(server.conninfo, connections=2, patience=0.5)
        assert is_there(database)
        server.close()
        assert not is_there(database)

    with EmbeddedServer(tmp_path):
        # The pool asks again within seconds; until then callers are told so.
        assert any(is_there(database) for _ in range(20))
        database.close()


@pytest.mark.usefixtures("table")
def test_a_snapshot_streams_one_state_whatever_happens_meanwhile(own):
    own.run(
        lambda transaction: (
            transaction.send("insert into numbers select generate_series(1, 5000)").count
        ),
        reads_only=False,
    )

    with own.snapshot() as snapshot:
        stream = snapshot.stream("select n from numbers order by n")
        first = next(stream)
        own.run(lambda other: other.send("delete from numbers").count, reads_only=False)
        rest = list(stream)

    assert [first, *rest] == [(n,) for n in range(1, 5001)]
    assert numbers(own) == []


def test_a_broken_snapshot_leaves_a_pool_that_works(own, server):
    with own.snapshot() as snapshot:
        end_session(server, backend_of(snapshot))
        with pytest.raises(psycopg.OperationalError):
            snapshot.row("select 1")

    assert own.run(backend_of, reads_only=True)


def test_it_tells_how_many_connections_there_are(own):
    with own.transaction() as transaction:
        backend_of(transaction)
        assert own.connections()["in_use"] >= 1
    own.run(backend_of, reads_only=True)
    assert own.connections()["open"] >= 2


def test_options_of_the_url_hold_for_readers_too(server):
    conninfo = make_conninfo(server.conninfo, options="-c application_name=mine")
    database = Database(conninfo, connections=1)

    for reads_only in (True, False):
        assert database.run(
            lambda transaction: transaction.row("show application_name"), reads_only=reads_only
        ) == ("mine",)

    database.close()
