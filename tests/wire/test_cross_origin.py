"""Web pages may call only from origins that a setting lists."""

import pytest

from openprofiles.core.settings import Settings
from openprofiles.wire import AwsHandler
from tests.wire.calling import Request, send

PAGE = "https://app.example"


def _send(origins: str, method: str = "GET", **environ: str):
    handler = AwsHandler(lambda *_: {}, Settings(cors_origins=origins))
    return send(handler, Request(method, "/domains/crm"), environ=environ)


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize("origins", ["", "https://other.example"])
def test_a_page_of_another_origin_is_refused(origins, method):
    reply = _send(origins, method, HTTP_ORIGIN=PAGE)

    assert (reply.status, reply.code) == (403, "AccessDeniedException")
    assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize("origins", [PAGE, f"https://other.example, {PAGE}/", "*"])
def test_a_listed_page_may_read_the_answer(origins):
    reply = _send(origins, HTTP_ORIGIN=PAGE)

    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == PAGE
    assert "x-amzn-RequestId" in reply.headers["access-control-expose-headers"]
    assert reply.headers["vary"] == "origin"


def test_a_listed_page_may_read_errors_too():
    handler = AwsHandler(lambda *_: {}, Settings(cors_origins=PAGE))

    reply = send(handler, Request("GET", "/nowhere"), environ={"HTTP_ORIGIN": PAGE})

    assert (reply.status, reply.headers["access-control-allow-origin"]) == (404, PAGE)


def test_a_preflight_request_is_answered():
    reply = _send(
        PAGE,
        "OPTIONS",
        HTTP_ORIGIN=PAGE,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="PUT",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,x-amz-date",
    )

    assert reply.status == 204
    assert reply.headers["access-control-allow-origin"] == PAGE
    assert "PUT" in reply.headers["access-control-allow-methods"]
    assert reply.headers["access-control-allow-headers"] == "authorization,x-amz-date"
    assert reply.headers["access-control-max-age"] == "600"


def test_who_is_no_page_gets_no_such_headers():
    for method in ("GET", "OPTIONS"):
        reply = _send(PAGE, method, HTTP_ACCESS_CONTROL_REQUEST_METHOD="PUT")

        assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8787", "192.168.1.7", "[::", ""])
def test_where_anybody_is_let_in_a_name_that_only_leads_here_is_refused(host):
    reply = _send("", HTTP_HOST=host, REMOTE_ADDR="127.0.0.1")

    assert (reply.status, reply.code) == (403, "AccessDeniedException")


@pytest.mark.parametrize(
    "host", ["localhost:8787", "127.0.0.1", "127.8.9.1:1", "[::1]:8787", "a.localhost", "db.lan"]
)
def test_this_machine_and_names_that_are_listed_are_answered(host):
    handler = AwsHandler(lambda *_: {}, Settings(host_names="db.lan, crm.lan"))
    environ = {"HTTP_HOST": host, "REMOTE_ADDR": "127.0.0.1"}

    assert send(handler, Request("GET", "/domains/crm"), environ=environ).status == 200


def test_who_names_no_host_or_is_in_the_process_is_no_page():
    assert _send("", REMOTE_ADDR="127.0.0.1").status == 200
    assert _send("", HTTP_HOST="openprofiles.invalid").status == 200
