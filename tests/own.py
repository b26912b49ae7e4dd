"""Operations of our own as any HTTP client calls them, below /_openprofiles/v1."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from wsgiref.types import WSGIApplication

from openprofiles.wire.own_routes import PREFIX
from tests.wire.calling import Reply, Request, send


@dataclass(frozen=True)
class Own:
    """Calls below one domain."""

    application: WSGIApplication
    domain: str

    def reply(self, method: str, path: str, members: dict[str, Any] | None = None) -> Reply:
        """The reply to a request with `members` in the query or body."""
        target = f"{PREFIX}/domains/{quote(self.domain)}{path}"
        if method in ("GET", "DELETE"):
            return send(
                self.application,
                Request(method, f"{target}?{urlencode(members or {}, doseq=True)}"),
            )
        return send(self.application, Request(method, target, json.dumps(members or {}).encode()))

    def get(self, path: str, **members: Any) -> Any:
        """The answer to a GET that succeeds."""
        return self._content(self.reply("GET", path, members))

    def post(self, path: str, **members: Any) -> Any:
        """The answer to a POST that succeeds."""
        return self._content(self.reply("POST", path, members))

    def delete(self, path: str, **members: Any) -> Any:
        """The answer to a DELETE that succeeds."""
        return self._content(self.reply("DELETE", path, members))

    def _content(self, reply: Reply) -> Any:
        assert reply.status == 200, reply.content
        return reply.content
