"""People at the console of a running service that asks for signatures."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.acceptance.browsing import HOME, SIGN_IN, Browser
from tests.acceptance.first_key import first_key
from tests.acceptance.service import Service, running


@pytest.fixture
def service(data_dir: Path) -> Iterator[Service]:
    """A service at its first start: it has printed its first key."""
    with running(data_dir, "--workers", "1", "--auth", "sigv4") as service:
        yield service


def test_the_first_key_lets_one_in_until_one_signs_out(service: Service):
    browser = Browser(service.port)
    key = first_key(service.introduction)

    assert browser.get(HOME)[0] == 303
    assert browser.send(SIGN_IN, access_key_id=key.id, secret_access_key=key.secret) == 403
    assert browser.sign_in(key) == 303
    status, page = browser.get(HOME)
    assert (status, "Domains" in page) == (200, True)

    old = dict(browser.cookies)
    assert browser.post("/console/sign-out", on=HOME) == 303
    browser.cookies = old
    assert browser.get(HOME)[0] == 303


def test_who_guesses_the_secret_is_refused_and_then_told_to_wait(service: Service):
    browser = Browser(service.port)
    guess = replace(first_key(service.introduction), secret="guessed")

    statuses = [browser.sign_in(guess)]
    while statuses[-1] == 403 and len(statuses) < 100:
        statuses.append(browser.sign_in(guess))

    assert statuses[0] == 403
    assert statuses[-1] == 429
