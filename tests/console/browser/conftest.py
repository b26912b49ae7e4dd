"""The console in a real browser: Debian's Chromium, driven by playwright."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.console.browser.watching import Tab
from tests.npm import cannot, installed

HERE = Path(__file__).parent
expect.set_options(timeout=30_000)
# As playwright waits for all else: a busy machine is no finding.

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(console: Flask, tabs: list[Tab]) -> Iterator[str]:
    """Where the console answers; `tabs` may be open there."""
    with make_server("127.0.0.1", 0, console, threaded=True, request_handler=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        # A page that asks every second is not to ask whoever is gone.
        for tab in tabs:
            tab.leave()
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def packages() -> Path:
    """Packages from npm: the audit of accessibility, and what the console serves of others."""
    return installed(HERE)


# Not for the session: the thread that drives it has an event loop that runs until it is stopped,
# and some of what other tests call must not be called beside one.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        cannot("Chromium is not installed")
    with sync_playwright() as playwright:
        try:
            # Tests may run as root, and in containers with little shared memory.
            browser = playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
        except Error as error:
            cannot(f"Chromium does not start: {error.message[:500]}")
        yield browser
        browser.close()


OpenTab = Callable[..., Tab]


@pytest.fixture
def tabs() -> list[Tab]:
    """The tabs that are open."""
    return []


@pytest.fixture
def open_tab(chromium: Browser, packages: Path, tabs: list[Tab]) -> Iterator[OpenTab]:
    """Open a tab of a browser of its own: `open_tab(address, color_scheme="dark")`."""
    axe = (packages / "axe-core" / "axe.min.js").read_text("utf-8")

    def make(address: str, **options: object) -> Tab:
        context = chromium.new_context(base_url=address, **options)  # type: ignore[arg-type]
        page: Page = context.new_page()
        tabs.append(Tab(page, axe, address))
        return tabs[-1]

    yield make
    for tab in tabs:
        tab.leave()
        tab.page.context.close()
    for tab in tabs:
        tab.require_quiet()


@pytest.fixture
def open_address(open_console: Flask, tabs: list[Tab]) -> Iterator[str]:
    """A console that anybody may use."""
    with served(open_console, tabs) as address:
        yield address


@pytest.fixture
def address(console: Flask, tabs: list[Tab]) -> Iterator[str]:
    """A console that people sign in to."""
    with served(console, tabs) as address:
        yield address
