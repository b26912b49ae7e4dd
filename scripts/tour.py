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
from urllib.parse import parse_qs, urljoin, urlsplit

from playwright.sync_api import Browser, sync_playwright

from tests.console.browser.conftest import PROGRAMS
from tests.console.browser.places import AREAS
from tests.console.browser.places.place import Place

BASE = "/console"
DOMAIN = "harbour-and-pine"
LINKS = ("href", "hx-get")
OPENED = 8
"""Pages of one kind whose links are followed: of the jobs, say, only some lead on."""
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
    found: dict[str, list[str]] = {}
    waiting = [f"{BASE}/", f"{BASE}/domains/{DOMAIN}"]
    for path in waiting:
        for link in (path, *_links(url, path)):
            rule = _rule_of(link, patterns)
            if rule is None or not _is_of_demo(link):
                continue
            alike = found.setdefault(rule, [])
            if len(alike) < OPENED and link not in alike:
                alike.append(link)
                waiting += [link] if link not in waiting else []
    return {rule: alike[0] for rule, alike in found.items()}


def located(found: Mapping[str, str]) -> tuple[dict[Place, str], list[str]]:
    """Where each place is on the demo; and a sentence about each that it does not have."""
    known = {place: address_of(place, found) for place in places()}
    here = {place: address for place, address in known.items() if address is not None}
    left_out = [
        f"Left out: no link of the demo leads to {place.rule}{place.query}"
        for place in known
        if place not in here
    ]
    return here, left_out


def address_of(place: Place, found: Mapping[str, str]) -> str | None:
    """Where a place is; None when its page was not found, or nothing that its query names."""
    path = found.get(place.rule)
    if path is None or not place.query:
        return path
    if "{" in place.query and _asks(place.query) <= _asks(path):
        # The link says itself which one is shown.
        return path
    try:
        query = place.query.format(**_arguments(found))
    except KeyError:
        return None
    # What it shows of itself when something is chosen in its address.
    return f"{path.partition('?')[0]}{query}"


def _asks(address: str) -> set[str]:
    """The names in the query of an address."""
    return set(parse_qs(urlsplit(address).query))


def _arguments(found: Mapping[str, str]) -> dict[str, str]:
    """What the arguments of rules are on the demo: `{"merge_id": …}`."""
    known: dict[str, str] = {}
    for rule, path in found.items():
        if match := _pattern(rule).fullmatch(urlsplit(path).path):
            known = match.groupdict() | known
    return known


def _patterns(rules: Sequence[str]) -> list[tuple[re.Pattern[str], str]]:
    """A pattern for each rule; those with fewer arguments first, as /keys/new before a key."""
    by_arguments = sorted(set(rules), key=lambda rule: rule.count("<"))
    return [(_pattern(rule), rule) for rule in by_arguments]


def _pattern(rule: str) -> re.Pattern[str]:
    return re.compile(BASE + re.sub(r"<([^>]+)>", r"(?P<\1>[^/]+)", rule))


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
