"""Profiles as the engine takes them: in a run and one by one the same."""

import csv
from io import StringIO

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from openprofiles import resolution
from openprofiles.features.matching import keeping, records

ADDRESS_PATHS = [path for path in records.PATHS if "." in path]
TEXTS = st.text(alphabet='ab "\r\n,\\é', min_size=1, max_size=4)


def table_of(*profiles: dict[str, str]) -> pa.Table:
    """Profiles as they come from the database."""
    text = StringIO()
    writer = csv.writer(text)
    for number, fields in enumerate(profiles):
        writer.writerow([str(number), *(fields.get(path) or "" for path in records.PATHS)])
    return records.as_table([text.getvalue().encode()])


@given(st.lists(st.dictionaries(st.sampled_from(records.PATHS), TEXTS), max_size=5))
def test_a_run_and_a_look_up_see_the_same_values(profiles):
    table = table_of(*profiles)

    assert table.schema == records.SCHEMA
    for row, fields in zip(table.to_pylist(), profiles, strict=True):
        given_row = {name: row[name] for name in (*records.FIELDS, *records.PLACE)}
        identifiers = [row[name] for name in records.IDENTIFIERS]
        assert records.features_of(fields) == resolution.normalised(
            given_row, identifiers=identifiers
        )


def test_the_first_filled_address_is_taken_as_a_whole():
    [row] = table_of(
        {
            "Address.Country": "DE",
            "MailingAddress.City": "Graz",
            "BillingAddress.City": "Wien",
            "BillingAddress.PostalCode": "1010",
        }
    ).to_pylist()

    assert [row[part] for part in records.PLACE] == [None, "Graz", None, None]


def test_profiles_that_are_gone_are_left_out():
    groups = pa.table(
        {"match_id": [0, 0, 1, 1], "profile_id": list("abcd"), "confidence": [0.9] * 4}
    )

    left = keeping.without_gone(groups, lambda ids: set(ids) - {"b"})

    assert left["profile_id"].to_pylist() == ["a", "c", "d"]
    assert keeping.queue(left)["match_id"].to_pylist() == [1]


def test_what_a_group_is_to_gain_is_all_but_one_times_its_confidence():
    groups = pa.table(
        {"match_id": [0, 0, 0, 1], "profile_id": list("abcd"), "confidence": [0.5, 0.5, 0.5, 1.0]}
    )

    assert keeping.queue(groups).to_pylist() == [{"match_id": 0, "gain": 1.0, "confidence": 0.5}]
