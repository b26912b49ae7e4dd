"""What charts show, and how they are drawn."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from openprofiles.console.charts import Series, bars, histogram, lines, stacked
from openprofiles.console.charts.chart import PLOT, TOP, Label

DAYS = ("1 May", "2 May", "3 May", "4 May")


def drawn(console, chart) -> str:
    template = console.jinja_env.from_string(
        '{% from "parts/charts.html" import chart %}{{ chart("it", page) }}'
    )
    with console.test_request_context():
        return template.render(page=chart)


def test_a_line_goes_from_the_first_number_to_the_last():
    chart = lines("Profiles", DAYS, [Series(name="Profiles", values=(0, 2, 4, 4))])

    [curve] = chart.curves
    assert curve.line == f"M12.5 {TOP + PLOT}L37.5 {TOP + PLOT // 2}L62.5 {TOP}L87.5 {TOP}"
    assert curve.area.endswith("Z")
    assert [line.text for line in chart.grid] == ["0", "1", "2", "3", "4"]


def test_a_line_stops_where_there_is_no_number_and_one_alone_is_seen():
    chart = lines("Profiles", DAYS, [Series(name="Profiles", values=(4, None, 3, 3))])

    [curve] = chart.curves
    assert curve.line.count("M") == 2
    assert curve.line.startswith(f"M6.25 {TOP}L18.75 {TOP}M")
    assert [len(spot.dots) for spot in chart.spots] == [1, 0, 1, 1]


def test_several_lines_have_no_areas_and_are_told_apart_without_colours():
    chart = lines(
        "Queue",
        DAYS,
        [Series(name="in", values=(1, 2, 3, 4)), Series(name="out", values=(1, 1, 1, 1))],
    )

    assert [(curve.area, curve.is_dashed) for curve in chart.curves] == [("", False), ("", True)]


def test_a_line_may_begin_higher_than_zero():
    chart = lines("Size", DAYS, [Series(name="Size", values=(101, 102, 103, 104))], from_zero=False)

    assert chart.grid[0].text == "101"
    assert chart.grid[0].is_base


def test_bars_stand_one_above_the_other():
    chart = stacked(
        "Objects",
        DAYS,
        [
            Series(name="stored", values=(3, 0, None, 1)),
            Series(name="rejected", values=(1, 0, 1, 0), tone="bad"),
        ],
    )

    below, above, *_ = chart.bars
    assert (below.tone, above.tone) == ("accent", "bad")
    assert above.top == TOP
    assert below.top == above.top + above.height
    assert len(chart.bars) == 4


def test_a_bar_below_zero_hangs_from_it():
    chart = bars("Change", DAYS, (2, -2, 0, 1))

    up, down, _ = chart.bars
    assert up.top + up.height == down.top
    assert [line.is_base for line in chart.grid] == [
        text == "0" for text in ("-2", "-1", "0", "1", "2")
    ]


def test_what_is_very_little_is_still_seen():
    chart = bars("Objects", DAYS, (1_000_000, 1, 0, 0))

    assert chart.bars[1].height == 1.5


def test_a_histogram_says_between_which_values_it_counted():
    chart = histogram("Scores", (0, 0.5, 1), (3, 9), along="Score")

    assert [spot.label.text for spot in chart.spots] == ["0 to 0.50", "0.50 to 1"]
    assert [(tick.at, tick.anchor) for tick in chart.ticks] == [
        (0, "start"),
        (50, "middle"),
        (100, "end"),
    ]


def test_labels_are_so_many_that_they_can_be_read():
    chart = bars("Hours", [str(hour) for hour in range(168)], range(168))

    assert len(chart.ticks) == 6
    assert [tick.is_spare for tick in chart.ticks[:3]] == [False, True, False]


def test_a_chart_says_in_words_what_it_shows():
    chart = lines("Profiles", DAYS, [Series(name="Profiles", values=(5, 9, 2, 1_000))])

    assert chart.summary == (
        "Profiles: 5 at 1 May, 1,000 at 4 May; the least is 2, the most 1,000 at 4 May."
    )


@pytest.mark.parametrize("values", [(None, None, None, None), ()])
def test_without_numbers_it_says_so(console, values):
    chart = lines("Profiles", DAYS[: len(values)], [Series(name="Profiles", values=values)])

    assert chart.is_empty
    assert "There are no numbers for this yet." in drawn(console, chart)


def test_a_chart_is_a_picture_with_a_name_a_description_and_a_table(console):
    moments = [
        Label(text="10:00", moment=datetime(2026, 5, 1, 10, tzinfo=UTC)),
        Label(text="later"),
    ]
    html = drawn(
        console,
        stacked(
            "Objects & more",
            moments,
            [Series(name="new", values=(1, None)), Series(name="old", values=(1, 2), tone="quiet")],
            note="In the zone of the reader.",
        ),
    )

    figure = ElementTree.fromstring(html)  # noqa: S314 - it is ours
    picture = figure.find(".//svg[@role='img']")
    assert picture is not None
    named = picture.get("aria-labelledby", "").split()
    assert [picture.find(f"*[@id='{name}']") is not None for name in named] == [True, True]
    rows = [["".join(cell.itertext()) for cell in row] for row in figure.iterfind(".//tbody/tr")]
    assert rows == [["2026-05-01 10:00 UTC", "1", "1"], ["later", "—", "2"]]
    assert 'data-moment="2026-05-01T10:00:00+00:00"' in html
    assert not re.search(r" style=| on\w+=", html)


def test_a_meter_shows_a_share(console):
    template = console.jinja_env.from_string(
        '{% from "parts/charts.html" import meter %}{{ meter(0.25, "good") }}{{ meter(0) }}'
    )

    html = template.render()

    assert html.count('class="bar"') == 1
    assert 'width="25.0%"' in html
