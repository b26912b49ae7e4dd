"""Provenance comes back from its stored form as it was."""

from hypothesis import given
from hypothesis import strategies as st

from openprofiles.features.profiles.provenance import Write, decode, encode

writes = [
    Write("Strong", 1, 12.5, 20.0, "ab"),
    Write("Weak", None, None, 20.0, "cd"),
    Write(None, None, None, 21.0, None),
]


@given(st.dictionaries(st.sampled_from(["FirstName", "LastName", "City"]), st.sampled_from(writes)))
def test_the_stored_form_says_the_same(provenance):
    assert decode(encode(provenance), provenance) == provenance


def test_one_write_of_all_fields_is_stored_without_their_names():
    stored = encode(dict.fromkeys(["FirstName", "LastName"], writes[0]))

    assert stored == {"writes": [["Strong", 1, 12.5, 20.0, "ab"]]}
