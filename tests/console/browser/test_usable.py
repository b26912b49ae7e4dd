"""Every page can be used by everybody: audited by axe, wide and narrow, light and dark, and light
on the line.
"""

import pytest
from flask import Flask

from openprofiles.console import pages
from tests.console.browser.places import AREAS
from tests.console.browser.places.place import World
from tests.console.browser.watching import MOST_BYTES
from tests.console.conftest import Keys

SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 360, "height": 740}}
ASK_AGAIN = """
for (const part of document.querySelectorAll("[hx-trigger^=every]"))
  part.classList.add("htmx-request")
"""
"""Shows a page that is kept new as it is while it asks."""
NO_PAGES = {
    "customers.show_section",
    "domains.switcher",
    "duplicates.watch_run",
    "integrations.objects",
    "signing.from_provider",
    "signing.with_provider",
}
"""What answers to GET, and is a part, or leads elsewhere."""


@pytest.fixture
def world(client, domain: str, keys: Keys) -> World:
    """A domain to furnish."""
    return World(client, domain, keys)


@pytest.mark.parametrize("area", AREAS.values(), ids=AREAS)
def test_pages_can_be_used(open_tab, open_address, address, world, area):
    names = area.furnish(world)
    # Without motion colours do not fade from one scheme to the other.
    tabs = {
        signs_in: open_tab(where, viewport=SIZES["wide"], reduced_motion="reduce")
        for signs_in, where in ((False, open_address), (True, address))
    }
    for place in area.places:
        tab = tabs[place.signs_in]
        if place.fails:
            tab.expected = ("404",)
        tab.open(place.address(names))
        assert 0 < tab.bytes < MOST_BYTES
        # Colours hang on the scheme and layout on the width, so two of the four show all.
        for size, scheme in (("wide", "light"), ("narrow", "dark")):
            tab.page.set_viewport_size(SIZES[size])
            tab.page.emulate_media(color_scheme=scheme)
            tab.page.evaluate(ASK_AGAIN)

            tab.require_usable()
            beyond = tab.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert beyond <= 0, f"{place.rule} is wider than the screen, {size}"
        tab.page.set_viewport_size(SIZES["wide"])
        tab.page.emulate_media(color_scheme="light")


def test_each_page_is_looked_at():
    app = Flask(__name__, static_folder=None)
    for blueprint in pages.BLUEPRINTS:
        app.register_blueprint(blueprint)
    rules = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES
    }

    assert rules - {place.rule for area in AREAS.values() for place in area.places} == set()


def test_menus_can_be_used(open_tab, open_address, domain):
    tab = open_tab(open_address, viewport=SIZES["narrow"])
    tab.open(f"/console/domains/{domain}")
    tab.page.locator(".menu-button").click()
    assert tab.page.get_by_role("navigation", name="Areas").is_visible()
    tab.require_usable()

    tab.page.locator(".person summary").click()
    assert tab.page.get_by_role("button", name="Dark").is_visible()
    tab.require_usable()


def test_the_htmx_that_is_served_is_that_of_its_package(packages):
    from openprofiles.console.assets import FOLDER

    served = (FOLDER / "vendor" / "htmx.js").read_bytes()

    assert served == (packages / "htmx.org" / "dist" / "htmx.min.js").read_bytes()
