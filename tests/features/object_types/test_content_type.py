"""Key values compare by content type (core reference §5.4, vectors of §12)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.features.object_types import content_type, normalise


@pytest.mark.parametrize(
    ("kind", "one", "other", "are_equal"),
    [
        ("PHONE_NUMBER", "+15551234567", "(555)-123-4567", True),
        ("PHONE_NUMBER", "+1 (206) 345-7890", "2063457890", True),
        ("PHONE_NUMBER", "555-010-0000", "+1-555-010-0000", True),
        ("PHONE_NUMBER", "+44 20 7946 0958", "00442079460958", True),
        ("PHONE_NUMBER", "+44 20 7946 0958", "020 7946 0958", False),
        ("EMAIL_ADDRESS", "JOHN_DOE@ANYCOMPANY.COM", "john_doe@anycompany.com", True),
        ("EMAIL_ADDRESS", " a@b.example ", "a@b.example", True),
        ("NAME", "john   doe", "John Doe", True),
        ("NAME", "GROẞ", "gross", True),
        ("NAME", "Jose\u0301", "Jos\u00e9", True),
        ("NAME", "José", "Jose", False),
        ("STRING", "abc", "ABC", False),
        ("STRING", "abc", "abc ", False),
        ("NUMBER", "42", "42.0", True),
        ("NUMBER", "x", "X", False),
    ],
)
def test_equality_is_that_of_the_content_type(kind, one, other, are_equal):
    assert (normalise([kind], [one]) == normalise([kind], [other])) is are_equal


@pytest.mark.parametrize("kind", content_type.NORMALISERS)
@pytest.mark.parametrize("text", ["", " ", "\t\n"])
def test_blank_values_are_empty(kind, text):
    assert normalise([kind], [text]) is None


def test_a_phone_number_without_digits_is_empty():
    assert normalise(["PHONE_NUMBER"], ["unknown"]) is None


def test_a_composite_value_is_that_of_its_parts():
    kinds = ["NAME", "STRING"]

    assert normalise(kinds, ["ANN  lee", "x"]) == normalise(kinds, ["Ann Lee", "x"])
    assert normalise(kinds, ["ann", "X"]) != normalise(kinds, ["ann", "x"])


def test_a_composite_value_with_a_blank_part_is_empty_unless_blanks_are_allowed():
    kinds = ["STRING", "STRING"]

    assert normalise(kinds, ["a", ""]) is None
    assert normalise(kinds, ["a", ""], blanks_allowed=True) is not None
    assert normalise(kinds, ["", " "], blanks_allowed=True) is None


@given(*[st.lists(st.text(alphabet="a\x1e\x1f01", min_size=1), min_size=2, max_size=2)] * 2)
def test_different_parts_make_different_composite_values(one, other):
    kinds = ["STRING", "STRING"]
    one_value = normalise(kinds, [f"p{part}" for part in one])
    other_value = normalise(kinds, [f"p{part}" for part in other])

    assert (one_value == other_value) is (one == other)


def test_a_very_long_value_is_shortened_to_its_digest():
    long = normalise(["STRING"], ["x" * 501])

    assert long is not None
    assert long.startswith("sha256:")
    assert long != normalise(["STRING"], ["x" * 502])
    assert normalise(["STRING"], ["x" * 500]) == "x" * 500
    assert len(normalise(["STRING"], ["é" * 251]) or "") == len(long)


@given(st.sampled_from(["EMAIL_ADDRESS", "NAME", "NUMBER", "STRING"]), st.text(max_size=100))
def test_a_normalised_value_stays_as_it_is(kind, text):
    value = normalise([kind], [text])

    if value is not None:
        assert normalise([kind], [value]) == value
