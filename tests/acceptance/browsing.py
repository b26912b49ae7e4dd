"""People at the console of a running service: they keep a cookie, and send forms as pages have
them.
"""

import http.client
import re
from contextlib import closing
from random import Random
from urllib.parse import urlencode

from tests.acceptance.first_key import Key

HOME, SIGN_IN = "/console/", "/console/sign-in"
LINK = re.compile(r'href="(/console/[^"#]*)"')
PROOF = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """Keeps cookies; each request has a connection of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.cookies: dict[str, str] = {}
        self.led_to = ""
        """Where the last answer sent the browser."""

    def get(self, path: str) -> tuple[int, str]:
        """The status and text of a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, *, on: str, **form: str) -> int:
        """Fill in a form on the page `on`; the status."""
        status, page = self.get(on)
        found = PROOF.search(page)
        if found is None:
            assert status != http.client.OK, "a page without its form"
            return status
        return self.send(path, csrf_token=found[1], **form)

    def send(self, path: str, **form: str) -> int:
        """Send a form as it is; the status."""
        return self._ask("POST", path, urlencode(form))[0]

    def sign_in(self, key: Key) -> int:
        """As the form has it; the status."""
        given = {"access_key_id": key.id, "secret_access_key": key.secret}
        return self.post(SIGN_IN, on=SIGN_IN, **given)

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Origin": f"http://127.0.0.1:{self._port}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)) as line:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
        for given in answer.headers.get_all("Set-Cookie", []):
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.led_to = answer.headers.get("Location", "")
        return answer.status, text


class Wanderer:
    """Somebody who goes from page to page by their links, signed in: once, and again when the
    session has ended.
    """

    def __init__(self, port: int, key: Key, seed: int) -> None:
        self._browser = Browser(port)
        self._key = key
        self._lot = Random(seed)
        self._path = SIGN_IN

    def step(self) -> int:
        """Open the next page, after signing in if need be; its status. Raises what a broken
        connection does.
        """
        if self._path == SIGN_IN:
            status = self._browser.sign_in(self._key)
            if status != http.client.SEE_OTHER:
                return status
            self._path = HOME
        path, self._path = self._path, HOME
        status, text = self._browser.get(path)
        if status == http.client.SEE_OTHER and SIGN_IN in self._browser.led_to:
            self._path = SIGN_IN
        if status == http.client.OK:
            links = [link.replace("&amp;", "&") for link in LINK.findall(text)]
            self._path = self._lot.choice([HOME, *(link for link in links if link != SIGN_IN)])
        return status
