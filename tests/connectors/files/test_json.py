"""JSON of any layout: lines, arrays, and objects with nothing between them."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.connectors.files import MAX_LINE_BYTES, Record, Skip, json_lines
from openprofiles.connectors.files.json_values import BLOCK_BYTES

NOT_JSON = "The record is not JSON"


def read(content, skip=0):
    data = content.encode() if isinstance(content, str) else content
    file = io.BufferedReader(io.BytesIO(data))
    return list(json_lines.read(file, "a.json", Skip(skip)))


def good(records):
    return [json.loads(record.document) for record in records if record.problem is None]


@pytest.mark.parametrize(
    "content",
    [
        '{"a": 1}{"a": 2}{"a": 3}',
        '{"a": 1}\n{"a": 2}\n{"a": 3}\n',
        '[{"a": 1},{"a": 2},{"a": 3}]',
        '[\n  {"a": 1},\n  {\n    "a": 2\n  },\n  {"a": 3}\n]\n',
        '{\n"a": 1\n}\n{\n"a": 2\n}\n\n{"a":\n3}',
        '\ufeff[{"a": 1}\n,{"a": 2}\n,{"a": 3}]',
        '  \n [{"a": 1}, {"a": 2}][{"a": 3}]',
    ],
)
def test_objects_are_found_wherever_they_are(content):
    assert [record["a"] for record in good(read(content))] == [1, 2, 3]


@pytest.mark.parametrize("skip", range(5))
def test_any_number_of_values_is_skipped(skip):
    assert [record["a"] for record in good(read('[{"a": 0},{"a": 1},{"a": 2}]', skip))] == list(
        range(skip, 3)
    )


def test_a_record_is_at_the_line_it_begins_at():
    content = '[\n{"a": 1}, {"a":\n 2},\n\n{"a": 3}]'

    assert [record.line for record in read(content)] == [2, 2, 5]


def test_the_text_of_a_value_stays_as_it_is():
    assert read('[ {"a":  1.10, "é": "\\u00e9"} ]') == [
        Record("a.json", 1, '{"a":  1.10, "é": "\\u00e9"}')
    ]


@given(
    st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.booleans()), max_size=8),
    st.sampled_from([("", "", ""), ("", "\n", ""), ("[", ",", "]"), ("[\n  ", ",\n  ", "\n]")]),
)
def test_what_was_written_is_read(values, layout):
    begin, between, end = layout
    content = between.join(json.dumps(value, ensure_ascii=False) for value in values)
    content = f"{begin}{content}{end}"
    try:
        data = content.encode()
    except UnicodeEncodeError:
        return

    assert good(read(data)) == values


def test_values_may_lie_across_blocks():
    values = [{"n": number, "text": "ü" * 1000} for number in range(3 * BLOCK_BYTES // 1000)]

    assert good(read(json.dumps(values, ensure_ascii=False))) == values


def test_a_number_may_lie_across_blocks():
    content = "[" + " " * (BLOCK_BYTES - 3) + "1234]"

    assert [record.document for record in read(content)] == ["1234"]


def test_a_value_larger_than_any_object_is_a_problem():
    bad, other = read('[{"a": "' + "x" * (MAX_LINE_BYTES + 10) + '"},{"b": 1}]')

    assert bad.problem == f"The record is larger than {MAX_LINE_BYTES} bytes"
    assert len(bad.document) == MAX_LINE_BYTES
    assert other.document == '{"b": 1}'


def test_a_value_that_never_ends_does_not_fill_memory():
    content = '[\n{"a": "' + "x" * (4 * MAX_LINE_BYTES) + '\n{"b": 1}\n]'

    bad, other = read(content)

    assert bad.problem == f"The record is not JSON, or larger than {MAX_LINE_BYTES} bytes"
    assert len(bad.document) == MAX_LINE_BYTES
    assert (other.document, other.line) == ('{"b": 1}', 3)


def test_a_value_that_is_not_utf_8_is_a_problem():
    bad, other = read(b'[{"a": "\xff\x00"},\n {"b": "\xc3\xa9"}]')

    assert (bad.problem, bad.document) == (NOT_JSON, '{"a": "\\xff\\x00"}')
    assert other.document == '{"b": "é"}'


def test_bytes_that_are_not_utf_8_are_a_problem_of_their_record():
    bad, other = read(b'[{"a": "\xff"},{"b": 1}]')

    assert (bad.problem, bad.document) == ("The record is not UTF-8", '{"a": "\\xff"}')
    assert other.document == '{"b": 1}'


@pytest.mark.parametrize(
    ("content", "bad", "rest"),
    [
        # In an array with an object a line, and in one that is laid out.
        ('[{"a": 1},\n {"a": oops},\n {"a": 3}]', '{"a": oops}', [1, 3]),
        ('[\n{"a": oops},\n{"a": 2}\n]', '{"a": oops}', [2]),
        ('[{"a": 1}\n,{"a": oops}\n,{"a": 3}]', '{"a": oops}', [1, 3]),
        (
            '[\n  {\n    "a": oops,\n    "b": [\n      {"a": 9}\n    ]\n  },\n  {"a":\n2\n  }\n]',
            '{\n    "a": oops,\n    "b": [\n      {"a": 9}\n    ]\n  }',
            [2],
        ),
        # Behind one another: what is on the rest of the line is lost with it.
        ('{"a": 1}{"a": oops}{"a": 3}\n{"a": 4}', '{"a": oops}{"a": 3}', [1, 4]),
        # Cut off.
        ('[{"a": 1}, {"a": ', '{"a":', [1]),
        ('{"a":\n1}\n{"a": 2', '{"a": 2', [1]),
    ],
)
def test_reading_goes_on_behind_what_is_not_json(content, bad, rest):
    records = read(content)

    assert [(each.document, each.problem) for each in records if each.problem] == [(bad, NOT_JSON)]
    assert [record["a"] for record in good(records)] == rest


def test_what_is_nested_too_deeply_is_not_json():
    bad, other = read("[" + '{"a":' * 100_000 + "1" + "}" * 100_000 + '\n {"b": 1}]')

    assert bad.problem == NOT_JSON
    assert other.document == '{"b": 1}'


def test_a_first_line_that_is_nested_too_deeply_is_left_to_ingestion():
    first, other = read('{"a":' * 10_000 + "1" + "}" * 10_000 + '\n{"b": 1}')

    assert first.problem is None
    assert other.document == '{"b": 1}'


def test_a_bad_value_far_within_a_line_is_taken_with_the_rest_of_it():
    content = '{"a": 1}' * 100 + "{oops}\n" + '{"a": 2}'

    records = read(content)

    assert len(good(records)) == 101
    assert [record.document for record in records if record.problem] == ["{oops}"]


def test_an_empty_array_has_no_records():
    assert read("[]") == []
    assert read("") == []
    assert read(b"\xef\xbb\xbf") == []
