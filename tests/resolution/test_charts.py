"""Pictures hold what they show, and tell the truth."""

import json
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from openprofiles.resolution import charts, features_of, findings, score_pair
from openprofiles.resolution.attributes import ATTRIBUTES
from tests.resolution.conftest import run

SCORES = pa.table(
    {
        "confidence": [0.999, 0.9, 0.2, 0.01],
        "weight": [9.9, 3.2, -2.0, -6.6],
        "pairs": [10, 20, 30, 40],
    }
)


@pytest.fixture
def explanation(customers, duckdb_engine):
    model = run(customers, duckdb_engine).model
    records = [
        features_of(fields, findings(duckdb_engine))
        for fields in (
            {"FirstName": "Ann", "LastName": "Lee", "EmailAddress": "annl7@y.io"},
            {"FirstName": "Annie", "LastName": "Lee", "EmailAddress": "annl7@y.io"},
        )
    ]
    return model, score_pair(model, *records)


def _rows(spec):
    assert json.loads(json.dumps(spec)) == spec
    assert set(spec["data"]) == {"values"}, "no data from elsewhere"
    fields = {
        channel["field"]
        for channel in spec["encoding"].values()
        if isinstance(channel, dict) and "field" in channel
    }
    assert all(fields <= set(row) for row in spec["data"]["values"])
    return spec["data"]["values"]


def test_a_waterfall_runs_from_the_prior_to_the_weight(explanation):
    _, why = explanation

    rows = _rows(charts.pair_evidence(why))

    assert rows[0]["bits"] == pytest.approx(why.prior["unrelated"], abs=1e-3)
    assert [row["step"] for row in rows[1:-2]] == [
        reason.attribute.replace("_", " ") for reason in why.reasons
    ]
    for above, row in pairwise(rows[:-1]):
        assert row["from"] == pytest.approx(above["to"], abs=2e-3)
    assert rows[-2]["to"] == pytest.approx(rows[-1]["to"], abs=2e-3)
    assert rows[-1]["bits"] == pytest.approx(why.weight, abs=1e-3)
    assert {row["kind"] for row in rows} == {"for", "against", "sum"}


def test_weights_show_every_level_of_the_model(explanation):
    model, _ = explanation

    rows = _rows(charts.level_weights(model))

    assert len(rows) == sum(len(attribute.levels) for attribute in ATTRIBUTES)
    for row in rows:
        assert row["bits"] == pytest.approx(np.log2(row["same"] / row["unrelated"]), abs=1e-2)


def test_a_histogram_counts_every_pair():
    rows = _rows(charts.score_histogram(SCORES))

    assert sum(row["pairs"] for row in rows) == 100
    assert [row["pairs"] for row in rows if row["from"] <= 3.2 < row["to"]] == [20]


def test_expected_precision_is_the_mean_confidence_above():
    rows = {row["threshold"]: row for row in _rows(charts.expected_precision(SCORES))}

    assert rows[0.5]["pairs"] == 30
    assert rows[0.5]["precision"] == pytest.approx((10 * 0.999 + 20 * 0.9) / 30, abs=1e-5)
    assert rows[0.0]["pairs"] == 100
    assert 1.0 not in rows
