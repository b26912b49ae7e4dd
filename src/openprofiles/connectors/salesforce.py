"""Salesforce: any object through the REST API's Query and QueryAll (REST API Developer Guide).

Records are read in the order of a timestamp and their id, each page by a query of its own, so that
a bookmark does not depend on a query locator, which Salesforce forgets.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import quote_plus

from openprofiles.connectors import connection
from openprofiles.connectors.connector import (
    ConnectorKind,
    Page,
    Pull,
    Setting,
    SourceField,
    SourceObject,
    SourceRecord,
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
from openprofiles.connectors.web import Answer, Limits, WebRefused, WebSession

SERVICE = "Salesforce"
DEFAULT_API_VERSION = "64.0"
PAGE_SIZE = 2_000
"""Salesforce sends at most so many records at once."""
LONGEST_QUERY = 15_000
"""Encoded; addresses and headers together may have 16,384 bytes."""
DESCRIBED = ("Account", "Contact", "Asset")
"""Objects whose fields `objects` asks for: those of the predefined templates."""
TRY_LATER = {
    "INVALID_QUERY_LOCATOR": None,
    "QUERY_TIMEOUT": None,
    "REQUEST_LIMIT_EXCEEDED": 900.0,
    "SERVER_UNAVAILABLE": None,
    "UNABLE_TO_LOCK_ROW": None,
}
"""Errors that pass, although their status is 4xx, with the seconds to wait."""


class Salesforce:
    """An org, by a connected app with a refresh token or with client credentials."""

    def __init__(
        self,
        settings: Mapping[str, str],
        *,
        limits: Limits | None = None,
        page_size: int = PAGE_SIZE,
    ) -> None:
        url = connection.require(settings, "instance_url", service=SERVICE).rstrip("/")
        version = settings.get("api_version", "").strip().removeprefix("v") or DEFAULT_API_VERSION
        if not re.fullmatch(r"\d{2,3}\.0", version):
            raise SourceRefused(f"{SERVICE}: the setting api_version is not like 64.0")
        self._resources = f"/services/data/v{version}"
        self._page_size = page_size
        token_url = f"{url}/services/oauth2/token"
        self._session = WebSession(
            url,
            service=SERVICE,
            authentication=connection.oauth(settings, token_url, service=SERVICE, limits=limits),
            limits=limits,
        )

    def check(self) -> None:
        """Ask for the resources of the API version, which needs a session."""
        self._get(f"{self._resources}/")

    def objects(self) -> Sequence[SourceObject]:
        """All objects that can be queried; those of the templates with their fields."""
        found = _list(self._get(f"{self._resources}/sobjects").json(), "sobjects")
        return [self._object(each) for each in found if each.get("queryable")]

    def read(self, pull: Pull) -> Iterator[Page]:
        """Records in the order of `timestamp_field` and Id; the option IncludeDeletedRecords adds
        those in the recycle bin.
        """
        name = connection.require_name(pull.object_name, service=SERVICE)
        mark = Watermark(pull, service=SERVICE)
        query = _Query(self._fields(name), pull, name, page_size=self._page_size)

        def fetch(mark: Watermark) -> Batch:
            nonlocal query
            try:
                return self._batch(query, mark)
            except _FieldGone:
                # Somebody changed the object meanwhile: it goes on with the fields that are left.
                query = _Query(self._fields(name), pull, name, page_size=self._page_size)
                return self._batch(query, mark)

        return read_in_order(mark, fetch)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _object(self, entry: Mapping[str, Any]) -> SourceObject:
        name = str(entry.get("name"))
        fields = self._fields(name) if name in DESCRIBED else {}
        return SourceObject(
            name=name,
            text=str(entry.get("label")),
            fields=tuple(
                SourceField(name=field, kind=kind, is_timestamp=kind == "datetime")
                for field, kind in fields.items()
            ),
        )

    def _fields(self, name: str) -> dict[str, str]:
        """The types of an object's fields that a query of many records may name."""
        described = self._get(f"{self._resources}/sobjects/{name}/describe").json()
        kinds = {
            str(field.get("name")): str(field.get("type")) for field in _list(described, "fields")
        }
        return {field: kind for field, kind in kinds.items() if kind != "base64"}

    def _batch(self, query: "_Query", mark: Watermark) -> Batch:
        soql = query.soql(mark)
        if len(quote_plus(soql)) > LONGEST_QUERY:
            raise SourceRefused(
                f"{SERVICE} cannot be asked for so many fields at once; choose those that matter"
            )
        answer = self._get(f"{self._resources}/{query.resource}", {"q": soql})
        document = answer.json()
        found = _list(document, "records")
        while document.get("nextRecordsUrl") and len(found) < self._page_size:
            document = self._get(str(document["nextRecordsUrl"])).json()
            more = _list(document, "records")
            if not more:
                raise SourceUnavailable(f"{SERVICE} sent no records where there are more")
            found += more
        is_last = len(found) < self._page_size
        return Batch([query.row(each) for each in found], is_last, source_time(answer.headers))

    def _get(self, path: str, parameters: Mapping[str, str] | None = None) -> Answer:
        try:
            return self._session.get(path, parameters=parameters)
        except WebRefused as error:
            _raise(error)


class _FieldGone(SourceRefused):
    """A field of the query does not exist any more."""


def _raise(error: WebRefused) -> NoReturn:
    """What an error of the REST API means; its code is a constant of Salesforce, its message is not
    told, for it may quote the query.
    """
    document = error.document
    first = document[0] if isinstance(document, list) and document else {}
    code = str(first.get("errorCode")) if isinstance(first, dict) else ""
    if code in TRY_LATER:
        text = f"{SERVICE} cannot answer at the moment ({code})"
        raise SourceUnavailable(text, retry_after=TRY_LATER[code]) from None
    if code == "INVALID_FIELD":
        raise _FieldGone(f"{SERVICE} does not have a field that was asked for") from None
    raise error


def _list(document: Any, name: str) -> list[dict[str, Any]]:
    """The objects in a member of an answer; SourceUnavailable when it is not a list of such."""
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise SourceUnavailable(f"{SERVICE} sent an answer without {name}")
    return found


class _Query:
    """What is asked of an object, and how its records become ours."""

    def __init__(self, kinds: Mapping[str, str], pull: Pull, name: str, *, page_size: int) -> None:
        self._kinds = kinds
        self._name = name
        self._until = pull.until
        self._page_size = page_size
        self.resource = "queryAll" if pull.options.get("IncludeDeletedRecords") else "query"
        known = {field.lower(): field for field in kinds}
        wanted = kinds if pull.fields is None else pull.fields
        # `PersonMailingAddress.City` is a part of a compound field, which is asked for as a whole.
        asked = ((field, field.partition(".")[0]) for field in wanted)
        self._wanted = {
            known[column.lower()]: column for _, column in asked if column.lower() in known
        }
        self._order = self._timestamp(pull.timestamp_field, known)

    def _timestamp(self, name: str | None, known: Mapping[str, str]) -> str | None:
        if name is None:
            return None
        field = known.get(name.lower())
        if field is None or self._kinds[field] != "datetime":
            raise SourceRefused(f"{SERVICE}: {self._name} has no such timestamp field")
        return field

    def soql(self, mark: Watermark) -> str:
        """The query for what is behind the mark."""
        orders = [self._order, "Id"] if self._order else ["Id"]
        fields = dict.fromkeys([*orders, *self._wanted])
        conditions = self._conditions(mark)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return (
            f"SELECT {', '.join(fields)} FROM {self._name}{where} "  # noqa: S608 - checked names
            f"ORDER BY {', '.join(orders)} LIMIT {self._page_size}"
        )

    def _conditions(self, mark: Watermark) -> list[str]:
        after = f"Id > '{_checked(mark.identifier)}'"
        if self._order is None:
            return [after] if mark.identifier else []
        conditions = []
        if mark.at is None:
            # What has no time cannot be kept in order.
            conditions.append(f"{self._order} != null")
        else:
            at = _literal(mark.at)
            # The first condition lets Salesforce use its index.
            conditions.append(f"{self._order} >= {at}")
            if mark.identifier:
                conditions.append(f"({self._order} > {at} OR {after})")
        if self._until is not None:
            conditions.append(f"{self._order} < {_literal(self._until)}")
        return conditions

    def row(self, record: Mapping[str, Any]) -> Row:
        """A record with the wanted fields in the spelling of who wants them."""
        identifier = record.get("Id")
        if not isinstance(identifier, str):
            raise SourceUnavailable(f"{SERVICE} sent a record without an id")
        at = parse_time(record.get(self._order), service=SERVICE) if self._order else None
        return Row(at, identifier, self._record(record))

    def _record(self, record: Mapping[str, Any]) -> SourceRecord:
        return {
            wanted: _capitalised(record.get(field))
            if self._kinds[field] == "address"
            else record.get(field)
            for field, wanted in self._wanted.items()
        }


def _literal(at: datetime) -> str:
    """A time as SOQL writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def _checked(identifier: str) -> str:
    """An id, which becomes part of a query: letters and digits, or none yet."""
    if identifier and not identifier.isalnum():
        raise SourceRefused(f"{SERVICE}: the bookmark is not one of this source")
    return identifier


def _capitalised(address: Any) -> Any:
    """The parts of an address under the names that the predefined templates look for."""
    if not isinstance(address, dict):
        return address
    return {f"{part[:1].upper()}{part[1:]}": value for part, value in address.items()}


KIND = ConnectorKind(
    name="Salesforce",
    text="Salesforce: Account, Contact, Asset and every other object, through the REST API",
    settings=(
        connection.instance_url("https://my-domain.my.salesforce.com"),
        connection.CLIENT_ID,
        connection.CLIENT_SECRET,
        connection.REFRESH_TOKEN,
        Setting(
            name="api_version",
            text=f"The version of the REST API; {DEFAULT_API_VERSION} if none is given",
            is_required=False,
        ),
    ),
    open=Salesforce,
    default_timestamp_field="SystemModstamp",
)
