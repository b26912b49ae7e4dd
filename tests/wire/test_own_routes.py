"""Operations of our own over HTTP: JSON in and out, below /_openprofiles/v1."""

import base64
from datetime import UTC, datetime
from typing import Annotated, Literal, NotRequired, TypedDict

import pytest
from msgspec import Meta

from openprofiles.core.operation import Route
from openprofiles.core.settings import Settings
from openprofiles.core.shapes import DomainName, PageSize, ProfileId
from openprofiles.wire import AwsHandler
from tests.wire.calling import Reply, Request, send


class ListRequest(TypedDict):
    DomainName: DomainName
    ProfileId: NotRequired[ProfileId]
    MaxResults: NotRequired[PageSize]
    Kinds: NotRequired[list[str]]


class DecideRequest(TypedDict):
    DomainName: DomainName
    Reason: NotRequired[Annotated[str, Meta(max_length=5)]]
    Verdict: Literal["same", "different"]


class TakeRequest(TypedDict):
    DomainName: DomainName
    Body: bytes
    Headers: dict[str, str]


ROUTES = {
    "Take": Route("POST", "/domains/{DomainName}/raw", TakeRequest, headers=("X-Seal", "X-Topic")),
    "ListThings": Route("GET", "/domains/{DomainName}/things", ListRequest),
    "Decide": Route("POST", "/domains/{DomainName}/things", DecideRequest),
}
THINGS = "/_openprofiles/v1/domains/acme/things"


def ask(method: str, path: str, query: str = "", body: bytes = b"", **environ: str) -> Reply:
    def invoke(name, parameters, _caller):
        moment = datetime(2026, 1, 2, tzinfo=UTC)
        return {"Name": name, "Given": dict(parameters), "At": moment, "NextToken": None}

    handler = AwsHandler(invoke, Settings(), own=ROUTES)
    return send(handler, Request(method, f"{path}?{query}", body), environ=environ)


def test_a_get_takes_its_members_from_path_and_query_in_their_types():
    reply = ask("GET", THINGS, f"MaxResults=7&ProfileId={'a' * 32}&Kinds=x&Kinds=y")

    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-amzn-requestid"]
    assert reply.content == {
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
    reply = ask("POST", THINGS, body=b'{"Verdict": "same", "Reason": "both"}')

    assert reply.status == 200
    assert reply.content["Given"] == {"DomainName": "acme", "Verdict": "same", "Reason": "both"}


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
    reply = ask(method, THINGS, query, body)

    assert (reply.status, reply.code) == (400, "BadRequestException")
    assert said in reply.content["Message"]
    assert "secret" not in reply.content["Message"]


def test_a_domain_name_in_the_path_follows_the_rules_of_aws():
    assert ask("GET", "/_openprofiles/v1/domains/a%20b/things").status == 400


def test_unknown_paths_and_methods_are_told_apart():
    assert ask("GET", "/_openprofiles/v1/domains/acme/others").status == 404
    reply = ask("DELETE", THINGS)
    assert reply.status == 405
    assert reply.headers["allow"] == "GET, HEAD, POST"


RAW = "/_openprofiles/v1/domains/acme/raw"


def test_a_raw_body_is_handed_over_as_it_came_with_the_headers_that_are_asked_for():
    body = b'\xff\x00 {"not": JSON'

    reply = ask("POST", RAW, "any=thing", body, HTTP_X_SEAL="a", HTTP_X_OTHER="b")

    assert reply.status == 200
    # Bytes are shown in base64.
    assert reply.content["Given"] == {
        "DomainName": "acme",
        "Body": base64.b64encode(body).decode(),
        "Headers": {"X-Seal": "a"},
    }


def test_labels_and_headers_of_a_raw_body_are_checked():
    assert ask("POST", "/_openprofiles/v1/domains/a%20b/raw").status == 400
    assert ask("POST", "/_openprofiles/v1/domains/a%00/raw").status == 400
    reply = ask("POST", RAW, HTTP_X_TOPIC="secret\0")
    assert (reply.status, reply.code) == (400, "BadRequestException")
    assert "secret" not in reply.content["Message"]
