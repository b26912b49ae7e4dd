"""An operator watches a job and stops it; fields of many profiles come once the page is there."""

from playwright.sync_api import expect

from openprofiles.console.pages import fields
from tests.console.duplicating import ANNA, BELA


def test_a_job_is_watched_from_health_stopped_and_done_again(open_tab, open_address, street):
    street.settle(ANNA)
    street.ask("StartIdentityResolutionJob")
    tab = open_tab(open_address)
    tab.open("/console/health")
    tab.page.get_by_role("link", name="Identity resolution").first.click()
    tab.page.get_by_label("Domain", exact=True).fill(street.domain)
    tab.page.get_by_label("Domain", exact=True).press("Enter")
    tab.page.wait_for_url(f"**/jobs?domain={street.domain}*")
    tab.page.get_by_role("link", name="Identity resolution").click()

    expect(tab.page.get_by_text("at hand")).to_be_visible()
    tab.page.get_by_role("button", name="Stop it").click()
    expect(tab.page.locator("#messages")).to_contain_text("It is told to stop.")
    tab.page.get_by_role("button", name="Do it again").click()

    expect(tab.page.locator("#messages")).to_contain_text("as a job of its own")
    expect(tab.page.get_by_role("row", name="waiting")).to_have_count(1)
    expect(tab.page.get_by_role("row", name="stopped")).to_have_count(1)


def test_fields_of_many_profiles_come_once_the_page_is_there(
    open_tab, open_address, street, monkeypatch
):
    monkeypatch.setattr(fields, "AT_ONCE", 1)
    street.settle(ANNA, BELA)
    tab = open_tab(open_address)

    tab.open(f"{street.path}/insight/fields")

    expect(tab.page.get_by_role("row", name="PhoneNumber")).to_contain_text("50.0 %")
