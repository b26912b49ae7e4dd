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


_DOMAIN = "/domains/<domain_name>"

GUIDE = (
    Shot(name="home", rule="/"),
    Shot(name="domain", rule=_DOMAIN),
)
