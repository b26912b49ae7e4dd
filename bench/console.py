"""`make bench-console`: how quick the pages of the console are, on the demo, in a real browser.

Each page is opened on the same machine by a browser that has nothing of it yet: first in a new
window of its own process, for which the target is, then again in the tab that is open, without what
it kept. A new window is left alone for a second, in which the browser loads what its own bars are
made of; that takes longer than a page, and nobody types an address as quickly. A line of text is
the floor of both. First paint is when something is seen, bytes are all that came over the wire.
"""

import argparse
import statistics
import time
from dataclasses import dataclass, field

from playwright.sync_api import Browser

from bench import machine, table
from scripts.tour import addresses, chromium, demo, located, places
from tests.console.browser.places.place import Place

VISITS = 7
REST_SECONDS = 1.0
"""Until a new window has loaded what is the browser's own."""
MOST_MILLISECONDS, MOST_BYTES = 200, 150_000
FLOOR = "/_openprofiles/v1/health"
"""A line of text."""
PAINT = "performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)[0]"


@dataclass(slots=True)
class Visits:
    """What visits of one page measured."""

    paints: list[float] = field(default_factory=list)
    paints_in_tab: list[float] = field(default_factory=list)
    """The same in a tab that is open."""
    answers: list[float] = field(default_factory=list)
    """Until the first byte of the page itself."""
    bytes: int = 0


def main() -> None:
    """Measure, and write the table to docs/performance.md."""
    parser = argparse.ArgumentParser(prog="bench.console", description=__doc__)
    parser.add_argument("url", nargs="?", help="a running demo; one is started without")
    parser.add_argument("--visits", type=int, default=VISITS)
    parser.add_argument("--dry", action="store_true", help="only print")
    given = parser.parse_args()
    started = time.perf_counter()
    with demo(given.url) as url, chromium() as browser:
        start_seconds = None if given.url else time.perf_counter() - started
        here, left_out = located(addresses(url, [place.rule for place in places()]))
        measured = measure(browser, url, here, given.visits)
    text = table.as_markdown(
        rows_of(measured, start_seconds), machine.describe(), "make bench-console"
    )
    if left_out:
        text += "\n\n" + "\n".join(f"- {sentence}" for sentence in left_out)
    print(text)
    if not given.dry:
        table.write(text, "console")


def measure(browser: Browser, url: str, here: dict[Place, str], visits: int) -> dict[str, Visits]:
    """What each page took, by its rule."""
    paths = {FLOOR: FLOOR}
    paths |= {f"{place.rule}{place.query}": address for place, address in here.items()}
    measured = {name: Visits() for name in paths}
    # One visit that does not count: the workers have not rendered the page yet.
    for number in range(visits + 1):
        for name, visited in measured.items():
            one = visit(browser, f"{url}{paths[name]}")
            if number:
                visited.paints += one.paints
                visited.paints_in_tab += one.paints_in_tab
                visited.answers += one.answers
                visited.bytes = one.bytes
    return measured


def visit(browser: Browser, address: str) -> Visits:
    """Open a page in a browser that was never there. One that fails ends it all: how quick an error
    is says nothing of the page.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    time.sleep(REST_SECONDS)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    # Not until the network is idle: pages of what is under way ask again and again.
    answered = page.goto(address, wait_until="load")
    if answered is None or not answered.ok:
        status = answered.status if answered else "nothing"
        raise SystemExit(f"Nothing is measured: {address} answers with {status}")
    paint = float(page.wait_for_function(f"() => {PAINT}").json_value())
    weight = int(sum(sizes))
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(address, wait_until="load")
    paint_in_tab = float(page.wait_for_function(f"() => {PAINT}").json_value())
    answer = float(page.evaluate("performance.getEntriesByType('navigation')[0].responseStart"))
    context.close()
    return Visits([paint], [paint_in_tab], [answer], weight)


def rows_of(measured: dict[str, Visits], start_seconds: float | None) -> list[table.Row]:
    """The table: the start, then the pages."""
    rows = []
    if start_seconds is not None:
        rows.append(
            table.Row(
                "`openprofiles demo` with 2,000 customers, from an empty folder to the URL",
                f"{start_seconds:.1f} s",
                "< 20 s",
                start_seconds < 20,
            )
        )
    for name, visits in measured.items():
        paint, answer = statistics.median(visits.paints), statistics.median(visits.answers)
        told = (
            f"{table.middle(visits.paints, ' ms')}; in an open tab"
            f" {table.middle(visits.paints_in_tab, ' ms')}, of it {answer:.0f} ms until the answer"
            f" begins; {visits.bytes / 1000:.0f} KB"
        )
        if name == FLOOR:
            rows.append(table.Row("a line of text", told))
            continue
        rows.append(
            table.Row(
                f"`{name.replace('/domains/<domain_name>', '…')}`",
                told,
                f"< {MOST_MILLISECONDS} ms, < {MOST_BYTES // 1000} KB",
                paint < MOST_MILLISECONDS and visits.bytes < MOST_BYTES,
            )
        )
    return rows


if __name__ == "__main__":
    main()
