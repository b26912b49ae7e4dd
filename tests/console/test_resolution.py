"""Insight into identity resolution, as people at a browser see it."""

from openprofiles.console.pages.resolution import precision_of, scores_of, weights_of
from tests.console.conftest import signed_in
from tests.console.duplicating import ANNA, ANNA_AGAIN

SCORES = [
    {"From": 0.71, "To": 0.72, "Matches": 1, "Confidence": 0.71},
    {"From": 0.73, "To": 0.74, "Matches": 1, "Confidence": 0.73},
    {"From": 0.99, "To": 1.0, "Matches": 8, "Confidence": 1.0},
]


def path(street) -> str:
    return f"{street.path}/insight/resolution"


def test_before_the_first_run_it_says_how_to_start_one(anybody, street):
    page = anybody.get(path(street)).text

    assert "Identity resolution has not run yet" in page
    assert f'href="{street.path}/duplicates"' in page


def test_runs_are_shown_with_what_they_found_and_what_agreement_weighs(anybody, street):
    street.settle(ANNA, ANNA_AGAIN)
    street.run()

    page = anybody.get(path(street)).text

    assert "COMPLETED" in page
    assert "matches found: 1 at" in page
    assert "Expected precision by threshold" in page
    assert "What agreement weighs" in page


def test_runs_come_page_by_page(anybody, street, monkeypatch):
    monkeypatch.setattr("openprofiles.console.pages.resolution.RUNS", 1)
    street.run()
    street.run()

    first = anybody.get(path(street)).text
    link = first.partition(f'href="{path(street)}?after=')[2].partition('"')[0]
    second = anybody.get(f"{path(street)}?after={link}").text

    assert "From the beginning" in second
    assert "Next page" not in second


def test_who_may_only_look_sees_them(visitor, keys, street):
    reader = signed_in(visitor, keys.make("read-only"))

    assert reader.get(path(street)).status_code == 200


def test_matches_are_counted_from_the_least_sure():
    chart = scores_of(SCORES)

    assert list(chart.series[0].values) == [2, 0, 0, 0, 0, 8]
    assert chart.spots[0].label.text == "70 % to 75 %"


def test_the_higher_the_threshold_the_more_is_right():
    chart = precision_of(SCORES)

    assert [round(value or 0, 3) for value in chart.series[0].values] == [0.944, 0.97, 1]


def test_an_attribute_weighs_what_its_ends_weigh():
    bits = {"the same": 9.5, "similar": 3.0, "different": -4.0}
    levels = [{"Attribute": "phone", "Level": level, "Bits": bits[level]} for level in bits]

    [weight] = weights_of(levels)

    assert (weight.agreeing, weight.share_for) == ("the same", 0.475)
    assert (weight.differing, weight.share_against) == ("different", 0.2)
