"""The console beside the API: one address, one set of workers, each its own paths."""

from dataclasses import replace

import pytest
from werkzeug.test import Client

from openprofiles.app import Application, watched


@pytest.fixture
def face(application: Application) -> Client:
    """What the network sees of a service that is open."""
    return Client(watched(application))


def test_pages_and_operations_have_one_address(face):
    page = face.get("/console/", base_url="http://127.0.0.1:8787")
    answer = face.get("/domains")

    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")


def test_a_browser_that_opens_the_address_is_led_to_the_pages(face):
    browser = face.get("/", headers={"Accept": "text/html,application/xhtml+xml"})
    program = face.get("/", headers={"Accept": "*/*"})

    assert (browser.status_code, browser.location) == (302, "/console/")
    assert program.status_code == 404


@pytest.mark.parametrize("path", ["/consoles", "/console-x", "/Console/"])
def test_paths_that_only_look_like_the_consoles_are_not(face, path):
    assert face.get(path).mimetype == "application/json"


def test_the_address_without_its_slash_leads_to_the_pages(face):
    answer = face.get("/console", base_url="http://127.0.0.1:8787")

    assert (answer.status_code, answer.location) == (302, "/console/")


def test_pages_are_counted_and_logged_by_what_they_are(face, caplog):
    caplog.set_level("INFO", "openprofiles.requests")
    face.get("/console/policies", base_url="http://127.0.0.1:8787")
    metrics = face.get("/metrics").text

    assert 'operation="console policies.index",status="200"' in metrics


def test_pages_take_turns_with_the_api(application):
    busy = replace(
        application, settings=replace(application.settings, threads=1, waiting_requests=0)
    )
    client = Client(watched(busy))

    assert client.get("/console/", base_url="http://127.0.0.1").status_code == 200
