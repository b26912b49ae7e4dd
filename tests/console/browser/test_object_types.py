"""A mapping is made from a sample, by the keyboard alone and by dragging."""

import json

import pytest
from playwright.sync_api import expect

from tests.console.browser.watching import Tab

SAMPLE = {"id": "C-1", "contact": "Ann@example.com", "called": "Ann", "tier": "gold"}
TARGETS = {"contact": "_profile.EmailAddress", "called": "_profile.FirstName"}


@pytest.fixture
def tab(open_tab, open_address, domain) -> Tab:
    """The editor for a new type, with the sample read."""
    tab = open_tab(open_address, viewport={"width": 1280, "height": 900})
    tab.open(f"/console/domains/{domain}/new-object-type")
    tab.page.get_by_label("Objects as the source sends them").focus()
    tab.page.keyboard.insert_text(json.dumps(SAMPLE))
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#field-lines > li")).to_have_count(4)
    return tab


@pytest.fixture
def found(client, domain):
    """The profile that the sample became."""

    def put_and_find():
        client.put_profile_object(
            DomainName=domain, ObjectTypeName="Customer", Object=json.dumps(SAMPLE)
        )
        [item] = client.search_profiles(
            DomainName=domain, KeyName="_email", Values=[SAMPLE["contact"]]
        )["Items"]
        return item["EmailAddress"], item["FirstName"], item["Attributes"]

    return put_and_find


def fill(tab: Tab, id: str, text: str) -> None:
    """Type into a field, by the keyboard, and go on."""
    tab.page.locator(f"#{id}").focus()
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.type(text)
    tab.page.keyboard.press("Tab")


def choose(tab: Tab, id: str, text: str) -> None:
    """Choose from a list, by the keyboard."""
    tab.page.locator(f"#{id}").focus()
    tab.page.keyboard.type(text)
    tab.page.keyboard.press("Tab")


def zone(tab: Tab, target: str):
    return tab.page.locator(f'[data-target="{target}"]')


def finish(tab: Tab) -> None:
    """Give the type a key to find people by, a name, and save it; by the keyboard."""
    tab.page.get_by_role("button", name="Add a key").focus()
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#key-lines > li")).to_have_count(2)
    fill(tab, "key-1-name", "_email")
    choose(tab, "key-1-field-0", "contact")
    expect(tab.page.locator("#key-1-field-1")).to_be_attached()
    fill(tab, "name", "Customer")
    fill(tab, "description", "Our customers")
    expect(tab.page.locator(".result")).to_contain_text("Makes a profile")
    expect(zone(tab, "_profile.FirstName")).to_contain_text("Ann")
    tab.require_usable()
    tab.page.get_by_role("button", name="Make the type").focus()
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("Customer")


def test_a_mapping_is_made_by_the_keyboard_alone(tab, found):
    for place, name in enumerate(SAMPLE):
        if name in TARGETS:
            fill(tab, f"field-{place}-target", TARGETS[name])
            expect(zone(tab, TARGETS[name])).to_contain_text(str(SAMPLE[name]))
    tab.page.get_by_role("button", name="Remove tier").focus()
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#field-lines > li")).to_have_count(3)
    tab.page.locator("#field-0-name").focus()
    with tab.page.expect_response("**/object-type-draft"):
        tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#field-lines > li")).to_have_count(3)
    finish(tab)

    assert found() == ("Ann@example.com", "Ann", {"id": "C-1"})


def test_a_mapping_is_made_by_dragging(tab, found):
    for place, name in enumerate(SAMPLE):
        if name in TARGETS:
            zone(tab, TARGETS[name]).scroll_into_view_if_needed()
            tab.page.locator(f"#field-{place} .handle").drag_to(zone(tab, TARGETS[name]))
            expect(tab.page.locator(f"#field-{place}-target")).to_have_value(TARGETS[name])
            expect(zone(tab, TARGETS[name])).to_contain_text(str(SAMPLE[name]))
    finish(tab)

    assert found() == ("Ann@example.com", "Ann", {"id": "C-1", "tier": "gold"})


def test_a_file_is_read_and_one_of_its_objects_chosen(open_tab, open_address, domain):
    tab = open_tab(open_address)
    tab.open(f"/console/domains/{domain}/new-object-type")
    content = b"id,email\n1,a@example.com\n2,b@example.com\n"
    tab.page.locator("#file").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": content}
    )
    expect(zone(tab, "_profile.EmailAddress")).to_contain_text("a@example.com")
    tab.page.locator("select[name=record]").select_option("1")

    expect(zone(tab, "_profile.EmailAddress")).to_contain_text("b@example.com")
    tab.require_usable()
