"""Stewards bring data in, in a browser: from a source and a file, and what was rejected or mapped
otherwise once more. What a job worker does is done between two looks.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from openprofiles.features import integrations, replays
from openprofiles.features.transfers.sent_running import run_due
from openprofiles.storage.sessions import holding
from tests.acceptance.service import wait_until
from tests.console.browser.conftest import served
from tests.console.browser.watching import Tab
from tests.console.conftest import elsewhere
from tests.console.data_in import CUSTOMER, NO_PROFILE, Shop

PATIENCE_MS = 60_000
MOST_BYTES = 1_000_000
ROWS = "id,name,mail\n1,Ann,ann@example.com\n2,Bob,bob@example.com\n,Nobody,\n"


@dataclass
class Desk:
    """A steward at a tab, and the shop."""

    tab: Tab
    shop: Shop
    folder: Path

    @property
    def base(self) -> str:
        """Where the pages of the domain are."""
        return f"/console/domains/{self.shop.name}"

    def open(self, path: str) -> None:
        """Go to a page of the domain."""
        self.tab.open(f"{self.base}{path}")

    def press(self, name: str) -> None:
        """Press a button."""
        self.tab.page.get_by_role("button", name=name, exact=True).click()

    def says(self, text: str) -> None:
        """Wait until the page says something."""
        expect(self.tab.page.locator("main")).to_contain_text(text)

    def figure(self, label: str, number: str) -> None:
        """Wait until a number is there."""
        figures = self.tab.page.locator(".figure").filter(has_text=label)
        expect(figures.locator(".number")).to_have_text(number)

    def states(self) -> set[str]:
        """How the imports of files stand."""
        return {item["Status"] for item in self.shop.ask("ListFileImports")["Items"]}

    def last(self) -> str:
        """The last part of the address."""
        return self.tab.page.url.rpartition("/")[2]


@pytest.fixture
def desk(open_tab, tabs, make_console, application, client, domain, invoke, caller, tmp_path):
    """A steward at an open console."""
    shop = Shop(client, domain, invoke, caller)
    shop.define()
    settings = {"max_import_bytes": MOST_BYTES, **elsewhere(application, tmp_path)}
    with served(make_console(auth="open", **settings), tabs) as address:
        yield Desk(open_tab(address), shop, tmp_path)


def test_an_integration_is_made_run_and_followed(desk, application, tmp_path):
    drop = tmp_path / "drop" / "crm"
    drop.mkdir(parents=True)
    (drop / "one.csv").write_text(ROWS)
    desk.shop.connect(tmp_path)
    page = desk.tab.page
    desk.open("/integrations/new/S3")
    page.locator("#name").fill(f"flow-{desk.shop.name[-20:]}")
    page.locator("#connection").select_option("folder")
    page.locator("#bucket").fill("drop")
    page.locator("#prefix").fill("crm")
    page.locator("#object_type").select_option("Customer")
    desk.press("Make the integration")
    desk.says("It has not run yet.")
    desk.press("Run now")
    desk.says("The run begins as soon as a worker is free.")

    run = desk.shop.ask("ListIntegrationRuns")["Items"][0]
    machine = integrations.Machine(
        invoke=desk.shop.invoke,
        hold=partial(holding, application.database.conninfo),
        settings=application.settings,
        caller=desk.shop.caller,
        permits=integrations.permits_of(application.settings),
    )
    integrations.run_one(machine, desk.shop.name, run["RunId"], run["Uri"])

    # The page follows by itself.
    desk.figure("ingested", "2")
    desk.figure("rejected", "1")
    page.get_by_role("table", name="Runs of this integration").get_by_role("link").click()
    desk.says("Rejected, by reason")


def test_a_file_is_sent_and_its_customers_are_found(desk, tmp_path):
    page = desk.tab.page
    desk.open("/imports")
    large = tmp_path / "large.csv"
    large.write_text("x" * (MOST_BYTES + 1))
    page.locator("#file").set_input_files(large)
    assert "too large" in page.locator("#file").evaluate("input => input.validationMessage")
    small = tmp_path / "people.csv"
    small.write_text(ROWS)
    page.locator("#file").set_input_files(small)
    page.locator("#type").select_option("Customer")
    desk.press("Import")
    desk.says("under way")

    run_due(desk.shop.invoke, desk.shop.caller, desk.folder / "imports")

    desk.figure("records read", "3")
    desk.figure("created a profile", "2")
    desk.tab.require_usable()
    desk.open("/customers?q=bob@example.com")
    page.locator("main").get_by_role("link", name="Bob").first.click()
    desk.says("bob@example.com")


def test_an_import_that_failed_is_mended_and_tried_again_by_keyboard(desk, tmp_path):
    page = desk.tab.page
    rows = tmp_path / "people.csv"
    rows.write_text(ROWS)
    desk.open("/imports")
    page.locator("#file").set_input_files(rows)
    page.locator("#type").select_option("Customer")
    desk.press("Import")
    desk.says("under way")
    desk.shop.client.delete_profile_object_type(
        DomainName=desk.shop.name, ObjectTypeName="Customer"
    )
    run_due(desk.shop.invoke, desk.shop.caller, desk.folder / "imports")
    desk.says("The file is here until")
    desk.tab.require_usable()
    import_id = desk.last()

    desk.shop.define()
    desk.tab.open(f"/console/jobs?domain={desk.shop.name}")
    desk.tab.require_usable()
    page.get_by_role("button", name="Try again: Import of a file").press("Enter")
    desk.says("It goes on behind what it has done.")
    run_due(desk.shop.invoke, desk.shop.caller, desk.folder / "imports")

    desk.figure("records read", "3")
    desk.open(f"/imports/{import_id}")
    desk.figure("created a profile", "2")


def test_a_large_file_shows_how_much_is_sent_and_can_be_left_off(desk, tmp_path):
    page = desk.tab.page
    desk.open("/imports")
    weaken(page)(uploadThroughput=10_000)
    send_people(desk, tmp_path, ROWS + "x" * (MOST_BYTES // 2))

    expect(page.get_by_label("Sending the file")).to_be_visible()
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_hidden()
    desk.tab.require_usable()
    desk.press("Do not send it")

    desk.says("Nothing is imported.")
    # Nothing is there if none of the file had come yet, an import that was stopped if some had.
    wait_until(lambda: desk.states() <= {"STOPPED"})


def test_a_file_that_is_left_off_half_way_is_an_import_that_was_stopped(desk, tmp_path):
    page = desk.tab.page
    desk.open("/imports")
    weaken(page)(uploadThroughput=20_000)
    send_people(desk, tmp_path, ROWS + "x" * (MOST_BYTES - 1000))
    wait_until(lambda: desk.states() == {"WAITING"})

    desk.press("Do not send it")

    desk.says("Nothing is imported.")
    # The service sees that no more comes a little later.
    wait_until(lambda: desk.states() == {"STOPPED"})
    assert list((desk.folder / "imports").iterdir()) == []


def test_a_file_that_is_sent_whole_can_no_longer_be_left_off(desk, tmp_path):
    page = desk.tab.page
    desk.open("/imports")
    set_line = weaken(page)
    set_line(latency=PATIENCE_MS)
    send_people(desk, tmp_path, ROWS)

    expect(page.get_by_role("button", name="Do not send it")).to_be_disabled()
    expect(page.get_by_label("Sending the file")).to_have_attribute("value", re.compile(r"\d+"))
    desk.tab.require_usable()
    desk.tab.expected = ("ERR_INTERNET_DISCONNECTED",)
    set_line(offline=True)
    desk.says("The connection was lost after the file was sent. Load this page again")
    set_line()
    desk.open("/imports")
    expect(page.get_by_role("table", name="Imports").get_by_role("link")).to_have_text("people.csv")


def weaken(page: Page) -> Callable[..., None]:
    """A function that makes the page's line to the service worse, and good again."""
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")

    def set_line(**worse: Any) -> None:
        good = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        wire.send("Network.emulateNetworkConditions", good | worse)

    return set_line


def send_people(desk: Desk, folder: Path, text: str) -> None:
    """Begin to send a file of people."""
    rows = folder / "people.csv"
    rows.write_text(text)
    desk.tab.page.locator("#file").set_input_files(rows)
    desk.tab.page.locator("#type").select_option("Customer")
    desk.press("Import")


def test_a_file_that_is_refused_says_why_where_it_was_chosen(desk, tmp_path):
    page = desk.tab.page
    desk.open("/imports")
    empty = tmp_path / "people.txt"
    empty.write_text(ROWS)
    page.locator("#file").set_input_files(empty)
    page.locator("#type").select_option("Customer")
    desk.press("Import")

    desk.tab.expected = ("422",)
    expect(page.get_by_role("alert").filter(visible=True)).to_be_visible()
    desk.tab.require_usable()
    assert desk.shop.ask("ListFileImports")["Items"] == []


def test_a_rejected_object_is_fixed_and_gone(desk):
    desk.shop.put("Customer", id="1", name="Ann", mail="ann@example.com")
    desk.shop.put("Order", id="7", mail="nobody@example.com")
    page = desk.tab.page
    desk.open("/rejected")
    page.get_by_role("link", name=NO_PROFILE).first.click()
    page.get_by_role("table", name="Rejected objects").get_by_role("link").click()
    page.get_by_role("link", name="Look at the mapping").click()
    expect(page.locator("#sample")).to_have_value('{"id": "7", "mail": "nobody@example.com"}')
    page.go_back()

    desk.press("Try it with these values")
    desk.says(f"still as it was received: {NO_PROFILE}")
    desk.tab.expected = ("422",)
    page.get_by_label("mail").fill("ann@example.com")
    desk.press("Try it with these values")

    desk.says("The object is ingested. It went to a profile that was there.")
    desk.says("No object was rejected")


def test_a_replay_is_looked_at_and_then_done(desk):
    desk.shop.put("Customer", id="1", name="Ann", mail="ann@example.com")
    fields = {
        **CUSTOMER["Fields"],
        "name": {"Source": "_source.name", "Target": "_profile.LastName"},
    }
    desk.shop.client.put_profile_object_type(
        DomainName=desk.shop.name,
        ObjectTypeName="Customer",
        Description="Customers",
        **{**CUSTOMER, "Fields": fields},
    )

    def work() -> None:
        replays.run(desk.shop.invoke, desk.shop.caller, desk.shop.name, desk.last())

    page = desk.tab.page
    desk.open("/replays")
    page.locator("#type").select_option("Customer")
    desk.press("See what would change")
    desk.says("Dry run: nothing is changed")
    work()
    desk.figure("would change", "1")
    page.reload()
    page.get_by_role("link", name="Do it for real").click()
    desk.tab.require_usable()
    page.get_by_role("dialog").get_by_role("button", name="Do it for real").click()
    desk.says("For real")
    work()

    desk.figure("changed", "1")
    [found] = desk.shop.client.search_profiles(
        DomainName=desk.shop.name, KeyName="customerId", Values=["1"]
    )["Items"]
    assert found["LastName"] == "Ann"
