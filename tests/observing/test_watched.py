"""What the service shows of itself: health, metrics, a log line per request."""

import gc
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.client import responses
from io import BytesIO, StringIO
from typing import Any

import pytest
from botocore.exceptions import ClientError

from openprofiles.app import client_of, watched
from openprofiles.observing import Health, configure_logs
from openprofiles.storage.database import DatabaseUnavailable
from openprofiles.storage.migrating import newest_version
from tests.acceptance.service import OBJECT_TYPE
from tests.wire.calling import Request, reply_to, send


@dataclass
class Page:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return json.loads(self.body)


@pytest.fixture
def wsgi(application):
    return watched(application)


@pytest.fixture
def garbage() -> Iterator[list[Any]]:
    """What only the search for cycles finds, kept for looking at it."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield gc.garbage
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


@pytest.fixture
def watched_client(wsgi, settings):
    return client_of(wsgi, settings)


def get(wsgi, path: str, method: str = "GET") -> Page:
    answered: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        answered.update(status=int(status[:3]), headers=dict(headers))
        assert status[4:] == responses[answered["status"]]

    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": BytesIO()}
    body = b"".join(wsgi(environ, start_response))
    return Page(answered["status"], answered["headers"], body)


def samples(wsgi) -> dict[str, float]:
    text = get(wsgi, "/metrics").body.decode()
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_it_is_alive(wsgi):
    page = get(wsgi, "/_openprofiles/v1/health/live")

    assert (page.status, page.content) == (200, {"status": "alive"})
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/_openprofiles/v1/health", "/_openprofiles/v1/health/ready"])
def test_it_is_ready_when_its_database_answers(wsgi, path):
    page = get(wsgi, path)

    assert page.status == 200
    assert page.content["status"] == "ready"
    assert page.content["database"]["schema"] == newest_version()


def test_it_is_not_ready_without_its_database():
    def check() -> dict[str, str]:
        raise DatabaseUnavailable

    health = Health(version="1", check=check, unavailable=(DatabaseUnavailable,))

    answer = health.answer("/_openprofiles/v1/health/ready")

    assert answer == (503, {"status": "unavailable", "database": {"status": "unreachable"}})


def test_a_page_that_is_none_is_not_found(wsgi):
    assert get(wsgi, "/_openprofiles/v1/health/elsewhere").status == 404


def test_the_pages_are_only_read(wsgi):
    assert get(wsgi, "/metrics", "POST").status == 405


def test_head_leaves_the_body_out(wsgi):
    page = get(wsgi, "/_openprofiles/v1/health/live", "HEAD")

    assert (page.status, page.body) == (200, b"")


def test_metrics_are_for_this_machine_only(application):
    wsgi = watched(application)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/metrics", "REMOTE_ADDR": "192.0.2.1"}

    refused = reply_to(wsgi, environ)
    here = reply_to(wsgi, {**environ, "REMOTE_ADDR": "127.0.0.1"})

    assert (refused.status, refused.body) == (403, b"See the setting metrics_from\n")
    assert here.status == 200


def test_requests_are_counted_by_operation_and_status(wsgi, watched_client):
    watched_client.list_domains()
    watched_client.list_domains()
    with pytest.raises(ClientError):
        watched_client.get_domain(DomainName="nowhere")
    get(wsgi, "/nothing/here")

    found = samples(wsgi)

    assert found['openprofiles_requests_total{operation="ListDomains",status="200"}'] == 2
    assert found['openprofiles_requests_total{operation="GetDomain",status="404"}'] == 1
    assert found['openprofiles_requests_total{operation="none",status="404"}'] == 1
    assert found['openprofiles_request_seconds_count{operation="GetDomain"}'] == 1
    assert found['openprofiles_database_connections{state="open"}'] >= 1


def test_objects_are_counted_by_what_became_of_them(wsgi, watched_client, domain):
    watched_client.put_profile_object_type(DomainName=domain, **OBJECT_TYPE)
    name = OBJECT_TYPE["ObjectTypeName"]
    watched_client.put_profile_object(
        DomainName=domain, ObjectTypeName=name, Object=json.dumps({"id": "1"})
    )
    with pytest.raises(ClientError):
        watched_client.put_profile_object(DomainName=domain, ObjectTypeName=name, Object="[]")
    with pytest.raises(ClientError):
        # Refused, and brings no object.
        watched_client.create_domain(DomainName=domain, DefaultExpirationDays=1)
    watched_client.batch_put_profile_object(
        DomainName=domain,
        ObjectTypeName=name,
        Items=[{"Id": "a", "Object": json.dumps({"id": "2"})}, {"Id": "b", "Object": "{}"}],
    )

    found = samples(wsgi)

    assert found['openprofiles_ingested_objects_total{outcome="accepted"}'] == 2
    assert found['openprofiles_ingested_objects_total{outcome="rejected"}'] == 2


def lines_of_requests(stream: StringIO) -> list[dict[str, Any]]:
    for handler in logging.getLogger().handlers:
        handler.flush()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in lines if line["source"] == "openprofiles.requests"]


def test_each_request_is_logged_with_its_id_and_nothing_of_the_customer(watched_client, stream):
    with pytest.raises(ClientError) as failure:
        watched_client.get_domain(DomainName="jane-doe")

    (told,) = lines_of_requests(stream)

    answer = failure.value.response["ResponseMetadata"]
    assert told["request_id"] == answer["HTTPHeaders"]["x-amzn-requestid"]
    assert (told["level"], told["message"]) == ("info", "answered")
    assert (told["operation"], told["status"]) == ("GetDomain", 404)
    assert told["milliseconds"] >= 0
    assert "jane-doe" not in stream.getvalue()


def test_requests_are_not_logged_from_warnings_on(watched_client, stream):
    configure_logs("warning", stream)

    watched_client.list_domains()

    assert lines_of_requests(stream) == []


def test_a_failure_of_ours_is_logged_as_an_error(application, stream):
    def fail(*_: object) -> None:
        raise DatabaseUnavailable

    broken = watched(replace(application, invoke=fail))
    client = client_of(broken, application.settings)

    with pytest.raises(ClientError, match="InternalServerException"):
        client.list_domains()

    assert [line["level"] for line in lines_of_requests(stream)] == ["error"]


def test_with_auth_sigv4_only_pages_that_tell_nothing_are_open(application):
    asking = watched(replace(application, settings=replace(application.settings, auth="sigv4")))

    assert get(asking, "/_openprofiles/v1/health/live").status == 200
    assert get(asking, "/domains").status == 403


def test_requests_leave_nothing_behind_that_keeps_itself(wsgi, watched_client, domain, garbage):
    """Else the web workers' memory grows until somebody looks for it, and the look takes time."""
    watched_client.put_profile_object_type(DomainName=domain, **OBJECT_TYPE)
    name = OBJECT_TYPE["ObjectTypeName"]
    put = {"ObjectTypeName": name, "Object": json.dumps({"id": "1"})}
    search = {"KeyName": "_account", "Values": ["1"]}

    for path, method, content in (
        ("profiles/objects", "PUT", put),
        ("profiles/search", "POST", search),
        ("profiles", "POST", {"FirstName": "Ada"}),
    ):
        body = json.dumps(content).encode()
        request = Request(method, f"/domains/{domain}/{path}", body)
        assert send(wsgi, request).status == 200
        gc.collect()
        garbage.clear()
        send(wsgi, request)
        gc.collect()

        left = [item for item in garbage if _is_ours(item)]
        assert left == [], path


def _is_ours(item: object) -> bool:
    is_of_us = type(item).__module__.startswith("openprofiles")
    return is_of_us or (isinstance(item, dict) and "wsgi.input" in item)
