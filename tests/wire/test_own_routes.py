"""Operations of our own over HTTP: JSON in and out, below /_openprofiles/v1."""

import io
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pytest
from msgspec import Meta

from openprofiles.core.operation import Route
from openprofiles.core.settings import Settings
from openprofiles.core.shapes import DomainName, PageSize, ProfileId
from openprofiles.wire import AwsHandler


class ListRequest(TypedDict):
    DomainName: DomainName
    ProfileId: NotRequired[ProfileId]
    MaxResults: NotRequired[PageSize]
    Kinds: NotRequired[list[str]]


class DecideRequest(TypedDict):
    DomainName: DomainName
    Reason: NotRequired[Annotated[str, Meta(max_length=5)]]
    Verdict: Literal["same", "different"]


ROUTES = {
    "ListThings": Route("GET", "/domains/{DomainName}/things", ListRequest),
    "Decide": Route("POST", "/domains/{DomainName}/things", DecideRequest),
}
THINGS = "/_openprofiles/v1/domains/acme/things"


def send(
    method: str, path: str, query: str = "", body: bytes = b""
) -> tuple[int, dict[str, str], Any]:
    seen: list[tuple[str, Any]] = []

    def invoke(name, parameters, _caller):
        moment = datetime(2026, 1, 2, tzinfo=UTC)
        return {"Name": name, "Given": dict(parameters), "At": moment, "NextToken": None}

    handler = AwsHandler(invoke, Settings(), own=ROUTES)
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }

    def start(status, headers):
        seen.append((status, dict(headers)))

    answer = b"".join(handler(environ, start))
    status, headers = seen[0]
    return int(status[:3]), headers, json.loads(answer)


def test_a_get_takes_its_members_from_path_and_query_in_their_types():
    status, headers, answer = send(
        "GET", THINGS, f"MaxResults=7&ProfileId={'a' * 32}&Kinds=x&Kinds=y"
    )

    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["x-amzn-RequestId"]
    assert answer == {
        "Name": "ListThings",
        "Given": {
            "DomainName": "acme",
            "MaxResults": 7,
            "ProfileId": "a" * 32,
            "Kinds": ["x", "y"],
        },
        "At": "2026-01-02T00:00:00Z",
    }


def test_a_post_takes_its_members_from_path_and_body():
    status, _, answer = send("POST", THINGS, body=b'{"Verdict": "same", "Reason": "both"}')

    assert status == 200
    assert answer["Given"] == {"DomainName": "acme", "Verdict": "same", "Reason": "both"}


@pytest.mark.parametrize(
    ("method", "query", "body", "said"),
    [
        ("GET", "MaxResults=101", b"", "$.MaxResults"),
        ("GET", "MaxResults=many", b"", "$.MaxResults"),
        ("GET", "ProfileId=secret", b"", "$.ProfileId"),
        ("GET", "Color=secret", b"", "does not know"),
        ("GET", "ProfileId=%FF", b"", "not UTF-8"),
        ("POST", "", b"", "`Verdict`"),
        ("POST", "", b"[]", "not a JSON object"),
        ("POST", "", b"secret", "not JSON"),
        ("POST", "", b'{"Verdict": "secret"}', "allowed values - at `$.Verdict`"),
        ("POST", "", b'{"Verdict": "same", "Reason": "secret"}', "$.Reason"),
        ("POST", "", b'{"Verdict": "same", "Reason": "a\\u0000"}', "cannot be stored"),
        ("POST", "", b'{"Verdict": "same", "DomainName": "other"}', "does not know"),
        ("POST", "", b'{"Verdict": 1}', "$.Verdict"),
    ],
)
def test_a_bad_request_is_refused_with_the_member_and_without_the_value(method, query, body, said):
    status, headers, answer = send(method, THINGS, query, body)

    assert status == 400
    assert headers["x-amzn-ErrorType"] == "BadRequestException"
    assert said in answer["Message"]
    assert "secret" not in answer["Message"]


def test_a_domain_name_in_the_path_follows_the_rules_of_aws():
    assert send("GET", "/_openprofiles/v1/domains/a%20b/things")[0] == 400


def test_unknown_paths_and_methods_are_told_apart():
    assert send("GET", "/_openprofiles/v1/domains/acme/others")[0] == 404
    status, headers, _ = send("DELETE", THINGS)
    assert status == 405
    assert headers["allow"] == "GET, HEAD, POST"
