"""What people do in the console, with a mouse, with a keyboard, and without scripts."""

import re
import uuid
from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.console.browser.watching import Tab


def heading(tab: Tab, name: str) -> None:
    expect(tab.page.get_by_role("heading", level=1)).to_have_text(name)


def test_somebody_signs_in_goes_where_they_wanted_and_signs_out(open_tab, address, keys):
    key = keys.make("admin")
    tab = open_tab(address)
    tab.open("/console/policies")
    heading(tab, "Sign in")
    tab.sign_in(key.id, key.secret)

    heading(tab, "Policies")
    tab.page.locator(".person summary").click()
    tab.page.get_by_role("button", name="Sign out", exact=True).click()
    heading(tab, "Sign in")
    expect(tab.page.locator("#messages")).to_contain_text("You are signed out.")
    tab.page.go_back()
    heading(tab, "Sign in")


def test_a_wrong_secret_is_said_and_the_id_stays(open_tab, address, keys):
    key = keys.make("admin")
    tab = open_tab(address)
    tab.expected = ("403",)
    tab.open("/console/sign-in")
    tab.sign_in(key.id, "not this one")

    expect(tab.page.get_by_role("alert")).to_contain_text("There is no such access key")
    expect(tab.page.get_by_label("Access key id")).to_have_value(key.id)
    tab.require_usable()


def test_a_menu_asked_for_after_the_session_is_over_leads_to_signing_in(
    open_tab, address, keys, clock
):
    key = keys.make("admin")
    tab = open_tab(address)
    tab.expected = ("401",)
    tab.open("/console/policies")
    tab.sign_in(key.id, key.secret)
    heading(tab, "Policies")
    clock.turn(hours=2)
    tab.page.locator(".domain-switch summary").click()

    heading(tab, "Sign in")
    tab.sign_in(key.id, key.secret)
    heading(tab, "Policies")


def test_a_domain_is_made_by_keyboard_alone_and_found_in_the_menu(open_tab, open_address):
    # Among the first by name: the menu shows so many, and other tests make domains too.
    name = f"0-{uuid.uuid4().hex}"
    tab = open_tab(open_address)
    tab.open("/console/")
    tab.page.keyboard.press("Tab")
    expect(tab.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    tab.page.keyboard.press("Enter")
    for _ in range(60):
        tab.page.keyboard.press("Tab")
        if tab.page.evaluate("document.activeElement.id") == "name":
            break
    tab.page.keyboard.type(name)
    tab.page.keyboard.press("Enter")

    heading(tab, name)
    tab.page.locator(".domain-switch summary").focus()
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#domain-list").get_by_role("link", name=name)).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator("#domain-list")).to_be_hidden()
    expect(tab.page.locator(".domain-switch summary")).to_be_focused()


def test_an_access_key_is_made_copied_rotated_and_deleted(open_tab, open_address):
    name = f"till-{uuid.uuid4().hex}"
    tab = open_tab(open_address, permissions=["clipboard-read", "clipboard-write"])
    page = tab.page
    tab.open("/console/keys/new")
    page.get_by_label("Name").fill(name)
    page.get_by_role("checkbox", name=re.compile("^agent")).check()
    page.get_by_role("button", name="Make the key").click()
    page.locator("[data-copies=key-secret]").click()
    expect(page.locator("[data-copies=key-secret]")).to_have_text("Copied")
    secret = page.evaluate("navigator.clipboard.readText()")
    assert secret == page.locator("#key-secret").text_content()
    tab.require_usable()

    page.get_by_role("link", name="I have kept it").click()
    page.get_by_role("link", name="Rotate it").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    tab.require_usable()
    page.get_by_role("button", name="Make the new key").click()
    page.get_by_role("link", name="I have kept it").click()
    page.get_by_role("link", name="Delete it").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="Delete it").click()
    page.get_by_role("button", name="Delete it for ever").click()
    expect(page.locator("#messages")).to_contain_text("is deleted.")


def test_a_policy_that_is_wrong_is_said_beside_its_field(open_tab, open_address):
    tab = open_tab(open_address)
    tab.expected = ("422",)
    tab.open("/console/policies/new")
    tab.page.get_by_label("Name").fill("mine")
    tab.page.get_by_label("Document").fill('{"Version": "2012-10-17"}')
    tab.page.get_by_role("button", name="Make the policy").click()

    expect(tab.page.get_by_label("Document")).to_have_attribute("aria-invalid", "true")
    tab.require_usable()


def test_a_theme_is_chosen_and_stays(open_tab, open_address):
    tab = open_tab(open_address, color_scheme="light")
    tab.open("/console/policies")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = tab.page.evaluate(ground)
    tab.page.locator(".person summary").click()
    tab.page.get_by_role("button", name="Dark").click()
    heading(tab, "Policies")
    dark = tab.page.evaluate(ground)
    tab.open("/console/")

    assert light != dark
    assert tab.page.evaluate(ground) == dark


def test_moments_are_in_the_zone_of_the_reader(open_tab, open_address, domain, client):
    made = client.get_domain(DomainName=domain)["CreatedAt"].astimezone(UTC)
    shown = {}
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        tab = open_tab(open_address, timezone_id=zone, locale="de-DE")
        tab.open(f"/console/domains/{domain}")
        moment = tab.page.locator("time").first
        shown[zone] = moment.text_content()
        assert moment.get_attribute("title") == made.strftime("%Y-%m-%d %H:%M:%S UTC")

    # They are 25 hours apart, so never on one day.
    assert shown["Pacific/Kiritimati"] != shown["Pacific/Pago_Pago"]
    assert f"{datetime.now(UTC):%Y}" in str(shown["Pacific/Pago_Pago"])


def test_everything_works_without_scripts(open_tab, open_address):
    name = f"plain-{uuid.uuid4().hex}"
    tab = open_tab(open_address, java_script_enabled=False)
    page = tab.page
    tab.open("/console/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the domain").click()
    heading(tab, name)
    page.locator(".domain-switch summary").click()
    page.get_by_role("link", name="All domains").click()
    heading(tab, "Domains")
    tab.open("/console/keys/new")
    page.get_by_label("Name").fill("plain")
    page.get_by_role("checkbox", name=re.compile("^agent")).check()
    page.get_by_role("button", name="Make the key").click()
    page.get_by_role("link", name="I have kept it").click()
    page.get_by_role("link", name="Delete it").click()
    page.get_by_role("button", name="Delete it for ever").click()
    heading(tab, "Access keys")


def test_a_lost_connection_is_said(open_tab, open_address):
    tab = open_tab(open_address)
    tab.expected = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    tab.open("/console/")
    tab.page.context.set_offline(True)
    tab.page.locator(".domain-switch summary").click()

    expect(tab.page.locator("#messages")).to_contain_text("The service does not answer.")


def test_no_page_of_another_can_hold_ours_in_a_frame(open_tab, open_address, address):
    tab = open_tab(address)
    tab.expected = ("frame-ancestors", "X-Frame-Options", "asked another", "Refused to")
    tab.page.set_content(f'<iframe src="{open_address}/console/"></iframe>')
    tab.page.wait_for_load_state("networkidle")

    assert tab.page.frames[1].url.startswith("chrome-error:")


def test_no_page_of_another_can_keep_hold_of_a_window_with_ours(open_tab, open_address, address):
    """Not even of the page that it opens, let alone of those that are gone to from there."""
    tab = open_tab(address)
    tab.page.goto(f"{address}/console/sign-in")
    with tab.page.expect_popup() as opening:
        tab.page.evaluate(
            "(url) => { window.held = window.open(url); }", f"{open_address}/console/"
        )
    opened = opening.value

    expect(opened.get_by_role("heading", name="Domains")).to_be_visible()
    assert tab.page.evaluate("() => window.held.closed")
    opened.goto(f"{open_address}/console/health")
    assert opened.evaluate("() => window.opener") is None
