"""What is left of a request whose answer is known: it is taken in, and forgotten.

A server that answers before it has read all closes the connection with a reset, and many browsers
then say that the connection broke instead of showing the page that says why. So the rest is read,
within bounds, before the answer goes.
"""

import time
from typing import IO, cast

from flask import Request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_input_stream

from openprofiles.core.errors import Throttling

CHUNK_BYTES = 1 << 16
MOST_BYTES = 1 << 30
MOST_SECONDS = 30.0
"""What a browser sends in so long is taken in; for more there is the reset."""


def remember_place(request: Request) -> None:
    """Have all that read the request's body do so through one stream, which knows where it ends:
    called before anything is read.
    """
    request.environ["wsgi.input"] = get_input_stream(request.environ)
    request.environ["wsgi.input_terminated"] = True


def drain(request: Request, *, most: int = MOST_BYTES, seconds: float = MOST_SECONDS) -> None:
    """Take in what nobody has read of a request."""
    stream = cast("IO[bytes]", request.environ["wsgi.input"])
    until = time.monotonic() + seconds
    try:
        while most > 0 and time.monotonic() < until:
            data = stream.read(CHUNK_BYTES)
            if not data:
                return
            most -= len(data)
    except (ClientDisconnected, OSError, Throttling):
        # Nobody waits for the answer, or it is not worth a thread that others need.
        return
