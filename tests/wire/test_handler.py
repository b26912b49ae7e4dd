"""The chain: every request gets an answer, and nothing of the inside gets out."""

import logging
import re
from typing import Any

import pytest

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.settings import Settings
from openprofiles.wire import AwsHandler
from openprofiles.wire.model import operation_models
from tests.wire.calling import Request, send

SIGNED = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261125/us-east-1/profile/aws4_request, X=y"

OFFERED = {operation.name for operation in operation_models()} - {"GetMatches"}


class NoDatabase(Exception):
    """What the storage raises when it cannot be reached."""


def _invoke(name: str, parameters: Any, caller: Any) -> dict[str, Any]:
    domain = parameters.get("DomainName")
    if domain == "missing":
        raise ResourceNotFound("Domain missing does not exist")
    if domain == "broken":
        try:
            raise ValueError("secret of a customer")
        except ValueError as error:
            raise RuntimeError("another secret") from error
    if domain == "offline":
        raise NoDatabase
    if name not in OFFERED:
        raise BadRequest(f"No {name} here")
    return {"DomainName": domain, "Tags": {"operation": name, "principal": caller.principal}}


def _handler(**settings: Any) -> AwsHandler:
    return AwsHandler(
        _invoke,
        Settings(**settings),
        offered=OFFERED,
        unavailable=(NoDatabase,),
    )


@pytest.fixture
def handler():
    return _handler()


def test_an_answer_has_a_request_id_a_length_and_a_type(handler):
    reply = send(handler, Request("GET", "/domains/crm"))

    assert (reply.status, reply.content["DomainName"]) == (200, "crm")
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["content-length"] == str(len(reply.body))
    assert re.fullmatch(r"[0-9a-f-]{36}", reply.headers["x-amzn-requestid"])


@pytest.mark.parametrize(
    ("environ", "principal"),
    [
        ({"HTTP_AUTHORIZATION": SIGNED}, "AKIDEXAMPLE"),
        ({"QUERY_STRING": "X-Amz-Credential=AKIDQUERY%2F20261125%2Fus-east-1"}, "AKIDQUERY"),
        ({"HTTP_AUTHORIZATION": "Bearer x"}, "anonymous"),
        ({}, "anonymous"),
    ],
)
def test_the_principal_is_the_access_key_id(handler, environ, principal):
    reply = send(handler, Request("GET", "/domains/crm"), environ=environ)

    assert reply.content["Tags"]["principal"] == principal


def test_a_service_error_is_written_as_it_is(handler):
    reply = send(handler, Request("GET", "/domains/missing"))

    assert (reply.status, reply.code) == (404, "ResourceNotFoundException")
    assert reply.content == {"Message": "Domain missing does not exist"}
    assert reply.headers["x-amzn-requestid"]


def test_anything_else_is_an_internal_error_that_tells_nothing(handler, caplog):
    with caplog.at_level(logging.ERROR):
        reply = send(handler, Request("GET", "/domains/broken"))

    assert (reply.status, reply.code) == (500, "InternalServerException")
    assert b"secret" not in reply.body
    [record] = caplog.records
    assert "secret" not in record.getMessage()
    assert "builtins.RuntimeError at" in record.getMessage()
    assert "caused by builtins.ValueError at" in record.getMessage()
    assert "test_handler.py" in record.getMessage()
    assert record.exc_info is None
    assert record.request_id == reply.headers["x-amzn-requestid"]
    assert record.operation == "GetDomain"


def test_no_database_is_an_internal_error_without_a_traceback(handler, caplog):
    reply = send(handler, Request("GET", "/domains/offline"))

    assert (reply.status, reply.code) == (500, "InternalServerException")
    assert "try again" in reply.content["Message"]
    assert [record.getMessage() for record in caplog.records] == [
        "GetDomain: the database cannot be reached"
    ]


def test_an_operation_that_is_not_offered_is_not_checked_first(handler):
    reply = send(handler, Request("GET", "/domains/a%20b/matches"))

    assert (reply.status, reply.content["Message"]) == (400, "No GetMatches here")


def test_an_unknown_path_is_404(handler):
    reply = send(handler, Request("GET", "/nowhere"))

    assert (reply.status, reply.code) == (404, "UnknownOperationException")
    assert reply.headers["x-amzn-requestid"]


def test_a_wrong_method_is_405_and_tells_the_right_ones(handler):
    reply = send(handler, Request("PATCH", "/domains"))

    assert (reply.status, reply.code) == (405, "UnknownOperationException")
    assert reply.headers["allow"] == "GET, HEAD"


def test_head_is_get_without_a_body(handler):
    whole = send(handler, Request("GET", "/domains/crm"))
    head = send(handler, Request("HEAD", "/domains/crm"))

    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_options_tells_the_methods(handler):
    reply = send(handler, Request("OPTIONS", "/domains/crm"))

    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["allow"] == "DELETE, GET, HEAD, POST, PUT, OPTIONS"
    assert send(handler, Request("OPTIONS", "/nowhere")).status == 404


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_the_limit_is_refused(declared):
    handler = _handler(max_body_bytes=100)
    request = Request("POST", "/domains/crm", b'{"DefaultExpirationDays": 1}' + b" " * 100)
    undeclared = {
        "CONTENT_LENGTH": "",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input_terminated": True,
    }

    reply = send(handler, request, environ={} if declared else undeclared)

    assert (reply.status, reply.code) == (400, "BadRequestException")
    assert reply.content == {"Message": "The body is larger than 100 bytes"}


def test_a_body_of_unknown_length_is_read_where_the_server_ends_it(handler):
    request = Request("POST", "/domains/crm", b'{"DefaultExpirationDays": 1}')
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}

    ended = {**chunked, "wsgi.input_terminated": True}

    assert send(handler, request, environ=ended).status == 200
    assert send(handler, request, environ=chunked).status == 400


def test_a_nul_in_a_string_is_refused_wherever_it_comes_from(handler):
    for request in (
        Request("GET", "/domains/crm/workflows/a%00b"),
        Request("GET", "/domains?next-token=a%00b"),
        Request("POST", "/domains/crm/profiles", b'{"FirstName": "a\\u0000b"}'),
    ):
        reply = send(handler, request)

        assert reply.code == "BadRequestException"
        assert r"[^\u0000]*" in reply.content["Message"]


def test_a_backslash_before_u0000_is_no_nul(handler):
    request = Request(
        "PUT", "/domains/crm/profiles/objects", rb'{"ObjectTypeName": "t", "Object": "\\u0000"}'
    )

    assert send(handler, request).status == 200


def test_the_request_id_of_the_server_around_us_is_kept(handler):
    environ = {"openprofiles.request_id": "from-the-edge"}

    reply = send(handler, Request("GET", "/domains/crm"), environ=environ)

    assert reply.headers["x-amzn-requestid"] == "from-the-edge"


def test_the_target_may_be_absolute(handler):
    environ = {"REQUEST_URI": "http://host/domains/crm"}

    assert send(handler, Request("GET", "/domains/crm"), environ=environ).status == 200
