"""People at the console of a running service that asks for signatures."""

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.acceptance.service import Service, running

PROOF = re.compile(r'name="csrf_token" value="([^"]+)"')
HOME, SIGN_IN = "/console/", "/console/sign-in"


@pytest.fixture
def service(data_dir: Path) -> Iterator[Service]:
    """A service at its first start: it has printed its first key."""
    with running(data_dir, "--workers", "1", "--auth", "sigv4") as service:
        yield service


class Browser:
    """Keeps one cookie and sends forms as the pages have them."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.cookie = ""

    def get(self, path: str) -> tuple[int, str]:
        """The status and text of a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, *, on: str, **form: str) -> int:
        """Fill in a form on the page `on`; the status."""
        found = PROOF.search(self.get(on)[1])
        assert found is not None
        return self.send(path, csrf_token=found[1], **form)

    def send(self, path: str, **form: str) -> int:
        """Send a form as it is; the status."""
        return self._ask("POST", path, urlencode(form))[0]

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=30)
        headers = {"Cookie": self.cookie, "Origin": self.service.url}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        given = answer.getheader("Set-Cookie")
        if given:
            self.cookie = given.partition(";")[0]
        return answer.status, text


def _first_key(service: Service) -> dict[str, str]:
    said = "\n".join(service.introduction)
    found = re.search(r"(OPAK[A-Z0-9]+)\W+(?:.*?)([A-Za-z0-9+/_-]{30,})", said, re.DOTALL)
    assert found is not None, said
    return {"access_key_id": found[1], "secret_access_key": found[2]}


def test_the_first_key_lets_one_in_until_one_signs_out(service: Service):
    browser = Browser(service)
    key = _first_key(service)

    assert browser.get(HOME)[0] == 303
    assert browser.send(SIGN_IN, **key) == 403
    assert browser.post(SIGN_IN, on=SIGN_IN, **key) == 303
    status, page = browser.get(HOME)
    assert (status, "Domains" in page) == (200, True)

    old = browser.cookie
    assert browser.post("/console/sign-out", on=HOME) == 303
    browser.cookie = old
    assert browser.get(HOME)[0] == 303


def test_who_guesses_the_secret_is_refused_and_then_told_to_wait(service: Service):
    browser = Browser(service)
    guess = {**_first_key(service), "secret_access_key": "guessed"}

    statuses = [browser.post(SIGN_IN, on=SIGN_IN, **guess)]
    while statuses[-1] == 403 and len(statuses) < 100:
        statuses.append(browser.post(SIGN_IN, on=SIGN_IN, **guess))

    assert statuses[0] == 403
    assert statuses[-1] == 429
