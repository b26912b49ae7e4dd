"""A request of botocore becomes the WSGI request that a server would make of it."""

from io import BytesIO

import pytest
from botocore.awsrequest import AWSPreparedRequest, HeadersDict

from openprofiles.wire.in_process import environ_of, send


def _request(body, url="https://host:8443/tags/a%3Ab%2Fc?x=1"):
    headers = HeadersDict({"Content-Type": b"application/json", "X-Amz-Date": "today"})
    headers["Content-Length"] = "99"
    return AWSPreparedRequest("POST", url, headers, body, stream_output=False)


@pytest.mark.parametrize("body", [b"{}", bytearray(b"{}"), "{}", BytesIO(b"{}")])
def test_a_request_is_handed_over_raw_and_decoded(body):
    environ = environ_of(_request(body))

    assert environ["REQUEST_URI"] == "/tags/a%3Ab%2Fc?x=1"
    assert environ["PATH_INFO"] == "/tags/a:b/c"
    assert environ["QUERY_STRING"] == "x=1"
    assert environ["CONTENT_TYPE"] == "application/json"
    assert environ["HTTP_X_AMZ_DATE"] == "today"
    assert environ["CONTENT_LENGTH"] == "2"
    assert environ["wsgi.input"].read() == b"{}"
    assert environ["SERVER_PORT"] == "8443"


def test_a_request_without_body_and_query_is_handed_over_too():
    environ = environ_of(_request(None, "https://host/domains"))

    assert environ["REQUEST_URI"] == "/domains"
    assert environ["CONTENT_LENGTH"] == "0"


@pytest.mark.parametrize("body", [b"", b"some"])
def test_the_answer_can_be_read(body):
    def application(_environ, start_response):
        start_response("202 Accepted", [("X-Test", "yes")])
        return [body]

    response = send(_request(b""), application)

    assert (response.status_code, response.headers["x-test"]) == (202, "yes")
    assert response.content == body
