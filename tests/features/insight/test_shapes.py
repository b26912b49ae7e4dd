"""The shape of a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.features.insight.shapes import LONGEST, shape_of


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Anna Berg", "Aa Aa"),
        ("anna", "a"),
        ("A", "A"),
        ("ANNA B.", "AA A."),
        ("+49 30 123", "+99 99 999"),
        ("a.b@c.de", "a.a@a.a"),
        ("田中 太郎", "a a"),
        ("José", "Aa"),
        ("नमस्ते", "a"),
        ("x\t\ny", "a a"),
        ("1" * 60, "9" * LONGEST + "…"),
    ],
)
def test_a_shape_says_what_a_value_looks_like(text, shape):
    assert shape_of(text) == shape


@given(st.text())
def test_no_letter_and_no_digit_of_a_value_is_in_its_shape(text):
    shape = shape_of(text)

    assert {each for each in shape if each.isalpha()} <= {"A", "a"}
    assert {each for each in shape if each.isdecimal()} <= {"9"}
