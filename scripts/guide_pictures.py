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


_DOMAIN = "/domains/<domain_name>"

GUIDE = (
    Shot(name="home", rule="/"),
    Shot(name="domain", rule=_DOMAIN),
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
