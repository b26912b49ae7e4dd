"""Numbers: one form for equal ones, the shortest text for JSON's."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.features.object_types import number


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("42", "42"),
        ("42.0", "42"),
        ("0042", "42"),
        (" 4.2e1 ", "42"),
        ("-0.50", "-0.5"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e-3", "0.001"),
        ("-0", "0"),
        ("1e999999", "1e999999"),
        ("25e-400", "25e-400"),
    ],
)
def test_equal_numbers_have_one_form(text, form):
    assert number.normalise(text) == form


@pytest.mark.parametrize("text", ["abc", "1,000", "NaN", "1e", ".", "-", "", "1e1234567", "٣"])
def test_what_is_no_number_stays_as_it_is(text):
    assert number.normalise(text) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_the_form_has_the_value_of_the_number(value):
    form = number.normalise(str(value))

    assert Decimal(form) == value
    assert number.normalise(form) == form


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234, "1234"),
        (12.5, "12.5"),
        (42.0, "42"),
        (-0.0, "0"),
        (0.00001, "0.00001"),
        (1.5e20, "150000000000000000000"),
        (1e21, "1e+21"),
        (1e-9, "1e-09"),
        (2**70, "1180591620717411303424"),
    ],
)
def test_json_numbers_have_their_shortest_text(value, text):
    assert number.text_of(value) == text


def test_an_integer_beyond_what_python_writes_is_still_text():
    assert len(number.text_of(10**5000)) > 4000
