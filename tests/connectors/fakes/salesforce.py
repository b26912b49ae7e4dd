"""Salesforce's REST API as its developer guide describes it.

Resources: OAuth token (refresh_token and client_credentials flows), versions, sObjects, sObject
Describe, Query, QueryAll and their "more results". SOQL is run on SQLite after its fields are
checked; deleted records are in the recycle bin, which only QueryAll sees.
"""

import json
import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from tests.connectors.fakes.server import Answer, FakeVendor, Request

VERSION = "v64.0"

TYPES: Mapping[str, Mapping[str, str]] = {
    "Account": {
        "Id": "id",
        "IsDeleted": "boolean",
        "Name": "string",
        "Phone": "phone",
        "BillingAddress": "address",
        "Photo": "base64",
        "CreatedDate": "datetime",
        "LastModifiedDate": "datetime",
        "SystemModstamp": "datetime",
    },
    "Contact": {
        "Id": "id",
        "IsDeleted": "boolean",
        "AccountId": "reference",
        "LastName": "string",
        "Birthdate": "date",
        "LastModifiedDate": "datetime",
        "SystemModstamp": "datetime",
    },
    "Asset": {
        "Id": "id",
        "IsDeleted": "boolean",
        "SerialNumber": "string",
        "Price": "currency",
        "LastModifiedDate": "datetime",
        "SystemModstamp": "datetime",
    },
}

DATETIME = re.compile(r"(?<!')\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{3}))?(Z|[+-]\d\d:\d\d)")
SOQL = re.compile(
    r"SELECT (?P<fields>[\w, ]+) FROM (?P<type>\w+)(?: WHERE (?P<where>.+?))?"
    r"(?: ORDER BY (?P<order>[\w, ]+?))?(?: LIMIT (?P<limit>\d+))?$"
)


def failure(status: int, code: str, message: str, **headers: str) -> Answer:
    """The form of every error of the REST API but those of OAuth: a list of one object."""
    return Answer([{"message": message, "errorCode": code}], status, headers)


class FakeSalesforce(FakeVendor):
    """An org with one connected app; `batch` is how many records one answer holds at most."""

    def __init__(self) -> None:
        self.types = {name: dict(fields) for name, fields in TYPES.items()}
        self.records: dict[str, list[dict[str, Any]]] = {name: [] for name in self.types}
        self.batch = 2000
        self.client = ("app-id", "app-secret")
        self.refresh_token: str | None = "refresh-1"
        self.tokens: set[str] = set()
        self.locators: dict[str, list[dict[str, Any]]] = {}
        super().__init__()

    def put(self, type_name: str, **fields: Any) -> None:
        """A record; SystemModstamp follows LastModifiedDate unless it is given."""
        fields.setdefault("SystemModstamp", fields["LastModifiedDate"])
        self.records[type_name] = [
            record for record in self.records[type_name] if record["Id"] != fields["Id"]
        ]
        self.records[type_name].append({"IsDeleted": False, **fields})

    def delete(self, type_name: str, record_id: str, *, at: str) -> None:
        """Into the recycle bin: the record stays for QueryAll, with a new SystemModstamp."""
        for record in self.records[type_name]:
            if record["Id"] == record_id:
                record.update(IsDeleted=True, SystemModstamp=at, LastModifiedDate=at)

    def answer(self, request: Request) -> Answer:
        if request.path == "/services/oauth2/token":
            return self._token(request)
        if request.bearer not in self.tokens:
            return failure(401, "INVALID_SESSION_ID", "Session expired or invalid")
        base = f"/services/data/{VERSION}"
        if not request.path.startswith(base):
            return failure(404, "NOT_FOUND", "The requested resource does not exist")
        return self._resource(request, request.path.removeprefix(base).strip("/").split("/"))

    def _resource(self, request: Request, parts: list[str]) -> Answer:
        match parts:
            case [""]:
                names = ("sobjects", "query", "queryAll", "limits")
                return Answer({name: f"/services/data/{VERSION}/{name}" for name in names})
            case ["sobjects"]:
                return Answer({"encoding": "UTF-8", "sobjects": [*map(self._summary, self.types)]})
            case ["sobjects", name, "describe"] if name in self.types:
                fields = [{"name": key, "type": kind} for key, kind in self.types[name].items()]
                return Answer({"name": name, "label": name, "queryable": True, "fields": fields})
            case ["query" | "queryAll", locator] if locator in self.locators:
                return self._batch(self.locators.pop(locator))
            case ["query" | "queryAll"]:
                return self._query(request.query["q"], bin_too=parts[0] == "queryAll")
        return failure(404, "NOT_FOUND", "The requested resource does not exist")

    def _summary(self, name: str) -> dict[str, Any]:
        return {"name": name, "label": f"{name} label", "queryable": name != "Asset"}

    def _token(self, request: Request) -> Answer:
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != self.client:
            return Answer({"error": "invalid_client", "error_description": "invalid client"}, 400)
        refreshed = form["grant_type"] == "refresh_token"
        if refreshed and form["refresh_token"] != self.refresh_token:
            text = "expired access/refresh token"
            return Answer({"error": "invalid_grant", "error_description": text}, 400)
        token = f"session-{len(self.tokens) + len(self.requests)}"
        self.tokens.add(token)
        return Answer(
            {
                "access_token": token,
                "instance_url": self.url,
                "id": f"{self.url}/id/00Dx/005x",
                "token_type": "Bearer",
                "issued_at": "1790000000000",
                "signature": "c2lnbmF0dXJl",
            }
        )

    def _query(self, soql: str, *, bin_too: bool) -> Answer:
        query = SOQL.match(soql)
        if query is None:
            return failure(400, "MALFORMED_QUERY", "unexpected token")
        type_name = query["type"]
        if type_name not in self.types:
            text = f"sObject type '{type_name}' is not supported."
            return failure(400, "INVALID_TYPE", text)
        fields = [name.strip() for name in query["fields"].split(",")]
        known = {name.lower(): name for name in self.types[type_name]}
        words = re.findall(r"[A-Za-z]\w*", re.sub(r"'[^']*'", "", self._quoted(query["where"])))
        for name in fields + [word for word in words if word.upper() not in ("AND", "OR", "NULL")]:
            if name.lower() not in known:
                return failure(400, "INVALID_FIELD", f"No such column '{name}' on '{type_name}'")
        found = self._select(query, [known[name.lower()] for name in fields], bin_too=bin_too)
        return self._batch(found)

    def _quoted(self, where: str | None) -> str:
        """Datetimes as texts of one width, so that they compare as times do (all are in UTC)."""
        return DATETIME.sub(lambda at: f"'{at[1]}.{at[2] or '000'}+0000'", where or "")

    def _select(self, query: re.Match[str], fields: list[str], *, bin_too: bool) -> list[Any]:
        names = list(self.types[query["type"]])
        rows = [
            [json.dumps(value) if isinstance(value, dict) else value for value in row]
            for row in ([r.get(name) for name in names] for r in self.records[query["type"]])
        ]
        with sqlite3.connect(":memory:") as database:
            database.execute(f"CREATE TABLE found ({', '.join(names)})")
            marks = ", ".join("?" * len(names))
            database.executemany(f"INSERT INTO found VALUES ({marks})", rows)
            where = self._quoted(query["where"]).replace("!= null", "IS NOT NULL") or "1"
            order = query["order"] or "1"
            sql = (
                f"SELECT {', '.join(fields)} FROM found WHERE ({where}) AND (NOT IsDeleted OR ?) "
                f"ORDER BY {order} LIMIT {query['limit'] or -1}"
            )
            result = [
                dict(zip(fields, row, strict=True)) for row in database.execute(sql, [bin_too])
            ]
        database.close()
        return [self._record(query["type"], row) for row in result]

    def _record(self, type_name: str, row: dict[str, Any]) -> dict[str, Any]:
        kinds = self.types[type_name]
        for name, value in row.items():
            if kinds[name] == "boolean":
                row[name] = bool(value)
            if kinds[name] == "address" and value is not None:
                row[name] = json.loads(value)
        url = f"/services/data/{VERSION}/sobjects/{type_name}/{row.get('Id')}"
        return {"attributes": {"type": type_name, "url": url}, **row}

    def _batch(self, found: list[dict[str, Any]]) -> Answer:
        now, rest = found[: self.batch], found[self.batch :]
        body: dict[str, Any] = {"totalSize": len(found), "done": not rest, "records": now}
        if rest:
            locator = f"01gD0000002HU6KIAW-{len(self.requests)}"
            self.locators[locator] = rest
            body["nextRecordsUrl"] = f"/services/data/{VERSION}/query/{locator}"
        return Answer(body)
