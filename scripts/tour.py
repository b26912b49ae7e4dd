"""Where each page of the console is on a running demo: found by following its links.

A page that no link leads to is not found, as its readers would not find it either.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, sync_playwright

from tests.console.browser.conftest import PROGRAMS
from tests.console.browser.places import AREAS
from tests.console.browser.places.place import Place

BASE = "/console"
DOMAIN = "harbour-and-pine"
LINKS = ("href", "hx-get")
PROGRAM = str(Path(sys.executable).with_name("openprofiles"))


def places() -> Iterator[Place]:
    """The places of all areas that an open console has."""
    for area in AREAS.values():
        for place in area.places:
            if not place.fails and not place.signs_in:
                yield place


@contextmanager
def demo(url: str | None) -> Iterator[str]:
    """Where a demo answers: at `url`, or one that is started for as long as it takes."""
    if url is not None:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="openprofiles-demo-") as folder:
        running = subprocess.Popen(  # noqa: S603 (our own program)
            [PROGRAM, "demo", "--port", "0", "--data-dir", folder],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield _address(running)
        finally:
            running.terminate()
            running.wait()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


def _address(running: "subprocess.Popen[str]") -> str:
    """What the demo says of where it answers."""
    for line in running.stdout or ():
        if found := re.search(r"answers at (\S+)", line):
            return found[1]
    raise SystemExit("The demo did not start: see above")


def addresses(url: str, rules: Sequence[str]) -> dict[str, str]:
    """The path of a page for each rule that a link leads to, the nearest to the start first."""
    patterns = _patterns(rules)
    found: dict[str, str] = {}
    waiting = [f"{BASE}/", f"{BASE}/domains/{DOMAIN}"]
    seen = set(waiting)
    while waiting:
        path = waiting.pop(0)
        rule = _rule_of(path, patterns)
        if rule is not None and rule not in found:
            found[rule] = path
        for link in _links(url, path):
            rule = _rule_of(link, patterns)
            if rule is None or link in seen or rule in found or not _is_of_demo(link):
                continue
            seen.add(link)
            found[rule] = link
            waiting.append(link)
    return found


def address_of(place: Place, found: Mapping[str, str]) -> str | None:
    """Where a place is, if its page was found and what its query names is known."""
    path = found.get(place.rule)
    if path is None or "{" in place.query:
        return path
    # What it shows of itself when something is chosen in its address.
    return f"{path.partition('?')[0]}{place.query}" if place.query else path


def _patterns(rules: Sequence[str]) -> list[tuple[re.Pattern[str], str]]:
    """A pattern for each rule; those with fewer arguments first, as /keys/new before a key."""
    by_arguments = sorted(set(rules), key=lambda rule: rule.count("<"))
    return [(re.compile(BASE + re.sub(r"<[^>]+>", "[^/]+", rule)), rule) for rule in by_arguments]


def _rule_of(link: str, patterns: Sequence[tuple[re.Pattern[str], str]]) -> str | None:
    path = urlsplit(link).path
    return next((rule for pattern, rule in patterns if pattern.fullmatch(path)), None)


def _is_of_demo(link: str) -> bool:
    """Whether it is about no other domain."""
    path = urlsplit(link).path
    return not path.startswith(f"{BASE}/domains/") or f"/domains/{DOMAIN}" in path


def _links(url: str, path: str) -> list[str]:
    try:
        with urllib.request.urlopen(url + path) as answer:  # noqa: S310 (the demo on this machine)
            text = answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError:
        return []
    reader = _Links()
    reader.feed(text)
    return [urljoin(path, link).partition("#")[0] for link in reader.links]


class _Links(HTMLParser):
    """Collects where a page leads."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, and parts that are fetched."""
        if tag != "link":
            self.links += [value for name, value in attrs if name in LINKS and value]
