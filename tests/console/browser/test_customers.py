"""What people do with customers in a browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.console.browser.places import customers
from tests.console.browser.places.place import World


@pytest.fixture
def names(client, domain, keys):
    return customers.furnish(World(client, domain, keys))


@pytest.fixture
def root(names):
    return f"/console/domains/{names['domain_name']}/customers"


def test_somebody_is_found_by_phone_looked_at_edited_and_erased(open_tab, open_address, root):
    tab = open_tab(open_address)
    page = tab.page
    tab.open(root)
    page.get_by_role("searchbox").press_sequentially("(206) 345.78-90")
    expect(page.locator("#found")).to_contain_text("Phone: +12063457890")
    expect(page).to_have_url(re.compile(r"\?q=%28206%29"))
    tab.require_usable()
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Lovelace")

    page.get_by_role("link", name="Where First name came from: Shop").click()
    expect(page.locator(".story").first).to_contain_text("From Shop")
    tab.require_usable()

    page.get_by_role("link", name="Edit: Who it is").click()
    page.get_by_role("textbox", name="First name").fill("Augusta")
    tab.require_usable()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#section-person")).to_contain_text("Augusta")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("The edit is undone.")
    expect(page.locator("#section-person")).to_contain_text("Ada")

    page.get_by_role("link", name="Erase").click()
    page.get_by_label("Type erase to be sure").fill("erase")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt of an erasure")


def test_what_was_typed_stays_when_the_session_is_over(open_tab, address, keys, clock, root, names):
    key = keys.make("agent")
    tab = open_tab(address)
    tab.expected = ("401",)
    page = tab.page
    tab.open(f"{root}/{names['profile_id']}")
    tab.sign_in(key.id, key.secret)
    page.get_by_role("link", name="Edit: Who it is").click()
    page.get_by_role("textbox", name="First name").fill("Augusta")
    clock.turn(hours=2)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").click()
    other = opened.value
    other.get_by_label("Access key id").fill(key.id)
    other.get_by_label("Secret access key").fill(key.secret)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Domains")
    page.get_by_role("button", name="Save again").click()

    expect(page.locator("#section-person")).to_contain_text("Augusta")


def test_what_was_typed_stays_when_the_connection_is_lost(open_tab, open_address, root, names):
    tab = open_tab(open_address)
    tab.expected = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    page = tab.page
    tab.open(f"{root}/{names['profile_id']}")
    page.get_by_role("link", name="Edit: Who it is").click()
    page.get_by_role("textbox", name="First name").fill("Augusta")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text("The service does not answer.")
    expect(page.get_by_role("textbox", name="First name")).to_have_value("Augusta")

    page.context.set_offline(False)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#section-person")).to_contain_text("Augusta")
