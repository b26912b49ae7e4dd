"""Stewards review duplicates in a browser: by keyboard alone, two at once, and with a dry run."""

import pytest
from playwright.sync_api import expect

from tests.console.browser.watching import Tab
from tests.console.duplicating import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN, BELA_TOO


@pytest.fixture
def waiting(street):
    """Two matches that wait: the path of the queue."""
    street.settle(ANNA, ANNA_AGAIN, BELA, BELA_AGAIN, BELA_TOO)
    street.run()
    return f"{street.path}/duplicates"


def heading(tab: Tab, name: str) -> None:
    expect(tab.page.get_by_role("heading", level=1)).to_have_text(name)


def press(tab: Tab, key: str) -> None:
    expect(tab.page.locator("[data-scripted]")).to_have_count(1)
    tab.page.keyboard.press(key)


def test_matches_are_reviewed_by_keyboard_alone(open_tab, open_address, street, waiting):
    tab = open_tab(open_address)
    tab.open(waiting)
    press(tab, "j")
    heading(tab, "Bela Tarkowski")
    press(tab, "j")
    heading(tab, "Anneliese Krawczynski, Anneliese Krawczynsky")
    press(tab, "k")
    heading(tab, "Bela Tarkowski")
    press(tab, "l")
    heading(tab, "Anneliese Krawczynski, Anneliese Krawczynsky")
    press(tab, "q")
    expect(tab.page.get_by_role("row", name="Bela Tarkowski")).to_contain_text("left for later")
    tab.page.get_by_role("link", name="Bela Tarkowski").press("Enter")
    heading(tab, "Bela Tarkowski")

    press(tab, "2")
    expect(tab.page.get_by_role("radio", name="Main profile").nth(1)).to_be_checked()
    press(tab, "m")
    heading(tab, "Anneliese Krawczynski, Anneliese Krawczynsky")
    expect(tab.page.get_by_role("status")).to_contain_text("Merged.")
    [merge] = street.merges()
    assert merge["MainProfileId"] == sorted(street.ids[2:])[1]

    press(tab, "u")
    heading(tab, "Undo this merge?")
    press(tab, "u")
    expect(tab.page.locator("#messages")).to_contain_text("The merge is undone.")
    assert street.merges()[0]["UndoneAt"]


def test_single_keys_do_nothing_while_one_types_and_can_be_switched_off(
    open_tab, open_address, street, waiting
):
    tab = open_tab(open_address)
    tab.open(f"{waiting}/settings")
    tab.page.get_by_label("Criteria").press_sequentially("jmn")
    expect(tab.page.get_by_label("Criteria")).to_have_value("jmn")

    tab.open(f"{waiting}/{street.waiting()[0]}")
    # The evidence comes by itself, and moves what is below it while one presses.
    tab.rest()
    switch = tab.page.get_by_role("button", name="Single keys")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    press(tab, "m")
    press(tab, "j")
    heading(tab, "Bela Tarkowski")
    assert street.merges() == []
    switch.click()
    press(tab, "j")
    heading(tab, "Anneliese Krawczynski, Anneliese Krawczynsky")


def test_what_comes_out_follows_the_choice_and_the_evidence_comes_by_itself(
    open_tab, open_address, street, waiting
):
    tab = open_tab(open_address)
    tab.open(f"{waiting}/{street.waiting()[1]}")

    tab.page.get_by_role("radio", name="Krawczynsky").check()

    expect(tab.page.locator("#result")).to_contain_text("Anneliese Krawczynsky, of 2 profiles")
    expect(tab.page.get_by_role("img", name="The evidence adds up to")).to_be_visible()
    tab.require_usable()


def test_two_stewards_at_one_match_decide_it_once(open_tab, address, keys, street, waiting):
    path = f"{waiting}/{street.waiting()[0]}"
    tabs = []
    for name in ("ada", "grace"):
        key, tab = keys.make("steward", name=name), open_tab(address)
        tab.open(path)
        tab.sign_in(key.id, key.secret)
        heading(tab, "Bela Tarkowski")
        tabs.append(tab)
    first, second = tabs
    second.expected = ("409",)

    first.page.get_by_role("button", name="Merge").click()
    expect(first.page.get_by_role("status")).to_contain_text("Merged.")
    second.page.get_by_role("button", name="None is the same").click()

    heading(second, "This match is no longer open")
    expect(second.page.get_by_role("alert")).to_contain_text("Somebody was quicker.")
    expect(second.page.locator(".events")).to_contain_text("Merged by ada")
    second.require_usable()
    assert len(street.merges()) == 1
    assert street.ask("ListDecisions")["Items"] == []


def test_auto_merging_is_tried_and_then_set(open_tab, open_address, street, waiting):
    tab = open_tab(open_address)
    tab.open(f"{waiting}/settings")
    tab.page.get_by_label("Run every week").check()
    tab.page.get_by_label("Merge matches by itself").check()
    tab.page.get_by_label("Criteria").fill("FirstName")
    tab.page.get_by_role("button", name="Dry run").click()

    expect(tab.page.locator("#dry-run")).to_contain_text("Krawczynski ≠ Krawczynsky")
    tab.require_usable()
    assert street.merges() == []
    tab.page.get_by_role("button", name="Save").click()
    expect(tab.page.locator("#messages")).to_contain_text("It is set.")
    domain = street.client.get_domain(DomainName=street.domain)
    assert domain["Matching"]["AutoMerging"]["Enabled"]
