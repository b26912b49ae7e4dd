"""A tab of a browser, watched: what it asks others for, what it complains about, who could not use
it.
"""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Response

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AT_REST = "!document.querySelector('.htmx-request')"
"""Whether no part of a page is asked for, in JavaScript."""
MOST_BYTES = 150_000
"""What a page may weigh on its way, with all that it needs."""


@dataclass
class Tab:
    """One tab; `complaints` are what must not be there when the test ends."""

    page: Page
    axe: str
    address: str
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    bytes: int = 0

    def __post_init__(self) -> None:
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._weigh)

    def open(self, path: str) -> None:
        """Go to a page, and wait until all that it needs is there."""
        self.leave()
        self.bytes = 0
        self.page.goto(path, wait_until="load")

    def rest(self) -> None:
        """Wait until no part of the page is asked for: one that is cut off is complained about."""
        self.page.wait_for_function(f"() => {AT_REST}")

    def leave(self) -> None:
        """Rest, and let the page ask for nothing more: one that asks every second may ask just as
        it is left.
        """
        self.page.wait_for_function(f"""() => {{
            const isAtRest = {AT_REST}
            if (isAtRest)
                document.addEventListener('htmx:beforeRequest', (event) => event.preventDefault())
            return isAtRest
        }}""")

    def require_usable(self) -> None:
        """Pass when the audit of accessibility finds nothing on the page as it is now."""
        self.page.evaluate(self.axe)
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
        )
        told = [_told(violation) for violation in found["violations"]]
        assert told == [], told

    def require_quiet(self) -> None:
        """Pass when the browser had nothing to complain about, as about scripts that it blocked."""
        unexpected = [
            complaint
            for complaint in self.complaints
            if not any(expected in complaint for expected in self.expected)
        ]
        assert unexpected == [], unexpected

    def sign_in(self, key_id: str, secret: str) -> None:
        """Fill in the form to sign in, and send it."""
        self.page.get_by_label("Access key id").fill(key_id)
        self.page.get_by_label("Secret access key").fill(secret)
        self.page.get_by_role("button", name="Sign in").click()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _weigh(self, response: Response) -> None:
        if not response.url.startswith(self.address):
            self.complaints.append(f"asked another: {response.url}")
        self.bytes += int(response.headers.get("content-length", "0"))


def _told(violation: dict[str, Any]) -> tuple[str, list[Any]]:
    return violation["help"], [node["target"] for node in violation["nodes"]]
