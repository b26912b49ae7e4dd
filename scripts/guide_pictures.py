"""Which pictures the guide shows, and what is done on a page before one is taken."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page


def _nothing(page: Page) -> None:
    """The page is shown as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A picture called `name`, of the page with a rule (or at a `path`)."""

    name: str
    rule: str = ""
    path: str = ""
    query: str = ""
    shape: str = "wide"
    prepare: Callable[[Page], None] = _nothing


def _match(page: Page) -> None:
    """Go to a match of a few records, written by different hands."""
    links = page.locator("main table a")
    of_hands = links.filter(has_text="Joseph")
    (of_hands if of_hands.count() else links).first.click()
    page.wait_for_load_state("networkidle")


def _evidence(page: Page) -> None:
    """The same match, further down: what comes out, and why they match."""
    _match(page)
    page.get_by_role("heading", name="Why they match").scroll_into_view_if_needed()


def _customer(page: Page) -> None:
    """Go to the first customer that was found."""
    page.locator("main").get_by_role("link", name="Müller").first.click()
    page.wait_for_load_state("networkidle")


def _origin(page: Page) -> None:
    """The same customer, with the story of a field opened."""
    _customer(page)
    page.locator("a.origin").first.click()
    page.locator(".story").first.locator(":scope > *").first.wait_for()


def _editing(page: Page) -> None:
    """The same customer, with a part of the fields opened to be edited."""
    _customer(page)
    page.get_by_role("link", name="Edit:").first.click()
    page.locator(".customer-fields form input:visible").first.wait_for()


def _timeline(page: Page) -> None:
    """The same customer, all that happened."""
    _customer(page)
    page.get_by_role("link", name="All activity").click()
    page.wait_for_load_state("networkidle")


def _first_rejected(page: Page) -> None:
    """Go to a rejected object."""
    page.get_by_role("table", name="Rejected objects").get_by_role("link").first.click()
    page.wait_for_load_state("networkidle")


def _mapping(page: Page) -> None:
    """Go on to the mapping that rejected it."""
    _first_rejected(page)
    page.get_by_role("link", name="Look at the mapping").click()
    page.wait_for_load_state("networkidle")


_DOMAIN = "/domains/<domain_name>"

GUIDE = (
    Shot(name="home", rule="/"),
    Shot(name="domain", rule=_DOMAIN),
    Shot(name="domain-settings", rule=f"{_DOMAIN}/settings"),
    Shot(name="find", rule=f"{_DOMAIN}/customers", query="?q=Müller"),
    Shot(name="customer", rule=f"{_DOMAIN}/customers", query="?q=Müller", prepare=_customer),
    Shot(name="origin", rule=f"{_DOMAIN}/customers", query="?q=Müller", prepare=_origin),
    Shot(name="edit", rule=f"{_DOMAIN}/customers", query="?q=Müller", prepare=_editing),
    Shot(name="timeline", rule=f"{_DOMAIN}/customers", query="?q=Müller", prepare=_timeline),
    Shot(name="mapping", rule=f"{_DOMAIN}/rejected", prepare=_mapping),
    Shot(name="integrations", rule=f"{_DOMAIN}/integrations"),
    Shot(name="rejected", rule=f"{_DOMAIN}/rejected", prepare=_first_rejected),
    Shot(name="insight", rule=f"{_DOMAIN}/insight"),
    Shot(name="health", rule="/health"),
    Shot(name="duplicates", rule=f"{_DOMAIN}/duplicates"),
    Shot(name="duplicates-dark", rule=f"{_DOMAIN}/duplicates", shape="dark"),
    Shot(name="match", rule=f"{_DOMAIN}/duplicates", prepare=_match),
    Shot(name="match-narrow", rule=f"{_DOMAIN}/duplicates", shape="narrow", prepare=_match),
    Shot(name="evidence", rule=f"{_DOMAIN}/duplicates", prepare=_evidence),
    Shot(name="settings", rule=f"{_DOMAIN}/duplicates/settings"),
    Shot(name="merges", rule=f"{_DOMAIN}/merges"),
    Shot(name="receipt", rule=f"{_DOMAIN}/merges/<merge_id>"),
    Shot(name="undo", rule=f"{_DOMAIN}/merges/<merge_id>/undo"),
    Shot(name="key", rule="/keys/new"),
    Shot(name="policies", rule="/policies"),
)
