"""A waterfall of evidence."""

import re

from hypothesis import given
from hypothesis import strategies as st

from openprofiles.console.charts.waterfall import MINUS, Step, bars_of, draw, signed

AMOUNTS = st.lists(st.floats(-3000, 3000), max_size=12)


def test_each_bar_begins_where_the_one_before_ended():
    bars = bars_of([Step("a", 3.0), Step("b", -1.0)])

    assert [(bar.start, bar.end, bar.kind) for bar in bars] == [
        (0.0, 3.0, "for"),
        (3.0, 2.0, "against"),
    ]


def test_a_waterfall_ends_with_its_sum_and_says_what_it_shows():
    drawn = draw([Step("e<mail", 3.0), Step("b", -1.0)], title="Two", sum_label="All", unit="bits")

    assert 'role="img" aria-label="Two"' in drawn
    assert "e&lt;mail" in drawn
    assert re.findall(r'<text class="number"[^>]*>([^<]*)<', drawn) == [
        "+3.0",
        f"{MINUS}1.0",
        "+2.0",
    ]
    assert re.findall(r'<text class="label (\w+)', drawn) == ["for", "against", "sum"]


@given(AMOUNTS)
def test_all_bars_are_inside(amounts):
    drawn = draw([Step("x", one) for one in amounts], title="t", sum_label="s", unit="u")

    for left, width in re.findall(
        r'<rect class="\w+" x="([\d.-]+)" y="[\d.]+" width="([\d.]+)"', drawn
    ):
        assert float(left) >= 190
        assert float(left) + float(width) <= 720


def test_a_number_without_weight_has_no_sign():
    assert (signed(0.04), signed(-0.04), signed(-2.5)) == ("0", "0", f"{MINUS}2.5")
