"""Somebody who lets the service wait for bodies that never come does not silence it for others."""

import http.client
import json
import socket
from contextlib import ExitStack, closing

from tests.acceptance.service import running

HEAD = b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"
PATHS = (b"/domains/theirs", b"/console/sign-in")


def test_bodies_that_never_come_leave_others_their_answers(data_dir):
    options = ("--workers", "1", "--threads", "2", "--waiting-requests", "6")
    with running(data_dir, *options) as service, ExitStack() as held:
        for number in range(40):
            silent = socket.create_connection(
                ("127.0.0.1", service.port), source_address=("127.0.0.2", 0)
            )
            held.enter_context(silent)
            silent.sendall(HEAD % PATHS[number % 2])

        with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)) as line:
            for number in range(20):
                body = json.dumps({"DefaultExpirationDays": 30})
                line.request("POST", f"/domains/ours-{number}", body)
                assert json.load(line.getresponse())["DomainName"] == f"ours-{number}"
        assert '"level":"error"' not in service.log.read_text()
