"""The operations of our own over HTTP, below /_openprofiles/v1."""

import json
from typing import Any

import pytest

from openprofiles.features import matching
from tests.features.matching.conftest import ANNA, ANNA_AGAIN
from tests.wire.calling import Request, send


@pytest.fixture
def call(application, town):
    """Send a request about the town; status and content of the reply."""

    def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        target = f"/_openprofiles/v1/domains/{town.name}{path}"
        content = b"" if body is None else json.dumps(body).encode()
        reply = send(application.wsgi, Request(method, target, content))
        return reply.status, reply.content

    return call


def test_a_job_is_started_and_looked_at(call, town):
    status, started = call("POST", "/identity-resolution-jobs", {})
    assert (status, started["Status"]) == (200, "PENDING")
    matching.run_due(town.machine)

    status, job = call("GET", f"/identity-resolution-jobs/{started['JobId']}")

    assert (status, job["Status"]) == (200, "COMPLETED")
    assert job["Progress"]["Attempts"] == 1
    assert job["JobEndTime"] > job["JobStartTime"]


def test_a_pair_is_explained_and_decided_apart(call, town):
    one, other = town.settle(ANNA, ANNA_AGAIN)
    town.run()
    pair = {"ProfileId": one, "OtherProfileId": other}
    query = f"?ProfileId={one}&OtherProfileId={other}"

    status, told = call("GET", f"/matches/explanation{query}")
    assert status == 200
    assert told["Text"].startswith("confidence")

    assert call("POST", "/decisions", pair)[0] == 200
    _, listed = call("GET", "/decisions?MaxResults=1")
    assert [item["DecidedBy"] for item in listed["Items"]]
    assert call("DELETE", f"/decisions{query}")[0] == 200
    assert call("GET", "/decisions")[1] == {"Items": []}


def test_merging_is_tried_dry(call, town):
    town.settle(ANNA, ANNA_AGAIN)
    town.run()

    status, answer = call(
        "POST",
        "/auto-merging-preview",
        {"Consolidation": {"MatchingAttributesList": [["FirstName"]]}},
    )

    assert (status, answer["NumberOfProfilesWillBeMerged"]) == (200, 1)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/auto-merging-preview", {"Consolidation": {"MatchingAttributesList": []}}),
        ("POST", "/auto-merging-preview", {"MinAllowedConfidenceScoreForMerging": 2}),
        ("POST", "/decisions", {"ProfileId": "x", "OtherProfileId": "y"}),
        ("GET", "/matches/explanation?ProfileId=x", None),
        ("GET", "/identity-resolution-jobs/x", None),
        ("POST", "/rule-based-matches/export", {}),
    ],
)
def test_what_breaks_a_rule_is_refused(call, method, path, body):
    assert call(method, path, body)[0] == 400
