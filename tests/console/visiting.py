"""A browser without a screen: keeps cookies, reads forms, says where its requests come from."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.test import Client, TestResponse

ORIGIN = "http://127.0.0.1:8787"
PROOF = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Visitor:
    """Somebody at a browser of their own."""

    console: Flask
    origin: str = ORIGIN
    address: str = "127.0.0.1"
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(self.console)

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page; `HX_Request="true"` is a header."""
        return self.request("GET", path, headers=headers)

    def part(self, path: str, at: str = "/console/") -> TestResponse:
        """Ask for a part of the page at `at`, as htmx does."""
        headers = {
            "HX_Request": "true",
            "HX_Request_Type": "partial",
            "HX_Current_URL": f"{self.origin}{at}",
        }
        return self.get(path, **headers)

    def post(self, path: str, *, on: str = "/console/sign-in", **form: Any) -> TestResponse:
        """Fill in a form on the page `on` and send it."""
        return self.send(path, {"csrf_token": self.proof(on), **form})

    def send(self, path: str, form: dict[str, Any], **headers: str) -> TestResponse:
        """Send a form as it is, from a page of the console unless `headers` say otherwise."""
        return self.request("POST", path, form=form, headers={"Origin": self.origin, **headers})

    def proof(self, on: str = "/console/sign-in") -> str:
        """What the forms of a page carry."""
        found = PROOF.search(self.get(on, follow="yes").text)
        assert found is not None
        return found[1]

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        form: dict[str, Any] | None = None,
    ) -> TestResponse:
        """Any request."""
        follow = bool(headers.pop("follow", None))
        return self.client.open(
            path,
            method=method,
            data=form,
            base_url=self.origin,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            environ_overrides={"REMOTE_ADDR": self.address},
            follow_redirects=follow,
        )

    def token(self) -> str:
        """The token in the cookie."""
        host = self.origin.partition("://")[2].partition(":")[0]
        for name in ("openprofiles", "__Host-openprofiles"):
            cookie = self.client.get_cookie(name, domain=host)
            if cookie is not None:
                return cookie.value
        return ""
