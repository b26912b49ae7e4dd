"""Round numbers along an axis, and numbers in few letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.console.charts import Scale, compact, percent, rounded

SENSIBLE = st.floats(min_value=-1e12, max_value=1e12, allow_subnormal=False).map(
    lambda number: round(number, 3)
)


@given(SENSIBLE, SENSIBLE)
def test_an_axis_has_all_values_on_it_and_few_numbers(one, other):
    low, high = sorted((one, other))

    scale = Scale.over(low, high)

    margin = max(abs(low), abs(high)) * 1e-6
    assert scale.low <= low + margin
    assert scale.high >= high - margin
    assert 2 <= len(scale.ticks) <= 6
    assert list(scale.ticks) == sorted(set(scale.ticks))


def test_what_is_counted_has_no_halves():
    assert Scale.over(0, 1, smallest_step=1).ticks == (0, 1)
    assert Scale.over(0, 0, smallest_step=1).ticks == (0, 1)
    assert Scale.over(0, 1).ticks == (0, 0.25, 0.5, 0.75, 1)


def test_a_share_of_an_axis_is_from_nothing_to_one():
    scale = Scale.over(0, 200)

    assert [scale.share(value) for value in (0, 50, 200)] == [0, 0.25, 1]


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "0"), (999, "999"), (12_500, "12.5k"), (3_000_000, "3M"), (0.25, "0.25"), (-2e9, "-2G")],
)
def test_an_axis_has_numbers_in_few_letters(number, written):
    assert compact(number) == written


@pytest.mark.parametrize(
    ("number", "written"), [(1234567, "1,234,567"), (1234.56, "1,234.6"), (1.234, "1.23")]
)
def test_a_number_has_as_many_decimals_as_it_needs(number, written):
    assert rounded(number) == written


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0, "0 %"),
        (0.00001, "< 0.1 %"),
        (0.0123, "1.2 %"),
        (0.5, "50 %"),
        (0.987, "98.7 %"),
        (0.99999, "> 99.9 %"),
        (1, "100 %"),
    ],
)
def test_a_few_are_not_none_and_nearly_all_are_not_all(share, written):
    assert percent(share) == written
