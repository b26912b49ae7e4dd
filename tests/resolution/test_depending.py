"""What is known about values matters only to the pairs whose patterns depend on it."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from openprofiles.resolution import features_of, findings, resolve
from openprofiles.resolution.again.depending import EMAILS, NAMES, PHONES, depends
from openprofiles.resolution.attributes import pack
from openprofiles.resolution.levels import compare
from tests.resolution.conftest import mapping_of

CHANGED = {
    PHONES: lambda record, kind: replace(
        record, phones=tuple((number, kind) for number, _ in record.phones)
    ),
    EMAILS: lambda record, kind: replace(
        record, emails=tuple((address, kind) for address, _ in record.emails)
    ),
    NAMES: lambda record, tier: replace(
        record, name_tier=tier, last_tier=min(tier, 2), town_is_rare=tier == 0
    ),
}


@pytest.fixture
def pairs(customers, duckdb_engine):
    """Pairs of records that share much, or little."""
    mapping = mapping_of(customers)
    rows = customers.to_pylist()
    found = resolve(customers, mapping, duckdb_engine, pairs_from=0.0)
    known = findings(duckdb_engine)
    columns = {name: columns[0] for name, columns in mapping.fields.items()}
    records = {
        row["ProfileId"]: features_of(
            {name: row[column] for name, column in columns.items()}, known
        )
        for row in rows
    }
    candidates = found.pairs.slice(0, 2000).to_pylist()
    alike = [(records[pair["left_id"]], records[pair["right_id"]]) for pair in candidates]
    return alike + list(combinations(list(records.values())[:20], 2))


@pytest.mark.parametrize("bit", CHANGED)
def test_a_pattern_that_does_not_depend_on_it_is_the_same_whatever_is_known_of_values(pairs, bit):
    change = CHANGED[bit]
    depend, changes = 0, 0
    for pair in pairs:
        patterns = {
            pack(compare(*(change(record, kind) for record in pair))) for kind in range(4)
        } | {pack(compare(*pair))}
        bits = depends(np.array(sorted(patterns), dtype=np.int64))
        assert len(patterns) == 1 or (bits & bit).all()
        depend += bool((bits & bit).any())
        changes += len(patterns) > 1

    # Nothing more is looked at than may have changed.
    assert 0 < depend == changes < len(pairs)
