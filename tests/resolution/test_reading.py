"""Single values as identity resolution reads them."""

from datetime import date

import pytest

from openprofiles.resolution import read_birth_date, read_email, read_phone

TODAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1980-02-28", "1980-02-28"),
        (" 28.02.1980 ", "1980-02-28"),
        ("1980-02-31", None),
        ("1780-02-28", None),
        ("2030-01-01", None),
        ("yesterday", None),
    ],
)
def test_a_day_of_birth_is_one_on_which_people_were_born(text, day):
    assert read_birth_date(text, TODAY) == day


def test_phone_numbers_and_addresses_have_one_form():
    assert read_phone("030 1234567", "DE") == read_phone("+49 30 1234567", "US") == "49301234567"
    assert read_phone("999-999-9999", "US") is None
    assert read_email("Ann <Ann+shop@Berg.de>") == "ann@berg.de"
    assert read_email("n/a") is None
