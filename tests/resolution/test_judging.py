"""A model judges a few records as a batch run would."""

import pytest

from openprofiles.resolution import (
    CUT_OFF,
    Judge,
    features_of,
    findings,
    judged,
    keys_of,
    normalised,
    resolve,
    score_pair,
)
from tests.resolution.conftest import mapping_of


@pytest.fixture
def run(customers, duckdb_engine):
    mapping = mapping_of(customers)
    found = resolve(customers, mapping, duckdb_engine)
    known = findings(duckdb_engine)
    columns = {name: columns[0] for name, columns in mapping.fields.items()}
    records = {
        row["ProfileId"]: features_of(
            {name: row[column] for name, column in columns.items()},
            known,
            identifiers=[row[name] for name in mapping.identifiers],
        )
        for row in customers.to_pylist()
    }
    return found, known, records


def test_a_record_can_be_normalised_before_anything_is_known_of_its_values(run):
    _, known, records = run
    record = next(iter(records.values()))
    plain = normalised({"FirstName": "Al", "LastName": "Li", "EmailAddress": "ali@firm.org"})

    assert plain.emails == (("ali@firm.org", 0),)
    assert judged(record, known) == record


def test_a_score_is_the_one_that_is_explained(run):
    found, _, records = run
    judge = Judge(found.model)

    for row in found.pairs.slice(0, 50).to_pylist():
        one, other = records[row["left_id"]], records[row["right_id"]]
        score, told = judge.score(one, other), score_pair(found.model, one, other)
        assert score.confidence == pytest.approx(told.confidence, abs=1e-9)
        assert score.weight == pytest.approx(told.weight, abs=1e-9)


def test_an_i_beside_a_second_of_a_name_is_told_as_the_first(run):
    found, known, _ = run
    first, second = (
        features_of({"FirstName": f"Al {number}", "LastName": "Li"}, known)
        for number in ("I", "II")
    )

    told = score_pair(found.model, first, second).as_text()

    assert "generation: i | ii (different)" in told
    assert "generation" not in score_pair(found.model, first, first).as_text()


def test_the_records_of_a_group_are_grouped_again_unless_they_are_known_to_be_two(run):
    found, _, records = run
    judge = Judge(found.model)
    first = found.groups["group"][0]
    members = [row["id"] for row in found.groups.to_pylist() if row["group"] == first.as_py()]
    stranger = next(name for name in records if name not in set(found.groups["id"].to_pylist()))
    chosen = [records[name] for name in (*members, stranger)]
    keys = [{hash(key) for key in keys_of(record)} for record in chosen]

    together = judge.group(chosen, keys, cut_off=CUT_OFF, apart={})
    assert list(together) == [0] * len(members) + [len(members)]

    apart = {0: frozenset({1}), 1: frozenset({0})}
    parted = judge.group(chosen[:2], keys[:2], cut_off=CUT_OFF, apart=apart)
    assert list(parted) == [0, 1]
