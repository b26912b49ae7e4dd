"""Sources: accessors, templates and constants (core reference §3.2, §4.2)."""

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types.source import compile_source

DOCUMENT = {
    "id": 7,
    "First Name": "Ann",
    "a": {"b": {"c": "deep"}},
    "items": [{"price": 1}, {"price": 2.5}, {"other": 3}, "text"],
    "matrix": [["a", "b"], ["c"]],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("_source.id", 7),
        ("_source.First Name", "Ann"),
        ("_source.a.b.c", "deep"),
        ("_source.a.b.c.d", None),
        ("_source.a.x.c", None),
        ("_source.missing", None),
        ("_source.items[1].price", 2.5),
        ("_source.items[9].price", None),
        ("_source.a[0]", None),
        ("_source.matrix[0][1]", "b"),
        ("_source.items[].price", [1, 2.5, None, None]),
        ("_source.matrix[][0]", ["a", "c"]),
        ("_source.a[].b", None),
        ("{{_source.id}}-{{_source.a.b.c}}", "7-deep"),
        ("a constant", "a constant"),
    ],
)
def test_a_source_reads_a_document(text, value):
    assert compile_source(text).read(DOCUMENT) == value


@pytest.mark.parametrize(
    "text",
    [
        "_source",
        "_source.",
        "_source..a",
        "_sourcea.b",
        "_source.a[b]",
        "_source.a[0",
        "_source.[0]",
        "_source.a{b}",
        "_profile.FirstName",
        "_object.a",
        "source.a",
        "$.a",
    ],
)
def test_what_is_no_source_is_refused(text):
    with pytest.raises(BadRequest) as failure:
        compile_source(text)

    assert failure.value.message.startswith("Source ")
