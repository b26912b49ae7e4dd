"""ServiceNow's Table API as its REST reference describes it.

`GET /api/now/table/{table}` with sysparm_query (an encoded query), sysparm_fields, sysparm_limit,
sysparm_offset, sysparm_display_value and sysparm_exclude_reference_link; OAuth at
`/oauth_token.do`. As on an instance with its default properties, a condition on a field that the
table does not have is left out of the query without an error, and times are in UTC.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from tests.connectors.fakes.server import Answer, FakeVendor, Request

TABLES: Mapping[str, tuple[str | None, Mapping[str, str]]] = {
    "sys_user": (
        None,
        {
            "sys_id": "GUID",
            "user_name": "string",
            "first_name": "string",
            "last_name": "string",
            "email": "email",
            "sys_updated_on": "glide_date_time",
        },
    ),
    "task": (
        None,
        {
            "sys_id": "GUID",
            "number": "string",
            "short_description": "string",
            "opened_by": "reference",
            "due_date": "due_date",
            "sys_created_on": "glide_date_time",
            "sys_updated_on": "glide_date_time",
        },
    ),
    "incident": ("task", {"caller_id": "reference", "resolved_at": "glide_date_time"}),
}
CONDITION = re.compile(
    r"^(?P<field>[a-z_.]+)(?P<operator>>=|<=|!=|=|>|<|IN|ISNOTEMPTY)(?P<value>.*)$"
)


def sys_id(name: str) -> str:
    """Of a record that has none of its own here: 32 hexadecimal digits."""
    return uuid5(NAMESPACE_URL, name).hex


class FakeServiceNow(FakeVendor):
    """An instance with one user and one OAuth client."""

    def __init__(self) -> None:
        self.tables: dict[str, list[dict[str, str]]] = {name: [] for name in TABLES}
        self.tables["sys_db_object"] = [
            {
                "sys_id": sys_id(name),
                "name": name,
                "label": name.title(),
                "super_class": sys_id(parent) if parent else "",
            }
            for name, (parent, _) in TABLES.items()
        ]
        self.tables["sys_dictionary"] = [
            {
                "sys_id": sys_id(f"{name}.{field}"),
                "name": name,
                "element": field,
                "internal_type": kind,
            }
            for name, (_, fields) in TABLES.items()
            for field, kind in fields.items()
        ]
        self.user = ("reader", "password")
        self.client = ("client-id", "client-secret")
        self.refresh_token = "refresh-1"
        self.tokens: set[str] = set()
        self.hidden: set[str] = set()
        super().__init__()

    def put(self, table: str, **fields: str) -> None:
        rows = self.tables[table]
        rows[:] = [row for row in rows if row["sys_id"] != fields["sys_id"]]
        rows.append(fields)

    def answer(self, request: Request) -> Answer:
        if request.path == "/oauth_token.do":
            return self._token(request.form)
        if not self._is_known(request):
            detail = "Required to provide Auth information"
            return failure(401, "User is not authenticated", detail)
        table = request.path.removeprefix("/api/now/table/")
        if table not in self.tables:
            return failure(400, f"Invalid table {table}", None)
        return self._rows(table, request.query)

    def _token(self, form: Mapping[str, str]) -> Answer:
        is_client = (form.get("client_id"), form.get("client_secret")) == self.client
        grants = {
            "client_credentials": True,
            "refresh_token": form.get("refresh_token") == self.refresh_token,
        }
        if not is_client or not grants.get(form.get("grant_type", "")):
            return Answer({"error": "server_error", "error_description": "access_denied"}, 401)
        token = f"token-{len(self.requests)}"
        self.tokens.add(token)
        body = {"access_token": token, "scope": "useraccount", "token_type": "Bearer"}
        return Answer({**body, "expires_in": 1799})

    def _is_known(self, request: Request) -> bool:
        name, password = self.user
        basic = base64.b64encode(f"{name}:{password}".encode()).decode()
        given = request.headers.get("authorization", "")
        return given == f"Basic {basic}" or request.bearer in self.tokens

    def _rows(self, table: str, query: Mapping[str, str]) -> Answer:
        found = list(selected(self.tables[table], query.get("sysparm_query", "")))
        offset = int(query.get("sysparm_offset", 0))
        limit = int(query.get("sysparm_limit", 10_000))
        names = query["sysparm_fields"].split(",") if "sysparm_fields" in query else None
        # Rules of access are applied last: hidden records count, and are missing in their page.
        seen = [row for row in found[offset : offset + limit] if row["sys_id"] not in self.hidden]
        page = [self._shown(table, row, names, query) for row in seen]
        headers = {"X-Total-Count": str(len(found))}
        if query.get("sysparm_no_count") == "true":
            headers = {}
        if offset + limit < len(found):
            following = urlencode({**query, "sysparm_offset": offset + limit})
            headers["Link"] = f'<{self.url}/api/now/table/{table}?{following}>;rel="next"'
        return Answer({"result": page}, headers=headers)

    def _shown(self, table, row, names: Iterable[str] | None, query) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name in names or row:
            column, _, walked = name.partition(".")
            if column not in row:
                continue
            value = self._walked(table, row[column], walked) if walked else row[column]
            is_reference = self._kind(table, name) == "reference" and value
            if is_reference and query.get("sysparm_exclude_reference_link") != "true":
                shown[name] = {"link": f"{self.url}/api/now/table/sys_user/{value}", "value": value}
            else:
                shown[name] = value
        return shown

    def _walked(self, table: str, reference: str, field: str) -> str:
        """A field of the record that a reference points to, by dot-walking."""
        target = "sys_user" if table in TABLES else table
        rows = (row for row in self.tables[target] if row["sys_id"] == reference)
        return next(rows, {}).get(field, "")

    def _kind(self, table: str, name: str) -> str | None:
        if (table, name) == ("sys_dictionary", "internal_type"):
            return "reference"
        parent, fields = TABLES.get(table, (None, {}))
        return fields.get(name) or (self._kind(parent, name) if parent else None)


def failure(status: int, message: str, detail: str | None) -> Answer:
    """The form of every error of the REST APIs."""
    return Answer({"error": {"message": message, "detail": detail}, "status": "failure"}, status)


def selected(rows: list[dict[str, str]], encoded: str) -> list[dict[str, str]]:
    """`rows` by an encoded query: conditions joined by ^, alternatives by ^NQ, then ORDERBY."""
    orders: list[tuple[str, bool]] = []
    alternatives: list[list[str]] = []
    for part in encoded.split("^NQ"):
        conditions = []
        for term in part.split("^"):
            if term.startswith("ORDERBY"):
                is_descending = term.startswith("ORDERBYDESC")
                orders.append((re.sub("^ORDERBY(DESC)?", "", term), is_descending))
            elif term:
                conditions.append(term)
        alternatives.append(conditions)
    found = [row for row in rows if any(all(holds(row, c) for c in a) for a in alternatives)]
    for field, is_descending in reversed(orders):
        found.sort(key=lambda row: row.get(field, ""), reverse=is_descending)
    return found


def holds(row: Mapping[str, str], term: str) -> bool:
    condition = CONDITION.match(term)
    if condition is None or condition["field"] not in row:
        return True
    given, value = row[condition["field"]], condition["value"]
    match condition["operator"]:
        case "=":
            return given == value
        case "!=":
            return given != value
        case ">":
            return given > value
        case ">=":
            return given >= value
        case "<":
            return given < value
        case "<=":
            return given <= value
        case "IN":
            return given in value.split(",")
        case _:
            return given != ""
