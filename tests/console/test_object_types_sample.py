"""Samples as people paste them."""

import csv
import json

import pytest

from openprofiles.console.pages.object_types.sample import NotASample, read_sample


@pytest.mark.parametrize(
    ("text", "form", "found"),
    [
        ('\ufeff{"a": 1}', "JSON", [{"a": 1}]),
        ('{\n "a": {"b": null}\n}', "JSON", [{"a": {"b": None}}]),
        ('[{"a": 1}, {"a": 2}]', "JSON", [{"a": 1}, {"a": 2}]),
        ('{"a": 1}\n\n{"a": 2}\n', "JSON Lines", [{"a": 1}, {"a": 2}]),
        ('{"a": 1}\n{"a": 2}\n{"a": ', "JSON Lines", [{"a": 1}, {"a": 2}]),
        ('a,b\n1,"x, y"\n2,z\n', "CSV", [{"a": "1", "b": "x, y"}, {"a": "2", "b": "z"}]),
        ("a;b\n1;2\n\n3", "CSV", [{"a": "1", "b": "2"}, {"a": "3"}]),
    ],
)
def test_objects_are_read_from_what_sources_send(text, form, found):
    sample = read_sample(text)

    assert sample.form == form
    assert [json.loads(record) for record in sample.records] == found


def test_only_the_first_objects_count():
    many = "\n".join(json.dumps({"a": number}) for number in range(9))

    assert len(read_sample(many).records) == 5
    assert len(read_sample("a\n" + "1\n" * 9).records) == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" ", "Paste an object"),
        ("[]", "A sample is an object with members"),
        ("[1]", "A sample is an object with members"),
        ('{"a": NaN}', "This is no JSON: NaN is no JSON."),
        ('{"a": }', "This is no JSON: Expecting value, in line 1, column 7."),
        ('{\n"a": }', "This is no JSON: Expecting value, in line 2, column 6."),
        ('{"a": 1}\n{"a": }\n{}', "This is no JSON: Expecting value, in line 2, column 7."),
        ("[" * 100_000, "This is no JSON: it is nested too deep."),
        ("a,a\n1,2", "names each column once"),
        ("a,b", "objects follow"),
        ("a\n" + "x" * 200_000, "This is no CSV"),
    ],
)
def test_what_is_no_sample_says_why(text, said):
    with pytest.raises(NotASample, match=said):
        read_sample(text)


@pytest.mark.parametrize("limit", [131_072, 10_000_000])
def test_a_value_has_a_bound_whatever_else_the_process_reads(limit):
    before = csv.field_size_limit(limit)
    try:
        with pytest.raises(NotASample, match="This is no CSV"):
            read_sample("a\n" + "x" * 200_000)
    finally:
        csv.field_size_limit(before)
