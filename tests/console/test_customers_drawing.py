"""What customers' pages draw and what they call things, without a service."""

from datetime import UTC, datetime, timedelta

import pytest

from openprofiles.console.charts.graph import Node, graph
from openprofiles.console.charts.timeline import timeline
from openprofiles.console.pages.customers.erasing import _plain
from openprofiles.console.pages.customers.fields import sections_of
from openprofiles.console.pages.customers.naming import (
    WITHOUT_NAME,
    label_of_action,
    label_of_field,
    name_of,
    words_of,
)
from openprofiles.console.pages.customers.objects import flat
from openprofiles.console.saying import by_member
from openprofiles.core.errors import BadRequest

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def test_many_moments_are_a_few_marks_that_count_them():
    moments = [NOW + timedelta(hours=hour) for hour in range(1000)]
    drawing = timeline([("Orders", "object", moments), ("None", "object", [])])

    assert drawing is not None
    (lane,) = drawing.lanes
    assert len(lane.marks) <= 48
    assert sum(mark.count for mark in lane.marks) == lane.count == 1000
    assert all(drawing.left <= mark.x <= drawing.right for mark in lane.marks)


@pytest.mark.parametrize(
    ("days", "label"), [(1, "29 Nov 00:00"), (30, "29 Nov"), (900, "Nov 2026")]
)
def test_the_axis_says_what_fits_its_length(days, label):
    drawing = timeline([("Orders", "object", [NOW, NOW + timedelta(days=days)])])

    assert drawing is not None
    assert drawing.ticks[0].label == label


def test_one_moment_is_in_the_middle_and_none_is_no_drawing():
    drawing = timeline([("Orders", "object", [NOW])])

    assert timeline([]) is None
    assert drawing is not None
    assert drawing.left < drawing.lanes[0].marks[0].x < drawing.right


def test_a_graph_has_the_same_layout_each_time_and_no_edge_to_what_is_not_drawn():
    columns = [
        [Node(id="a", kind="object", label="A" * 50)],
        [Node(id="b", kind="key", label="B"), Node(id="c", kind="key", label="C")],
    ]
    edges = [("a", "b", "source"), ("b", "c", "former"), ("a", "nowhere", "source")]
    drawing = graph(columns, edges)

    assert drawing == graph(columns, edges)
    assert len(drawing.edges) == 2
    assert drawing.boxes[0].label.endswith("…")
    assert {(box.x, box.y) for box in drawing.boxes} == {(8, 35), (348, 8), (348, 62)}


def test_customers_are_called_by_what_is_known_of_them():
    assert name_of({"FirstName": "Ada", "LastName": "Lovelace"}) == "Ada Lovelace"
    assert name_of({"EmailAddress": "a@example.org"}) == "a@example.org"
    assert name_of({}) == WITHOUT_NAME


def test_names_of_programs_are_words():
    assert words_of("CreatedDate") == "Created date"
    assert words_of("ProductSKU") == "Product SKU"
    assert words_of("_") == "_"
    assert label_of_field("Address.Address1") == "Address 1"
    assert label_of_action("ADDED_PROFILE_KEY", "_profile") == "Key added"


def test_what_is_in_a_document_is_told_value_by_value():
    assert list(flat({"a": {"b": 1}, "c": ["x", {"d": None}], "e": ""})) == [
        ("a.b", "1"),
        ("c 1", "x"),
    ]
    assert list(flat(["x"])) == [("1", "x")]
    assert list(flat("x")) == [("Value", "x")]


def test_fields_that_are_of_no_section_are_shown_after_the_others():
    given: dict[str, object] = {
        "Path": "EngagementPreferences",
        "Value": {"Phone": []},
        "Origin": {"ObjectTypeName": None, "WrittenAt": NOW},
    }

    assert sections_of([given])[-1].values[0].text == '{"Phone": []}'


def test_what_names_no_member_is_said_of_the_whole():
    assert by_member(BadRequest("Something else")) == {}


def test_only_moments_are_written_that_json_has_no_kind_for():
    assert _plain(NOW) == "2026-11-29T00:00:00+00:00"
    with pytest.raises(TypeError):
        _plain(object())
