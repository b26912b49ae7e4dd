"""What is left of a request is taken in before the answer goes, within bounds."""

import io

import pytest
from flask import Request
from werkzeug.exceptions import ClientDisconnected

from openprofiles.console.draining import CHUNK_BYTES, drain, remember_place

CONTENT = b"x" * (5 * CHUNK_BYTES)


def request_with(stream, **environ):
    found = Request({"wsgi.input": stream, "REQUEST_METHOD": "POST", **environ})
    remember_place(found)
    return found


def test_what_nobody_has_read_is_taken_in_up_to_its_end():
    line = io.BytesIO(CONTENT + b"the next request")
    request = request_with(line, CONTENT_LENGTH=str(len(CONTENT)))
    request.stream.read(10)

    drain(request)

    assert line.read() == b"the next request"


@pytest.mark.parametrize("bounds", [{"most": CHUNK_BYTES}, {"seconds": 0}])
def test_there_is_a_bound(bounds):
    line = io.BytesIO(CONTENT)

    drain(request_with(line, CONTENT_LENGTH=str(len(CONTENT))), **bounds)

    assert len(line.read()) >= len(CONTENT) - CHUNK_BYTES


@pytest.mark.parametrize("failure", [ClientDisconnected(), ConnectionResetError()])
def test_nobody_minds_that_the_sender_left(failure):
    class Line(io.BytesIO):
        def read(self, _size=-1):
            raise failure

    drain(request_with(Line(), **{"wsgi.input_terminated": True}))
