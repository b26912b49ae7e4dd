"""Phone numbers: one form however written, and the fast path agrees with the library."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openprofiles.features.object_types import phone_number


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+15551234567", "(555)-123-4567"),
        ("+1 (206) 345-7890", "2063457890"),
        ("555-010-0000", "+1-555-010-0000"),
        ("+44 20 7946 0958", "00442079460958"),
        ("1-555-123-4567", "5551234567"),
        ("tel:+1-206-345-7890", "206.345.7890"),
        ("+49 (0)30 123456", "+4930123456"),
        ("1-800-FLOWERS", "+18003569377"),
        ("٢٠٦٣٤٥٧٨٩٠", "2063457890"),
        ("\N{FULLWIDTH PLUS SIGN}44 20 7946 0958", "+442079460958"),
    ],
)
def test_equal_numbers_have_one_form(one, other):
    assert phone_number.normalise(one) == phone_number.normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+44 20 7946 0958", "020 7946 0958"),
        ("555-123-4567", "555-123-4568"),
        ("555-123-4567", "555-123-4567 ext 5"),
    ],
)
def test_different_numbers_stay_different(one, other):
    assert phone_number.normalise(one) != phone_number.normalise(other)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("911", "911"),
        ("020 7946 0958", "02079460958"),
        ("+999 123 456 789", "999123456789"),
        ("12345678901234567890", "12345678901234567890"),
        ("desk 5, room 12", "512"),
        ("00", ""),
        ("+", ""),
        ("none", ""),
        ("", ""),
    ],
)
def test_junk_falls_back_to_its_digits(text, form):
    assert phone_number.normalise(text) == form


PLAIN = st.text(alphabet="0123456789 ().-", max_size=24)
NUMBERS = st.one_of(
    PLAIN,
    PLAIN.map(lambda text: f"+{text}"),
    PLAIN.map(lambda text: f"00{text}"),
    st.from_regex(r"\+?1?[ .-]?\(?[2-9][0-9]{2}\)?[ .-]?[0-9]{3}[ .-]?[0-9]{4}", fullmatch=True),
    st.from_regex(r"(\+|00)[1-9][0-9]{4,14}", fullmatch=True),
    st.text(max_size=60),
)


@settings(max_examples=2000)
@given(NUMBERS)
@example("+")
@example("++15551234567")
@example("+1 555 123 4567 ")
@example("(+44) 20 7946 0958")
@example("0" * 45)
def test_the_fast_path_agrees_with_the_library(text):
    assert phone_number.normalise(text) == phone_number.normalise_any(text)


@given(
    st.sampled_from(["", "+", "00"]),
    st.text(alphabet="0123456789", min_size=4, max_size=15),
    st.lists(st.sampled_from(["", " ", "-", ".", " - "]), min_size=15, max_size=15),
)
def test_punctuation_makes_no_difference(prefix, digits, marks):
    spaced = "".join(f"{digit}{mark}" for digit, mark in zip(digits, marks, strict=False))

    assert phone_number.normalise(prefix + digits) == phone_number.normalise(prefix + spaced)
