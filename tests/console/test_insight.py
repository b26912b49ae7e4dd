"""Insight into a domain, as people at a browser see it."""

import pytest

from openprofiles.console.pages.insight import NOT_WHOLE
from openprofiles.features.insight import operations
from tests.console.conftest import signed_in
from tests.console.duplicating import ANNA, BELA


def path(street) -> str:
    return f"{street.path}/insight"


def test_a_domain_to_which_nothing_came_says_how_it_begins(anybody, street):
    page = anybody.get(path(street)).text

    assert "Nothing has come to this domain yet" in page
    assert f'href="{street.path}/imports"' in page


def test_numbers_of_now_and_over_time_are_shown(anybody, street):
    street.settle(ANNA, BELA)

    page = anybody.get(path(street)).text

    assert "profiles now" in page
    assert "Profiles: 2 at" in page
    assert "objects put in 7 days" in page


@pytest.mark.parametrize(
    ("range_name", "words", "step"),
    [
        ("24h", "24 hours", "an hour"),
        ("30d", "30 days", "a day"),
        ("12m", "12 months", "a week"),
        ("nonsense", "7 days", "six hours"),
    ],
)
def test_the_range_is_chosen_in_the_address(anybody, street, range_name, words, step):
    street.settle(ANNA)

    page = anybody.get(f"{path(street)}?range={range_name}").text

    assert f'aria-current="true">{words}</a>' in page
    assert f"Each step of the charts is {step}." in page


def test_numbers_that_are_not_whole_say_so(anybody, street, monkeypatch):
    monkeypatch.setattr(operations, "ENTRIES_AT_ONCE", 1)
    street.settle(ANNA)

    assert NOT_WHOLE in anybody.get(path(street)).text


def test_who_may_only_look_sees_them(visitor, keys, street):
    reader = signed_in(visitor, keys.make("read-only"))

    assert reader.get(path(street)).status_code == 200
