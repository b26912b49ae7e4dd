"""How the service is."""

from contextlib import closing
from dataclasses import replace

import pytest

from openprofiles import __version__
from openprofiles.app import open_application
from openprofiles.features.invoke import invoker
from openprofiles.features.service import store
from openprofiles.storage import backups
from openprofiles.storage.migrating import newest_version
from tests.acceptance.service import wait_until
from tests.console.data_in import Shop


@pytest.fixture
def shop(client, domain, invoke, caller) -> Shop:
    """A fresh domain with customers and orders."""
    found = Shop(client, domain, invoke, caller)
    found.define()
    return found


def health(invoke, caller):
    return invoke("GetServiceHealth", {}, caller)


def test_version_schema_and_database_are_told(invoke, caller, settings):
    told = health(invoke, caller)

    assert (told["Version"], told["Schema"]) == (__version__, newest_version())
    assert (told["Auth"], told["HasTls"], told["WebWorkers"]) == ("open", False, settings.workers)
    assert told["Database"]["IsEmbedded"]
    assert told["Database"]["Bytes"] > 1_000_000
    assert 0 < told["Database"]["Connections"] <= told["Database"]["MostConnections"]
    assert 0 < told["Disk"]["FreeBytes"] < told["Disk"]["Bytes"]


def test_processes_are_seen_while_they_live(application, invoke, caller):
    url = replace(application.settings, database_url=application.database.conninfo)
    before = health(invoke, caller)["Processes"]

    with closing(open_application(url, process="web")) as opened:
        health(opened.invoke, caller)
        [added] = [it for it in health(invoke, caller)["Processes"] if it not in before]

    assert added["Kind"] == "web"
    wait_until(lambda: added not in health(invoke, caller)["Processes"])


def test_another_account_is_told_nothing_of_the_machine(invoke, caller, shop):
    shop.put("Order", id="1", mail="nobody@example.com")
    stranger = replace(caller, account_id="999999999999")

    told = health(invoke, stranger)

    assert (told["Database"], told["Disk"], told["LastBackup"]) == (None, None, None)
    assert (told["Rejected"], told["Letters"], told["Backlog"]) == (0, 0, [])


def test_what_waits_and_what_failed_is_counted(invoke, caller, shop, monkeypatch):
    monkeypatch.setattr(store, "MOST_COUNTED", 1)
    shop.ask("StartIdentityResolutionJob")
    for number in range(3):
        shop.put("Order", id=str(number), mail=f"{number}@example.com")

    told = health(invoke, caller)

    [backlog] = [kind for kind in told["Backlog"] if kind["Kind"] == "IDENTITY_RESOLUTION"]
    assert backlog["Due"] >= 1
    assert backlog["DueSince"] is not None
    assert told["Rejected"] == 2


def test_what_waits_for_something_else_is_not_due(invoke, caller, shop, clock):
    def due() -> dict[str, int]:
        return {kind["Kind"]: kind["Due"] for kind in health(invoke, caller)["Backlog"]}

    others = due()
    shop.ask("StartFileImport", ObjectTypeName="Customer", FileName="customers.csv")
    first = shop.ask("StartIntegrationRun", Uri=shop.flow("drop"))
    before = due()
    clock.turn(minutes=-5)
    told = due()

    assert first["Status"] == "NOT_STARTED"
    assert before["INTEGRATION_RUN"] == others.get("INTEGRATION_RUN", 0) + 1
    assert before.get("FILE_IMPORT", 0) == others.get("FILE_IMPORT", 0)
    assert sum(told.values()) < sum(before.values())


def test_letters_that_wait_are_counted(client, invoke, caller, shop):
    client.update_domain(
        DomainName=shop.name, DeadLetterQueueUrl="https://sqs.us-east-1.amazonaws.com/1/letters"
    )
    before = health(invoke, caller)["Letters"]
    shop.put("Order", id="1", mail="nobody@example.com")

    told = health(invoke, caller)

    assert told["Letters"] == before + 1
    assert told["LettersSince"] is not None


def test_a_data_directory_that_is_not_here_has_no_disk(application, caller, tmp_path):
    elsewhere = replace(application.settings, data_dir=tmp_path / "none")
    invoke = invoker(application.database, elsewhere)

    assert health(invoke, caller)["Disk"] is None


def test_the_last_backup_is_told(application, invoke, caller, tmp_path):
    made = backups.back_up(
        application.database.conninfo, tmp_path / "one", version=__version__, keys={}
    )

    last = health(invoke, caller)["LastBackup"]

    assert last["Bytes"] == (tmp_path / "one").stat().st_size
    assert last["MadeAt"].isoformat() > made.made_at
