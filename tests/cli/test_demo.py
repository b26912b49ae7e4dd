"""`openprofiles demo`: fills a domain once, says what is in it and where to look, and serves."""

import urllib.request
import uuid
from collections.abc import Callable

import pytest

from openprofiles.cli.demo import demo
from tests.acceptance.service import Service

Demo = Callable[..., int]


@pytest.fixture
def demo_here(connection, tmp_path) -> Demo:
    """The command on the tests' database, for a small company."""

    def run(domain: str) -> int:
        return demo(domain=domain, customers=25, fill_only=True, data_dir=tmp_path, **connection)

    return run


def page_of(service: Service, name: str) -> str:
    """A page of the console about the domain."""
    url = f"{service.url}/console/domains/harbour-and-pine/{name}"
    with urllib.request.urlopen(url) as answer:  # noqa: S310 (our own service)
        return str(answer.read(), "utf-8")


def test_it_fills_once_and_says_what_is_there(demo_here, capsys):
    name = f"demo-{uuid.uuid4().hex}"

    codes = demo_here(name), demo_here(name)

    assert codes == (0, 0)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"Domain {name}, filled in ")
    assert second.startswith(f"Domain {name}, as it was: ")
    assert first.partition(": ")[2] == second.partition(": ")[2]


def test_a_domain_of_somebody_else_is_refused(demo_here, domain, capsys):
    code = demo_here(domain)

    assert code == 1
    assert f"a domain {domain} that the demo did not make" in capsys.readouterr().err


def test_it_serves_what_it_filled_and_finds_it_again(data_dir):
    service = Service(data_dir, "--customers", "25", command="demo")
    try:
        for how in ("filled in", "as it was"):
            service.start()

            assert how in "".join(service.introduction)
            assert service.status("/console/domains/harbour-and-pine") == 200
            assert "members-of-this-month.csv" in page_of(service, "imports")
            assert service.stop() == 0
    finally:
        service.end()
