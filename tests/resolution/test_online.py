"""One record at a time gets the score that a batch run gives."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest

from openprofiles.resolution import (
    Model,
    blocking,
    caps,
    features_of,
    findings,
    keys_of,
    resolve,
    score_pair,
    scoring,
)
from openprofiles.resolution.attributes import ATTRIBUTES, PLACES, pack, unpack
from openprofiles.resolution.levels import compare
from tests.resolution.conftest import mapping_of, people, run


def _features(table, mapping, known):
    fields = {name: columns[0] for name, columns in mapping.fields.items()}
    return [
        features_of(
            {name: row[column] for name, column in fields.items()},
            known,
            identifiers=[row[name] for name in mapping.identifiers],
            country=mapping.country,
        )
        for row in table.to_pylist()
    ]


@pytest.fixture
def resolved(customers, duckdb_engine):
    mapping = mapping_of(customers)
    found = resolve(customers, mapping, duckdb_engine, pairs_from=0.0)
    records = _features(customers, mapping, findings(duckdb_engine))
    rows = {name: row for row, name in enumerate(customers["ProfileId"].to_pylist())}
    pairs = [
        (row, *sorted((rows[row["left_id"]], rows[row["right_id"]])))
        for row in found.pairs.to_pylist()
    ]
    return found, records, pairs


def test_every_candidate_has_the_levels_of_the_batch(resolved):
    _, records, pairs = resolved

    differing = [
        (records[one], records[other])
        for row, one, other in pairs
        if compare(records[one], records[other]) != unpack(row["pattern"])
    ]

    assert len(pairs) > 5000
    assert differing == []


def test_every_candidate_has_the_score_of_the_batch(resolved):
    found, records, pairs = resolved

    for row, one, other in pairs[:400] + pairs[-400:]:
        scored = score_pair(found.model, records[one], records[other])
        assert scored.confidence == pytest.approx(row["confidence"], abs=1e-9)
        assert scored.weight == pytest.approx(row["weight"], abs=1e-6)
        assert sum(scored.relations.values()) == pytest.approx(1)


def test_a_stored_model_scores_as_before(resolved):
    found, records, pairs = resolved
    row, one, other = pairs[0]

    again = Model.from_json(found.model.to_json())

    assert again.version == found.model.version
    assert score_pair(again, records[one], records[other]).confidence == row["confidence"]


@pytest.fixture(params=[False, True], ids=["small", "large"])
def table(request, customers, monkeypatch) -> Iterator[pa.Table]:
    """Customers, as a small table and as one that is taken for large."""
    if request.param:
        monkeypatch.setattr(blocking, "_MANY_RECORDS", customers.num_rows)
    caps.cache_clear()
    yield customers
    caps.cache_clear()


def test_the_keys_of_a_record_find_what_the_batch_finds(table, duckdb_engine):
    mapping = mapping_of(table)
    resolve(table, mapping, duckdb_engine)
    found: dict[tuple[str, str], list[int]] = {}
    for row, record in enumerate(_features(table, mapping, findings(duckdb_engine))):
        for key in keys_of(record):
            found.setdefault(key, []).append(row)

    limits = caps(0, table.num_rows)
    pairs: dict[str, set[tuple[int, int]]] = {kind: set() for kind in limits}
    for (kind, _), rows in found.items():
        if kind in limits and len(rows) <= limits[kind]:
            pairs[kind] |= set(combinations(sorted(set(rows)), 2))

    for bit, (kind, expected) in enumerate(pairs.items()):
        batch = duckdb_engine.table(f"select l, r from pairs where found & {1 << bit} <> 0")
        assert set(zip(*(batch[name].to_pylist() for name in "lr"), strict=True)) == expected, kind


def test_whole_names_companies_and_identifiers_compare_alike(duckdb_engine):
    table = people(
        {"FullName": "Smith, Robert", "City": "Reno", "AccountNumber": "A-1234567"},
        {"FullName": "Bob Smith", "City": "Reno", "AccountNumber": "A1234567"},
        {"FirstName": "Rob", "LastName": "Smith", "City": "Ren0", "AccountNumber": "A-1234576"},
        {"FullName": "Bob Smith, Jr.", "City": "Reno", "AccountNumber": "A1234567"},
        {"FirstName": "Robert III", "LastName": "Smith", "AccountNumber": "A-1234567"},
        {"BusinessName": "Acme Ltd", "City": "Reno", "PostalCode": "12345"},
        {"BusinessName": "Acme Inc.", "City": "Reno", "PostalCode": "12354"},
        {"BusinessName": "Acmee", "FirstName": "Bob", "PostalCode": "99999", "Country": "DE"},
        {"FirstName": "Robert I", "LastName": "Smith", "AccountNumber": "A-1234567"},
        {"FirstName": "Robert", "LastName": "Smith II", "AccountNumber": "A-1234567"},
    )
    mapping = mapping_of(table)
    found = resolve(table, mapping, duckdb_engine, pairs_from=0.0)
    records = _features(table, mapping, findings(duckdb_engine))

    levels = {
        (row["left_id"], row["right_id"]): unpack(row["pattern"]) for row in found.pairs.to_pylist()
    }

    assert len(levels) > 3
    suffixes = PLACES["generation"]
    assert (levels["b", "d"][suffixes], levels["d", "e"][suffixes]) == (0, 2)
    assert (levels["d", "i"][suffixes], levels["e", "i"][suffixes]) == (0, 2)
    assert levels["i", "j"][suffixes] == 2
    assert {kind for record in records for kind, _ in keys_of(record)} >= {
        "company",
        "identifier_1",
    }
    for (one, other), expected in levels.items():
        assert compare(records[ord(one) - 97], records[ord(other) - 97]) == expected


def test_an_explanation_tells_values_levels_and_alternatives(resolved):
    found, records, pairs = resolved
    _, one, other = pairs[0]

    explained = score_pair(found.model, records[one], records[other])

    text = explained.as_text()
    first = explained.reasons[0]
    assert abs(first.weight) == max(abs(reason.weight) for reason in explained.reasons)
    assert set(first.bits) == {"unrelated", "household", "namesake", "colleague", "relative"}
    assert first.text in text
    assert f"{explained.confidence:.4f}" in text
    # Evidence is the prior and the bits of each attribute, for each alternative.
    for name, prior in explained.prior.items():
        odds = prior + sum(reason.bits[name] for reason in explained.reasons)
        share = explained.relations["same"] / max(explained.relations[name], 1e-300)
        assert odds == pytest.approx(np.log2(share), abs=1e-3) or share > 1e12


def test_weights_one_by_one_are_those_of_arrays(customers, duckdb_engine):
    weights = run(customers, duckdb_engine).model.weights
    patterns = np.array([0, pack((1,) * len(ATTRIBUTES)), pack((12, 7, 3, 2, 9, 7, 8, 4, 4, 3, 3))])

    _, expected = scoring.score(weights, patterns)

    shares, sizes = weights.shares.tolist(), weights.sizes.tolist()
    found = [scoring.weigh_levels(sizes, shares, unpack(int(pattern))) for pattern in patterns]
    assert found == pytest.approx(expected.tolist(), abs=1e-6)
