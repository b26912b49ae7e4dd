"""ServiceNow: any table through the Table API (REST API reference, "Table API").

Records are read in the order of a time and their sys_id. Values are those of the database, which
has times in UTC; a reference is an object with `link` and `value`, as the predefined templates
expect it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from openprofiles.connectors import connection
from openprofiles.connectors.connector import (
    ConnectorKind,
    Page,
    Pull,
    Setting,
    SourceField,
    SourceObject,
    SourceRefused,
    SourceUnavailable,
)
from openprofiles.connectors.watermark import (
    Batch,
    Row,
    Watermark,
    parse_time,
    read_in_order,
    source_time,
)
from openprofiles.connectors.web import (
    Authentication,
    BasicAuthentication,
    Limits,
    WebRefused,
    WebSession,
)

SERVICE = "ServiceNow"
PAGE_SIZE = 1_000
DESCRIBED = ("sys_user", "task", "incident")
"""Tables whose fields `objects` asks for: those of the predefined templates."""
TIMES = {"glide_date_time", "due_date"}
"""Types of fields that hold a date and a time."""
PARTS = {"link", "value", "display_value"}
"""Of a reference, which is asked for as a whole."""


class ServiceNow:
    """An instance, by a user's name and password or by an OAuth client."""

    def __init__(
        self,
        settings: Mapping[str, str],
        *,
        limits: Limits | None = None,
        page_size: int = PAGE_SIZE,
    ) -> None:
        url = connection.require(settings, "instance_url", service=SERVICE).rstrip("/")
        authentication: Authentication
        if settings.get("username", "").strip():
            password = connection.require(settings, "password", service=SERVICE)
            authentication = BasicAuthentication(settings["username"].strip(), password)
        else:
            token_url = f"{url}/oauth_token.do"
            authentication = connection.oauth(settings, token_url, service=SERVICE, limits=limits)
        self._session = WebSession(
            url, service=SERVICE, authentication=authentication, limits=limits
        )
        self._tables = _Tables(self._session, page_size)

    def check(self) -> None:
        """Ask for one user, which every integration may do."""
        self._tables.rows("sys_user", "", ["sys_id"], limit=1)

    def objects(self) -> Sequence[SourceObject]:
        """All tables that these credentials see, those of the templates with their fields; only
        the latter, without fields, when the list of tables is closed to them.
        """
        try:
            tables = self._tables.all("sys_db_object", "", ["name", "label", "super_class.name"])
            fields = self._fields(tables)
        except WebRefused as error:
            if error.status != 403:
                raise
            tables, fields = [], {}
        labels = {str(each.get("name")): str(each.get("label")) for each in tables}
        return [
            SourceObject(name=name, text=label, fields=fields.get(name, ()))
            for name, label in (labels or {name: name for name in DESCRIBED}).items()
        ]

    def read(self, pull: Pull) -> Iterator[Page]:
        """Records in the order of `timestamp_field` and sys_id."""
        mark = Watermark(pull, service=SERVICE)
        return read_in_order(mark, _Query(pull, self._tables).batch)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _fields(self, tables: Sequence[Mapping[str, Any]]) -> dict[str, tuple[SourceField, ...]]:
        """The fields of the described tables, with those of the tables that they extend."""
        parents = {str(each.get("name")): str(each.get("super_class.name")) for each in tables}
        lines = {name: _line(name, parents) for name in DESCRIBED if name in parents}
        owners = ",".join(sorted({owner for line in lines.values() for owner in line}))
        entries = self._tables.all(
            "sys_dictionary",
            f"nameIN{owners}^elementISNOTEMPTY",
            ["name", "element", "internal_type"],
        )
        return {name: _fields_of(line, entries) for name, line in lines.items()}


class _Tables:
    """Rows of tables by encoded queries."""

    def __init__(self, session: WebSession, page_size: int) -> None:
        self._session = session
        self.page_size = page_size
        self.now: datetime | None = None
        """What the instance's clock said with the last answer."""

    def page(
        self, table: str, query: str, fields: Sequence[str] | None
    ) -> tuple[list[dict[str, Any]], bool]:
        """The next rows, a page of them or a few more, and whether these are the last.

        Rows that the credentials may not read are taken out after the limit is applied, so that a
        short page is no proof of the end: then the rows are counted, and what is behind the limit
        is asked for by its place. Such places move when a record changes meanwhile; they overlap.
        """
        limit = self.page_size
        rows = self.rows(table, query, fields, limit=limit)
        if len(rows) >= limit:
            return rows, False
        place, total = 0, self._count(table, query)
        found = {_identifier(row): row for row in rows}
        while place + limit < total and len(found) < limit:
            place += limit - limit // 10
            for row in self.rows(table, query, fields, limit=limit, offset=place):
                found.setdefault(_identifier(row), row)
        return list(found.values()), place + limit >= total

    def rows(
        self,
        table: str,
        query: str,
        fields: Sequence[str] | None,
        *,
        limit: int,
        offset: int = 0,
    ) -> list[dict[str, Any]]:
        """At most `limit` rows. Raises SourceError."""
        parameters: dict[str, str | int] = {
            "sysparm_query": query,
            "sysparm_limit": limit,
            "sysparm_offset": offset,
            "sysparm_no_count": "true",
            "sysparm_suppress_pagination_header": "true",
        }
        if fields is not None:
            parameters["sysparm_fields"] = ",".join(fields)
        rows, _ = self._asked(table, parameters)
        return rows

    def _count(self, table: str, query: str) -> int:
        """How many rows there are, readable or not; 0 when ServiceNow does not tell."""
        _, headers = self._asked(
            table, {"sysparm_query": query, "sysparm_limit": 1, "sysparm_fields": "sys_id"}
        )
        count = headers.get("x-total-count", "")
        return int(count) if count.isdecimal() else 0

    def _asked(
        self, table: str, parameters: Mapping[str, str | int]
    ) -> tuple[list[dict[str, Any]], Mapping[str, str]]:
        answer = self._session.get(f"/api/now/table/{table}", parameters=parameters)
        self.now = source_time(answer.headers)
        document = answer.json()
        found = document.get("result") if isinstance(document, dict) else None
        # A query that takes too long is answered with 200, what there was so far, and an error.
        if not isinstance(found, list) or "error" in document:
            raise SourceUnavailable(f"{SERVICE} did not answer the whole query")
        if not all(isinstance(row, dict) for row in found):
            raise SourceUnavailable(f"{SERVICE} sent records of another form")
        return found, answer.headers

    def all(self, table: str, query: str, fields: list[str]) -> list[dict[str, Any]]:
        """All rows of a table that is not too large for that."""
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            parts = [part for part in (query, after, "ORDERBYsys_id") if part]
            rows, is_last = self.page(table, "^".join(parts), [*fields, "sys_id"])
            found += rows
            if is_last:
                return found
            after = f"sys_id>{_checked(_identifier(rows[-1]))}"


class _Query:
    """What is asked of a table, and how its rows become records."""

    def __init__(self, pull: Pull, tables: _Tables) -> None:
        self._table = connection.require_name(pull.object_name, service=SERVICE)
        self._order = pull.timestamp_field
        if self._order is not None:
            connection.require_name(self._order, service=SERVICE)
        self._until = pull.until
        self._tables = tables
        self._wanted: list[str] | None = None
        if pull.fields is not None:
            self._wanted = list(dict.fromkeys(map(_column, pull.fields)))

    def batch(self, mark: Watermark) -> Batch:
        """The rows behind the mark."""
        identifier = _checked(mark.identifier)
        if self._order is None:
            found, is_last = self._found([f"sys_id>{identifier}"] if identifier else [])
        elif mark.at is None:
            # What has no time cannot be kept in order.
            found, is_last = self._found([f"{self._order}ISNOTEMPTY"])
        else:
            found, is_last = self._behind(self._order, _literal(mark.at), identifier)
        return Batch([self._row(each) for each in found], is_last, self._tables.now)

    def _behind(self, order: str, at: str, identifier: str) -> tuple[list[dict[str, Any]], bool]:
        """The rows behind a time and a sys_id.

        Without alternatives in the query, which cannot use an index: from the time on, without what
        was read already. Only when a page is not enough for all that has this time, these are read
        by their sys_id first.
        """
        found, is_last = self._found([f"{order}>={at}"])
        if not identifier:
            return found, is_last
        if is_last or found[-1].get(order) != at:
            behind = (row for row in found if row.get(order) != at or _identifier(row) > identifier)
            return list(behind), is_last
        found, has_all = self._found([f"{order}={at}^sys_id>{identifier}"])
        if not has_all:
            return found, False
        later, is_last = self._found([f"{order}>{at}"])
        return found + later, is_last

    def _found(self, conditions: list[str]) -> tuple[list[dict[str, Any]], bool]:
        if self._order is not None and self._until is not None:
            conditions = [*conditions, f"{self._order}<{_literal(self._until)}"]
        orders = [f"ORDERBY{name}" for name in (self._order, "sys_id") if name]
        fields = None
        if self._wanted is not None:
            fields = list(dict.fromkeys([*self._wanted, "sys_id", *filter(None, [self._order])]))
        return self._tables.page(self._table, "^".join([*conditions, *orders]), fields)

    def _row(self, record: Mapping[str, Any]) -> Row:
        at = None
        if self._order is not None:
            if self._order not in record:
                # Of a condition on a field that is not there, ServiceNow says nothing.
                raise SourceRefused(f"{SERVICE}: {self._table} does not show {self._order}")
            at = parse_time(record[self._order], service=SERVICE)
        if self._wanted is not None:
            wanted = {name: record[name] for name in self._wanted if name in record}
            return Row(at, _identifier(record), wanted)
        return Row(at, _identifier(record), record)


def _identifier(record: Mapping[str, Any]) -> str:
    value = record.get("sys_id")
    if not isinstance(value, str) or not value:
        raise SourceUnavailable(f"{SERVICE} sent a record without a sys_id")
    return value


def _checked(identifier: str) -> str:
    """A sys_id, which becomes part of a query: letters and digits, or none yet."""
    if identifier and not identifier.isalnum():
        raise SourceRefused(f"{SERVICE}: the bookmark is not one of this source")
    return identifier


def _column(wanted: str) -> str:
    """The column that has a wanted field: `opened_by` for `opened_by.link`."""
    connection.require_name(wanted, service=SERVICE)
    column, _, part = wanted.rpartition(".")
    return column if column and part in PARTS else wanted


def _literal(at: datetime) -> str:
    """A time as encoded queries write it: a text, which is taken as UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _line(name: str, parents: Mapping[str, str]) -> list[str]:
    """A table and those that it extends."""
    line: list[str] = []
    while name in parents and name not in line:
        line.append(name)
        name = parents[name]
    return line


def _fields_of(
    line: Sequence[str], entries: Sequence[Mapping[str, Any]]
) -> tuple[SourceField, ...]:
    """The entries of the dictionary for a table and those that it extends, as fields."""
    kinds: dict[str, str] = {}
    for entry in entries:
        if entry.get("name") in line:
            kind = entry.get("internal_type")
            kinds[str(entry.get("element"))] = str(
                kind.get("value") if isinstance(kind, dict) else kind
            )
    return tuple(
        SourceField(name=name, kind=kind, is_timestamp=kind in TIMES)
        for name, kind in kinds.items()
    )


KIND = ConnectorKind(
    name="Servicenow",
    text="ServiceNow: sys_user, task, incident and every other table, through the Table API",
    settings=(
        connection.instance_url("https://my-instance.service-now.com"),
        Setting(name="username", text="A user, for basic authentication", is_required=False),
        Setting(name="password", text="The user's password", is_secret=True, is_required=False),
        connection.CLIENT_ID,
        connection.CLIENT_SECRET,
        connection.REFRESH_TOKEN,
    ),
    open=ServiceNow,
    default_timestamp_field="sys_updated_on",
)
