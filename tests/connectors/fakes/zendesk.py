"""Zendesk's incremental exports as its API reference describes them.

Tickets and users by cursor, organizations by time, below `/api/v2/incremental`; OAuth at
`/oauth/tokens` (client credentials); `/api/v2/users/me.json`. What changed within the minute before
a request is left out of its answer; tickets are ordered by generated_timestamp, everything else by
updated_at.
"""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.connectors.fakes.server import Answer, FakeVendor, Request


def failure(status: int, error: str, description: str, **headers: str) -> Answer:
    return Answer({"error": error, "description": description}, status, headers)


class FakeZendesk(FakeVendor):
    """An account with one agent who has an API token, and one OAuth client."""

    def __init__(self) -> None:
        self.items: dict[str, list[dict[str, Any]]] = {
            "tickets": [],
            "users": [],
            "organizations": [],
        }
        self.page = 1000
        self.agent = ("agent@example.com", "api-token")
        self.client = ("client", "client-secret")
        self.tokens: set[str] = set()
        super().__init__()

    def put(self, kind: str, **fields: Any) -> None:
        """An item; a ticket bears the generated_timestamp that it is exported by, too."""
        if kind == "tickets":
            fields.setdefault("generated_timestamp", seconds(fields["updated_at"]))
        self.items[kind] = [item for item in self.items[kind] if item["id"] != fields["id"]]
        self.items[kind].append(fields)

    def answer(self, request: Request) -> Answer:
        if request.path == "/oauth/tokens":
            is_json = request.headers.get("content-type") == "application/json"
            return self._token(request.json if is_json else request.form)
        if not self._is_known(request):
            return Answer({"error": "Couldn't authenticate you"}, 401)
        match request.path.removeprefix("/api/v2/").split("/"):
            case ["users", "me.json"]:
                return Answer({"user": {"id": 1, "role": "admin"}})
            case ["incremental", ("tickets" | "users") as kind, "cursor.json"]:
                return self._by_cursor(kind, request)
            case ["incremental", "organizations.json"]:
                return self._by_time("organizations", request)
        return failure(404, "InvalidEndpoint", "Not found")

    def _token(self, body: dict[str, str]) -> Answer:
        given = (body.get("client_id"), body.get("client_secret"))
        if body.get("grant_type") != "client_credentials" or given != self.client:
            return Answer({"error": "invalid_client", "error_description": "Unknown client"}, 401)
        token = f"token-{len(self.requests)}"
        self.tokens.add(token)
        return Answer({"access_token": token, "token_type": "bearer", "scope": body["scope"]})

    def _is_known(self, request: Request) -> bool:
        email, token = self.agent
        basic = base64.b64encode(f"{email}/token:{token}".encode()).decode()
        given = request.headers.get("authorization", "")
        return given == f"Basic {basic}" or request.bearer in self.tokens

    def _exported(self, kind: str) -> list[tuple[int, int, dict[str, Any]]]:
        last = int((self.now - timedelta(minutes=1)).timestamp())
        found = [(position(kind, item), int(item["id"]), item) for item in self.items[kind]]
        return sorted((at, number, item) for at, number, item in found if at <= last)

    def _by_cursor(self, kind: str, request: Request) -> Answer:
        if "cursor" in request.query:
            try:
                text = base64.b64decode(request.query["cursor"], validate=True).decode()
                at, number = (int(part) for part in text.split("||"))
            except ValueError:
                return failure(400, "InvalidPaginationParameter", "cursor is not valid")
        elif "start_time" in request.query:
            refused = self._too_recent(request)
            if refused:
                return refused
            at, number = int(request.query["start_time"]), -1
        else:
            return failure(400, "InvalidValue", "Invalid value for start_time")
        found = [entry for entry in self._exported(kind) if entry[:2] > (at, number)]
        if request.query.get("exclude_deleted") == "true":
            found = [entry for entry in found if entry[2].get("status") != "deleted"]
        page = found[: min(self.page, int(request.query.get("per_page", 1000)))]
        if page:
            at, number = page[-1][:2]
        cursor = base64.b64encode(f"{at}||{number}".encode()).decode()
        body = {
            kind: [item for _, _, item in page],
            "after_cursor": cursor,
            "after_url": f"{self.url}{request.path}?cursor={cursor}",
            "before_cursor": None,
            "before_url": None,
            "end_of_stream": len(page) == len(found),
        }
        return Answer(body)

    def _by_time(self, kind: str, request: Request) -> Answer:
        refused = self._too_recent(request)
        if refused:
            return refused
        start = int(request.query["start_time"])
        found = [entry for entry in self._exported(kind) if entry[0] >= start]
        page = found[: self.page]
        # "Time-based exports may exceed the limit if items share a timestamp" (per_page).
        page += [entry for entry in found[self.page :] if entry[0] == page[-1][0]]
        end = page[-1][0] if page else start
        body = {
            kind: [item for _, _, item in page],
            "count": len(page),
            "end_of_stream": len(page) == len(found),
            "end_time": end,
            "next_page": f"{self.url}{request.path}?start_time={end}",
        }
        return Answer(body)

    def _too_recent(self, request: Request) -> Answer | None:
        if int(request.query["start_time"]) > (self.now - timedelta(minutes=1)).timestamp():
            text = "Too recent start_time. Use a start_time older than 60 seconds"
            return failure(422, "InvalidValue", text)
        return None


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp())


def position(kind: str, item: dict[str, Any]) -> int:
    return item["generated_timestamp"] if kind == "tickets" else seconds(item["updated_at"])
