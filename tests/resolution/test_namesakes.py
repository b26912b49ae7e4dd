"""In large tables most namesakes are no candidates, and are learned from all the same."""

from math import log

import numpy as np
import pyarrow as pa
import pytest

from openprofiles.resolution import blocking
from openprofiles.resolution.attributes import Relation
from tests.resolution.conftest import people, run

BEARERS = 15
PAIRS = BEARERS * (BEARERS - 1) // 2
NAMES = [(f"Ed{one}{two}r", f"Bo{one}k{two}ta") for one in "bdfglmnprs" for two in "aeo"]
ANN = {"FirstName": "Ann", "LastName": "Lee", "PhoneNumber": "+12125550123", "City": "Reno"}


@pytest.fixture
def bearers() -> pa.Table:
    """For each name so many records that differ in their addresses, but for two of one person."""
    rows = [
        {"FirstName": first, "LastName": last, "EmailAddress": f"{max(number, 1)}@{last}.io"}
        for first, last in NAMES
        for number in range(BEARERS)
    ]
    return people(*rows).set_column(0, "ProfileId", pa.array([str(n) for n in range(len(rows))]))


def make_large(monkeypatch: pytest.MonkeyPatch, *, namesakes_in: int) -> None:
    """Take the tables of these tests for as large as they come, and look at one name in so many."""
    monkeypatch.setattr(blocking, "_MANY_RECORDS", BEARERS)
    monkeypatch.setattr(blocking, "NAMESAKES_IN", namesakes_in)


def learned_only(engine) -> int:
    """How many pairs were compared to be learned from, and are no candidates."""
    return int(engine.fetch("select count(*) as n from compared where found < 0")["n"][0])


def test_namesakes_teach_what_they_would_as_candidates(bearers, engine, monkeypatch):
    small = run(bearers, engine, pairs_from=0.0)
    assert small.pairs.num_rows == len(NAMES) * PAIRS
    assert learned_only(engine) == 0

    make_large(monkeypatch, namesakes_in=1)
    large = run(bearers, engine, pairs_from=0.0)

    # The others have an address in common, too.
    assert large.pairs.num_rows == len(NAMES)
    assert learned_only(engine) == len(NAMES) * (PAIRS - 1)
    assert np.array_equal(large.model.weights.sizes, small.model.weights.sizes)
    assert np.array_equal(large.model.weights.shares, small.model.weights.shares)


def test_some_names_speak_for_all(bearers, duckdb_engine, monkeypatch):
    small = run(bearers, duckdb_engine)
    make_large(monkeypatch, namesakes_in=4)
    large = run(bearers, duckdb_engine)

    names, rest = divmod(learned_only(duckdb_engine), PAIRS - 1)
    assert rest == 0
    assert 0 < names < len(NAMES)
    # Sizes are natural logarithms.
    grown = (large.model.weights.sizes - small.model.weights.sizes)[Relation.NAMESAKE]
    assert grown == pytest.approx(log(4 * names / len(NAMES)), abs=0.1)


def test_copies_are_no_namesakes(duckdb_engine, monkeypatch):
    make_large(monkeypatch, namesakes_in=1)

    run(people(*[ANN] * BEARERS), duckdb_engine)

    assert learned_only(duckdb_engine) == 0
