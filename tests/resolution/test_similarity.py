"""The similarities of one pair are DuckDB's."""

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openprofiles.resolution.comparing import MACROS
from openprofiles.resolution.similarity import is_slip, one_slip, similarity

WORD = st.text("abcd e", min_size=1, max_size=12)
SAME = settings(max_examples=200, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        for macro in MACROS:
            connection.execute(macro)
        yield connection


@SAME
@given(one=WORD, other=WORD)
def test_words_are_as_alike_as_in_sql(connection, one, other):
    (expected,) = connection.execute(
        "select similarity(?::varchar, ?::varchar)", [one, other]
    ).fetchone()

    assert similarity(one, other) == pytest.approx(expected, abs=1e-12)


@SAME
@given(one=WORD, other=WORD)
def test_one_slip_is_damerau_levenshtein_of_one(connection, one, other):
    (expected,) = connection.execute(
        "select one_slip(?::varchar, ?::varchar)", [one, other]
    ).fetchone()

    assert one_slip(one, other) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("smith", "smth"), ("smith", "smitth"), ("smith", "smiht"), ("smith", "smyth")],
)
def test_a_letter_lost_added_exchanged_or_changed_is_one_slip(one, other):
    assert one_slip(one, other)


@SAME
@given(difference=st.integers(0, 2**50))
def test_slips_of_numbers_are_those_of_sql(connection, difference):
    (expected,) = connection.execute("select is_slip(?::bigint)", [difference]).fetchone()

    assert is_slip(difference) == expected


@pytest.mark.parametrize(("one", "other"), [(14648610012, 14648610072), (14648610012, 14648160012)])
def test_a_digit_changed_and_two_exchanged_are_slips(one, other):
    assert is_slip(abs(one - other))
