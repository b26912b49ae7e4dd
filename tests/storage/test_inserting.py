"""New rows arrive as they were given, whichever way they go in."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openprofiles.storage.inserting import COPIED_FROM, Table, insert

TABLE = Table("things", {"a": "text", "number": "bigint", "document": "jsonb", "b": "text"})

texts = st.one_of(
    st.none(),
    st.sampled_from(["", "\\", "\\N", "\\.", "a\tb", "\n", "\r\n", "\\t", '"', "\x7f\u2028é😀"]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
)
rows = st.tuples(
    texts,
    st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    st.dictionaries(st.sampled_from(["x", "y\\"]), texts),
    texts,
)


@pytest.fixture
def inserted(database):
    """A function that inserts rows and gives back what is there."""

    def run(given_rows: list[Any], *, copies: bool) -> list[Any]:
        with database.transaction(is_bulk=copies) as transaction:
            transaction.send(
                "create temp table things (domain_id integer, a text, number bigint,"
                " document jsonb, b text) on commit drop"
            )
            insert(transaction, TABLE, 7, given_rows)
            return transaction.rows("select domain_id, a, number, document, b from things")

    return run


@pytest.mark.parametrize("copies", [False, True])
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=st.lists(rows, min_size=1, max_size=8))
def test_rows_come_back_as_they_were_given(inserted, copies, some):
    many = [*some] * (COPIED_FROM // len(some) + 1)

    found = inserted(many, copies=copies)

    assert found == [(7, *row) for row in many]


@pytest.mark.parametrize("special", ["", "\\", "\t", "\n", "\r", None, "\\N"])
def test_rows_of_texts_alone_come_back_as_they_were_given(database, special):
    table = Table("words", {"a": "text", "b": "uuid"})
    given_rows = [(f"{number}", f"{number:032x}") for number in range(COPIED_FROM)]
    given_rows += [(special, "0" * 32)]

    with database.transaction(is_bulk=True) as transaction:
        transaction.send("create temp table words (domain_id integer, a text, b uuid)")
        insert(transaction, table, 7, given_rows)
        found = transaction.rows("select domain_id, a, b from words")
        transaction.send("drop table words")

    assert found == [(7, *row) for row in given_rows]


def test_no_rows_are_no_statement(inserted):
    assert inserted([], copies=True) == []
