"""Forms that the console refuses, on the real server: whoever sent them sees the page."""

import http.client
from contextlib import closing
from urllib.parse import urlsplit

LARGE = b"x" * 20_000_000
"""More than lies between a browser and a server that does not read."""


def test_a_form_that_is_refused_is_taken_in_before_the_answer(service_url):
    target = urlsplit(service_url)
    headers = {"Origin": service_url, "Content-Type": "application/x-www-form-urlencoded"}
    with closing(http.client.HTTPConnection(target.netloc, timeout=60)) as line:
        # A server that did not read would break the connection amid this.
        line.request("POST", "/console/domains", LARGE, headers)
        answer = line.getresponse()
        page = answer.read().decode()

    assert answer.status == http.client.REQUEST_ENTITY_TOO_LARGE
    assert "That is too much at once" in page
