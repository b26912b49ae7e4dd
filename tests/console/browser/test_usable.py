"""Every page can be used by everybody: audited by axe, wide and narrow, light and dark, and light
on the line.
"""

from dataclasses import dataclass

import pytest

from tests.console.browser.watching import MOST_BYTES
from tests.console.conftest import Keys

SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 360, "height": 740}}


@dataclass(frozen=True)
class Place:
    """Where a page is; without `signs_in` on a console that is open."""

    path: str
    signs_in: bool = False
    fails: bool = False


PLACES = {
    "sign in": Place("/console/sign-in", signs_in=True),
    "home": Place("/console/"),
    "domain": Place("/console/domains/{domain}"),
    "keys": Place("/console/keys"),
    "new key": Place("/console/keys/new"),
    "key": Place("/console/keys/{key}"),
    "policies": Place("/console/policies"),
    "new policy": Place("/console/policies/new"),
    "built-in policy": Place("/console/policies/agent"),
    "policy": Place("/console/policies/{policy}"),
    "not found": Place("/console/nothing", fails=True),
}


@pytest.fixture
def names(domain: str, keys: Keys) -> dict[str, str]:
    """What the addresses of pages name."""
    document = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*",'
        ' "Action": "profile:*"}]}'
    )
    policy = f"policy-of-{domain}"
    keys.invoke("PutPolicy", {"PolicyName": policy, "PolicyDocument": document}, keys.caller)
    key = keys.make(policy, "read-only", name="somebody-with-a-long-name@example.org")
    return {"domain": domain, "key": key.id, "policy": policy}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_page_can_be_used(open_tab, open_address, address, names, size, scheme):
    tabs = {
        signs_in: open_tab(where, viewport=SIZES[size], color_scheme=scheme)
        for signs_in, where in ((False, open_address), (True, address))
    }
    for place in PLACES.values():
        tab = tabs[place.signs_in]
        if place.fails:
            tab.expected = ("404",)
        tab.open(place.path.format(**names))

        tab.require_usable()
        assert 0 < tab.bytes < MOST_BYTES
        wide = tab.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{place.path} is wider than the screen"


def test_each_page_is_looked_at():
    from openprofiles.console import pages
    from openprofiles.console.assets import blueprint as assets

    shown = {place.path for place in PLACES.values()}
    app = _application(assets, *pages.BLUEPRINTS)
    rules = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES
    }
    known = {
        "/console"
        + rule.replace("<domain_name>", "{domain}")
        .replace("<key_id>", "{key}")
        .replace("<name>", "{policy}")
        for rule in rules
    }

    assert known - shown == set()


NO_PAGES = {
    "assets.file",
    "domains.switcher",
    "signing.from_provider",
    "signing.with_provider",
}
"""What answers to GET, and is a file, a part, or leads elsewhere."""


def _application(*blueprints):
    from flask import Flask

    app = Flask(__name__, static_folder=None)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    return app


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
