"""Parameters come from path, query string and body; what cannot be read is a BadRequest."""

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.wire.model import service_model
from openprofiles.wire.parsing import binding_of, parse


def _parse(operation: str, labels=None, query="", body=b""):
    binding = binding_of(service_model().operation_model(operation))
    return parse(binding, {"DomainName": "crm"} if labels is None else labels, query, body)


@pytest.mark.parametrize("body", [b"", b"  \r\n", b"{}"])
def test_an_empty_body_has_no_members(body):
    assert _parse("CreateDomain", body=body) == {"DomainName": "crm"}


def test_paging_is_in_the_query_string_of_a_post():
    parameters = _parse(
        "SearchProfiles",
        query="max-results=20&next-token=a%2Bb%20c",
        body=b'{"KeyName": "_phone", "MaxResults": 5, "NextToken": "x", "DomainName": "other"}',
    )

    assert parameters == {
        "DomainName": "crm",
        "KeyName": "_phone",
        "MaxResults": 20,
        "NextToken": "a+b c",
    }


def test_repeated_parameters_make_a_list():
    parameters = _parse("UntagResource", {"resourceArn": "arn"}, "tagKeys=a&tagKeys=b%26c&tagKeys=")

    assert parameters == {"resourceArn": "arn", "tagKeys": ["a", "b&c", ""]}


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("False", False), ("yes", "yes"), ("", "")],
)
def test_booleans_are_read_and_others_left_for_validation(text, value):
    assert _parse("ListIntegrations", query=f"include-hidden={text}")["IncludeHidden"] == value


@pytest.mark.parametrize("text", ["", "many", "1.5", "1e3", "+1", "9" * 400, "\u0661"])
def test_what_is_no_whole_number_is_left_for_validation(text):
    assert isinstance(_parse("ListDomains", {}, f"max-results={text}")["MaxResults"], str)


def test_the_last_of_repeated_keys_and_parameters_counts():
    assert _parse("ListDomains", {}, "max-results=1&max-results=2") == {"MaxResults": 2}
    assert _parse("SearchProfiles", body=b'{"KeyName": "a", "KeyName": "b"}')["KeyName"] == "b"


def test_unknown_parameters_and_a_body_that_has_no_place_are_ignored():
    assert _parse("GetDomain", query="x=1&X-Amz-Date=2", body=b"not JSON") == {"DomainName": "crm"}
    assert _parse("ListDomains", {}, "x=1") == {}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "not JSON"),
        (b"{} {}", "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": Infinity}', "not JSON"),
        (b'{"a": 1e999}', "not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"a": "\x01"}', "not JSON"),
        (b'{"a": "\\ud800"}', "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"a=1&b=2", "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
        (b"[" * 50_000, "nested too deeply"),
        (b'{"a":' * 50_000, "nested too deeply"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'"{}"', "not a JSON object"),
        (b"1", "not a JSON object"),
    ],
)
def test_a_body_that_is_no_json_object_is_a_bad_request(body, reason):
    with pytest.raises(BadRequest, match=reason):
        _parse("CreateDomain", body=body)


def test_a_query_string_that_is_no_utf_8_is_a_bad_request():
    with pytest.raises(BadRequest, match="not UTF-8"):
        _parse("ListDomains", {}, "next-token=%ff")
