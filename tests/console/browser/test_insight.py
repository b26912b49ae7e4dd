"""A steward sees what identity resolution has found, and how sure it is."""

from playwright.sync_api import expect

from tests.console.duplicating import ANNA, ANNA_AGAIN


def test_a_run_is_seen_with_what_agreement_weighs(open_tab, open_address, street):
    street.settle(ANNA, ANNA_AGAIN)
    tab = open_tab(open_address)
    page = tab.page
    tab.open(f"{street.path}/insight/resolution")
    expect(page.locator("main")).to_contain_text("Identity resolution has not run yet")
    page.get_by_role("link", name="Start a run").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Review")

    street.run()

    page.get_by_role("link", name="Resolution", exact=True).click()
    runs = page.get_by_role("table", name="Runs")
    expect(runs.get_by_role("row").nth(1)).to_contain_text("COMPLETED")
    expect(page.get_by_role("table", name="What agreement weighs")).to_contain_text("last name")
    numbers = page.locator("details.chart-table").first
    numbers.locator("summary").press("Enter")
    expect(numbers.get_by_role("table")).to_be_visible()
