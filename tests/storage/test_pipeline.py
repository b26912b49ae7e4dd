"""Statements sent together or one by one: answers in any order, errors where read, nothing left
behind.
"""

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from openprofiles.storage import statement
from openprofiles.storage.database import Database, Pending, Transaction


@pytest.fixture
def own(server) -> Iterator[Database]:
    """A database with one connection of each kind: what one use leaves, the next one sees."""
    database = Database(server.conninfo, connections=1, patience=2.0)
    yield database
    database.close()


@pytest.fixture(params=["transaction", "reading"])
def lend(own, request):
    return getattr(own, request.param)


def ask_in_vain(transaction: Transaction, query: LiteralString) -> Pending:
    """Ask `query` after a statement that fails."""
    transaction.send("select 1 / %s::integer", [0])
    return transaction.send(query)


def fail_after(transaction: Transaction) -> None:
    for n in range(10):
        transaction.rows("select %s::integer", [n])
    raise LookupError


def catch_error(transaction: Transaction) -> Transaction:
    with pytest.raises(psycopg.errors.DivisionByZero):
        transaction.rows("select 1 / 0")
    return transaction


def send_before_error(transaction: Transaction) -> Pending:
    """A statement that failed, which another one that was waited for has told."""
    early = transaction.send("select 1 / 0")
    with pytest.raises(psycopg.errors.DivisionByZero):
        transaction.rows("select 1")
    return early


def test_answers_are_read_in_any_order_and_again(lend):
    with lend() as transaction:
        first = transaction.send("select %s::integer", [1])
        second = transaction.send("select %(n)s::integer, %(n)s::integer + 1", {"n": 2})
        assert second.row() == (2, 3)
        third = transaction.send("select generate_series(1, 3)")
        assert third.rows() == [(1,), (2,), (3,)]
        assert first.rows() == first.rows() == [(1,)]


def test_a_percent_sign_is_written_twice(lend):
    with lend() as transaction:
        assert transaction.row("select 'ab' like 'a%%', %s::text", ["%"]) == (True, "%")


def test_a_statement_takes_parameters_of_any_type(lend):
    with lend() as transaction:
        found = [transaction.row("select to_json(%s)::text", [n]) for n in (1, 2**40, 1.5, True)]
        assert transaction.send("select generate_series(1, 3)").count == 3
    assert found == [("1",), ("1099511627776",), ("1.5",), ("true",)]


def test_a_query_without_rows_has_no_first_one(lend):
    with lend() as transaction:
        assert transaction.row("select where false") is None


def test_an_error_is_raised_where_an_answer_is_read_and_leaves_a_connection_that_works(lend):
    with pytest.raises(psycopg.errors.DivisionByZero), lend() as transaction:
        ask_in_vain(transaction, "select 1").rows()

    with lend() as transaction:
        assert transaction.row("select 1 / %s::integer", [1]) == (1,)


def test_an_error_nobody_reads_is_raised_at_the_end(lend):
    with pytest.raises(psycopg.errors.DivisionByZero), lend() as transaction:
        transaction.send("select 1 / 0")

    with lend() as transaction:
        assert transaction.row("select 1") == (1,)


def test_what_follows_an_error_that_was_caught_is_refused(own):
    with pytest.raises(psycopg.errors.PipelineAborted), own.transaction() as transaction:
        catch_error(transaction).send("select 1").rows()


def test_a_transaction_with_an_error_that_was_caught_is_not_committed(own):
    with pytest.raises(psycopg.errors.PipelineAborted), own.transaction() as transaction:
        catch_error(transaction)

    with own.transaction() as transaction:
        assert transaction.row("select 1") == (1,)


def test_an_answer_whose_turn_came_with_an_error_is_refused(own):
    with pytest.raises(psycopg.errors.PipelineAborted), own.transaction() as transaction:
        send_before_error(transaction).rows()


def test_a_read_goes_on_after_an_error_that_was_caught(own):
    with own.reading() as reading:
        assert catch_error(reading).row("select 2") == (2,)


def test_a_statement_that_cannot_be_prepared_is_tried_anew(lend):
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable), lend() as transaction:
            transaction.rows("select * from nothing_of_the_kind")


def test_a_value_that_cannot_be_sent_leaves_a_connection_that_works(lend):
    with pytest.raises(psycopg.DataError), lend() as transaction:
        transaction.send("select %s::text", ["\0"])

    with lend() as transaction:
        assert transaction.row("select 1") == (1,)


def test_statements_stay_prepared_when_a_bulk_transaction_is_rolled_back(own):
    query: LiteralString = "select %s::integer"
    with own.transaction() as transaction:
        assert transaction.row(query, [1]) == (1,)
    with pytest.raises(LookupError), own.transaction(is_bulk=True) as transaction:
        fail_after(transaction)

    with own.transaction() as transaction:
        assert transaction.row(query, [2]) == (2,)


def test_only_so_many_statements_stay_prepared(lend, monkeypatch):
    monkeypatch.setattr(statement, "MOST_PREPARED", 2)

    for n in range(5):
        with lend() as transaction:
            assert transaction.row(f"select {n}, %s::integer", [n]) == (n, n)

    with lend() as transaction:
        assert transaction.row("select count(*) <= 4 from pg_prepared_statements") == (True,)


def test_a_large_statement_travels_whole(lend):
    text = "x" * 1_000_000
    with lend() as transaction:
        pendings = [transaction.send("select %s::text", [text]) for _ in range(20)]
        assert all(pending.row() == (text,) for pending in pendings)


def test_a_commit_that_fails_leaves_a_connection_for_the_next(own):
    def insert_twice(transaction: Transaction) -> None:
        transaction.send(
            "create temporary table once (n integer unique deferrable initially deferred)"
            " on commit drop"
        )
        transaction.send("insert into once values (1), (1)")

    for _ in range(2):
        with pytest.raises(psycopg.errors.UniqueViolation), own.transaction() as transaction:
            insert_twice(transaction)

    with own.transaction() as transaction:
        assert transaction.row("select 1") == (1,)


def test_a_session_that_is_ended_between_two_statements_is_begun_anew(own):
    ended: list[Pending] = []

    def work(transaction: Transaction) -> object:
        if not ended:
            ended.append(transaction.send("select pg_terminate_backend(pg_backend_pid())"))
        transaction.send("select 1")
        return transaction.row("select 2")

    assert own.run(work) == (2,)


def test_a_session_that_is_ended_by_the_last_statement_is_told(own):
    with pytest.raises(psycopg.Error), own.transaction() as transaction:
        transaction.send("select pg_terminate_backend(pg_backend_pid())")

    with own.transaction() as transaction:
        assert transaction.row("select 1") == (1,)
