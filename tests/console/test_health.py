"""Health, as people at a browser see it."""

import os
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from shutil import rmtree
from typing import Any

import pytest

from openprofiles.app import open_application
from openprofiles.console.pages import health
from openprofiles.console.pages.health import findings_of
from openprofiles.storage import backups
from tests.console.conftest import signed_in
from tests.console.visiting import Visitor

HERE = "/console/health"
NOW = datetime(2026, 1, 10, tzinfo=UTC)
WELL: dict[str, Any] = {
    "WebWorkers": 2,
    "Processes": [
        {"Kind": "jobs", "Host": "one"},
        {"Kind": "web", "Host": "one"},
        {"Kind": "web", "Host": "one"},
    ],
    "Backlog": [],
    "LettersSince": None,
    "Database": {"Connections": 10, "MostConnections": 100},
    "Disk": {"Bytes": 1000, "FreeBytes": 500},
    "LastBackup": {"MadeAt": NOW - timedelta(hours=20)},
}
REPLAYS: dict[str, Any] = {"Kind": "REPLAY", "Due": 3, "DueSince": None, "FailedLately": 0}


def test_a_service_that_is_well_has_nothing_to_look_at():
    assert findings_of(WELL, NOW) == ()


@pytest.mark.parametrize(
    ("what", "kind", "words"),
    [
        ({"Processes": WELL["Processes"][1:]}, "error", "No job worker is alive"),
        ({"Processes": WELL["Processes"][:2]}, "warning", "1 of 2 web workers are not alive"),
        (
            {"Backlog": [REPLAYS | {"FailedLately": 2}]},
            "warning",
            "Replay: 2 failed within a day",
        ),
        (
            {"Backlog": [REPLAYS | {"DueSince": NOW - timedelta(minutes=7)}]},
            "warning",
            "Replay: 3 due and not begun, since 7 min",
        ),
        (
            {"LettersSince": NOW - timedelta(hours=2)},
            "warning",
            "wait for their dead-letter queue since 2 h",
        ),
        ({"Disk": {"Bytes": 1000, "FreeBytes": 90}}, "error", "Only 90 bytes are free"),
        (
            {"Database": {"Connections": 81, "MostConnections": 100}},
            "warning",
            "81 of 100 connections",
        ),
        ({"LastBackup": None}, "warning", "No backup is known of"),
        (
            {"LastBackup": {"MadeAt": NOW - timedelta(days=3)}},
            "warning",
            "The last backup is 3 days old",
        ),
    ],
)
def test_what_wants_attention_is_said(what, kind, words):
    [found] = findings_of({**WELL, **what}, NOW)

    assert found.kind == kind
    assert words in found.text


def test_what_is_due_since_a_moment_is_nothing_to_look_at():
    due = REPLAYS | {"DueSince": NOW - timedelta(minutes=1)}

    assert findings_of({**WELL, "Backlog": [due], "LettersSince": NOW}, NOW) == ()


def test_people_of_another_account_hear_nothing_of_the_machine():
    guest = {"Database": None, "Disk": None, "LastBackup": None}

    assert findings_of({**WELL, **guest}, NOW) == ()


def test_errors_come_first():
    found = findings_of({**WELL, "Processes": [], "LastBackup": None}, NOW)

    assert [finding.kind for finding in found] == ["error", "warning", "warning"]


def test_the_page_shows_how_the_service_is(anybody, street):
    street.ask("StartIdentityResolutionJob")

    page = anybody.get(HERE).text

    assert "No job worker is alive" in page
    assert "embedded" in page
    assert "kind=IDENTITY_RESOLUTION" in page
    assert 'hx-trigger="every 5s"' in page


def test_processes_are_shown_while_they_live(anybody, application, caller):
    url = replace(application.settings, database_url=application.database.conninfo)
    with closing(open_application(url, process="web")) as opened:
        # A process is seen as soon as it has spoken with the database.
        opened.invoke("ListDomains", {}, caller)

        page = anybody.get(HERE).text

    assert "web worker" in page
    assert f'<td class="number">{os.getpid()}</td>' in page


def test_a_machine_without_a_data_directory_says_so(make_console, tmp_path):
    nowhere = Visitor(make_console(auth="open", data_dir=tmp_path / "data"))
    rmtree(tmp_path / "data")

    assert "The data directory is not on this machine." in nowhere.get(HERE).text


def test_the_last_backup_and_what_is_left_of_domains_are_shown(
    anybody, application, client, domain, tmp_path
):
    backups.back_up(application.database.conninfo, tmp_path / "one", version="1", keys={})
    client.delete_domain(DomainName=domain)

    page = anybody.get(HERE).text

    assert "No backup is known of" not in page
    assert "to clear away" in page


def test_an_account_that_is_not_the_services_own_sees_no_machine(make_console, keys):
    guest = signed_in(Visitor(make_console(account_id="999999999999")), keys.make("read-only"))

    page = guest.get(HERE).text

    assert "are shown to people of the service" in page
    assert "embedded" not in page


def test_more_than_can_be_counted_is_said_so(anybody, monkeypatch):
    monkeypatch.setattr(health, "MOST_COUNTED", -1)

    assert "over -1" in anybody.get(HERE).text
