"""Runs, states and connections over HTTP, below /_openprofiles/v1."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.features.integrations.conftest import TOKEN, lead
from tests.wire.calling import Request, send


@pytest.fixture
def call(application, source):
    """Send a request about the domain; status and content of the reply."""

    def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        target = f"/_openprofiles/v1/domains/{source.domain}{path}"
        content = b"" if body is None else json.dumps(body).encode()
        reply = send(application.wsgi, Request(method, target, content))
        return reply.status, reply.content

    return call


def test_a_run_is_started_looked_at_and_listed(call, source):
    source.write([lead(1)])
    uri = source.integrate()

    status, started = call("POST", "/integration-runs", {"Uri": uri})
    assert (status, started["Status"]) == (200, "NOT_STARTED")
    source.work()

    status, run = call("GET", f"/integration-runs/{started['RunId']}")
    assert (status, run["Status"], run["Pulled"]) == (200, "COMPLETE", 1)
    status, listed = call("GET", f"/integration-runs?MaxResults=1&Uri={quote(uri, safe='')}")
    assert (status, [item["RunId"] for item in listed["Items"]]) == (200, [started["RunId"]])
    status, states = call("GET", "/integration-states")
    assert (status, states["Items"][0]["LastRun"]["Status"]) == (200, "COMPLETE")


def test_a_run_is_stopped(call, source):
    _, started = call("POST", "/integration-runs", {"Uri": source.integrate()})

    status, stopped = call("POST", f"/integration-runs/{started['RunId']}/stop", {})

    assert (status, stopped["Status"]) == (200, "CANCELLED")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/integration-runs", {"Uri": "nothing"}, 404),
        ("POST", "/integration-runs", {"Uri": ""}, 400),
        ("POST", "/integration-runs", {"Uri": "x", "DataPullMode": "All"}, 400),
        ("GET", "/integration-runs/no-id", None, 400),
        ("GET", f"/integration-runs/{'0' * 32}", None, 404),
        ("GET", "/integration-runs?NextToken=x", None, 400),
        ("PUT", "/connections", {"Name": "x", "Kind": "Abacus", "Settings": {}}, 400),
        ("PUT", "/connections", {"Name": "a:b", "Kind": "Marketo", "Settings": {}}, 400),
        ("PUT", "/connections", {"Name": "x", "Kind": "Marketo", "Settings": {"a": 1}}, 400),
        ("DELETE", "/connections?Name=x", None, 404),
        ("POST", "/connections/test", {"Name": "x"}, 404),
    ],
)
def test_bad_requests_are_answered_as_such(call, method, path, body, status):
    assert call(method, path, body)[0] == status


def test_connections_are_made_tested_and_removed(call, source):
    values = {"folder": str(source.folder), "token": TOKEN}
    request = {"Name": "other", "Kind": "Marketo", "Settings": values}

    status, made = call("PUT", "/connections", request)

    assert (status, made["Settings"]) == (200, {"folder": str(source.folder)})
    assert call("POST", "/connections/test", {"Name": "other"}) == (200, {"Objects": []})
    _, listed = call("GET", "/connections")
    assert [item["Name"] for item in listed["Items"]] == ["folder", "other"]
    assert TOKEN not in str(listed)
    assert call("DELETE", "/connections?Name=other")[0] == 200
