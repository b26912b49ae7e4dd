"""A shop's customers, orders and draft orders, page by page in the order of their change."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

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
from openprofiles.connectors.shopify import documents
from openprofiles.connectors.shopify.records import as_webhook
from openprofiles.connectors.watermark import (
    Batch,
    Row,
    Watermark,
    parse_time,
    read_in_order,
    source_time,
)
from openprofiles.connectors.web import (
    Answer,
    Authentication,
    FixedHeaders,
    Limits,
    OAuth,
    WebSession,
)

SERVICE = "Shopify"
DEFAULT_API_VERSION = "2026-10"
ORDER = "updated_at"
ENVELOPE = ("detail", "event", "detail", "payload")
"""Where the predefined templates look for a record: events of Shopify come so."""
MOST_THROTTLED = 5
"""So often a query waits for its points before whoever runs the pull comes back later."""
TRY_LATER = {"INTERNAL_SERVER_ERROR", "TIMEOUT", "SHOP_INACTIVE_TEMPORARILY"}


class Shopify:
    """A shop, by an app's client credentials or by the access token of an older custom app."""

    def __init__(
        self,
        settings: Mapping[str, str],
        *,
        limits: Limits | None = None,
        page_size: int | None = None,
    ) -> None:
        url = connection.require(settings, "instance_url", service=SERVICE).rstrip("/")
        version = settings.get("api_version", "").strip() or DEFAULT_API_VERSION
        if not re.fullmatch(r"\d{4}-\d{2}", version):
            raise SourceRefused(f"{SERVICE}: the setting api_version is not like 2026-10")
        self._envelope = _envelope(settings.get("envelope", "").strip())
        self._page_size = page_size
        self._limits = limits or Limits()
        self._path = f"/admin/api/{version}/graphql.json"
        self._session = WebSession(
            url,
            service=SERVICE,
            authentication=_authentication(settings, url, self._limits),
            limits=self._limits,
        )

    def check(self) -> None:
        """Ask for the shop's name, which needs an access token."""
        self._ask(documents.SHOP, {})

    def objects(self) -> Sequence[SourceObject]:
        """What can be pulled, with the fields that records have."""
        return [
            SourceObject(
                name=name,
                text=kind.text,
                fields=tuple(
                    SourceField(
                        name=field,
                        kind="DateTime" if field.endswith("_at") else "String",
                        is_timestamp=field == ORDER,
                    )
                    for field in _field_names(kind)
                ),
            )
            for name, kind in documents.KINDS.items()
        ]

    def read(self, pull: Pull) -> Iterator[Page]:
        """Records in the order of `updated_at`, as webhooks have them."""
        kind = documents.KINDS.get(pull.object_name)
        if kind is None:
            raise SourceRefused(f"{SERVICE}: there are {', '.join(documents.KINDS)} only")
        if pull.timestamp_field not in (None, ORDER):
            raise SourceRefused(f"{SERVICE} tells what changed by {ORDER} only")
        if pull.timestamp_field is None:
            pull = replace(pull, since=None, until=None)
        mark = Watermark(pull, service=SERVICE, has_identifiers=False)
        variables: dict[str, Any] = {
            "first": self._page_size or kind.page_size,
            "after": None,
            "query": _search(mark.at, pull.until),
        }
        if kind.has_line_items:
            variables["lineItems"] = documents.FIRST_LINE_ITEMS

        def fetch(_: Watermark) -> Batch:
            data, answer = self._ask(documents.page(kind), variables)
            nodes, more = _content(data.get("page"))
            variables["after"] = more
            rows = [self._row(kind, node, pull) for node in nodes]
            return Batch(rows, more is None, source_time(answer.headers))

        return read_in_order(mark, fetch)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _row(self, kind: documents.Kind, node: dict[str, Any], pull: Pull) -> Row:
        if kind.has_line_items:
            self._complete(kind, node)
        try:
            record = as_webhook(node)
            identifier = str(record["id"])
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
            # Without the cause, which may quote a value.
            raise SourceUnavailable(f"{SERVICE} sent a record of another form") from None
        at = parse_time(record.get(ORDER), service=SERVICE)
        return Row(at, identifier, self._wrapped(_chosen(record, pull.fields)))

    def _complete(self, kind: documents.Kind, node: dict[str, Any]) -> None:
        """Fetch the line items that did not come with their order."""
        items, after = _content(node.get("line_items"))
        while after is not None:
            variables = {
                "id": node.get("graphql_id"),
                "first": documents.MORE_LINE_ITEMS,
                "after": after,
            }
            data, _ = self._ask(documents.line_items(kind), variables)
            owner = data.get("owner")
            # An order that was deleted meanwhile has no more of them.
            found, after = (
                _content(owner.get("line_items")) if isinstance(owner, dict) else ([], None)
            )
            items += found
        node["line_items"] = {"nodes": items}

    def _wrapped(self, record: SourceRecord) -> SourceRecord:
        for name in reversed(self._envelope):
            record = {name: record}
        return record

    def _ask(self, document: str, variables: Mapping[str, Any]) -> tuple[dict[str, Any], Answer]:
        """The data of a query, with the answer it came in; waits for the points that it costs."""
        wait = 0.0
        for _ in range(MOST_THROTTLED):
            # A query changes nothing, so it may be sent again.
            answer = self._session.post(
                self._path, document={"query": document, "variables": variables}
            )
            content = answer.json()
            if not isinstance(content, dict):
                raise SourceUnavailable(f"{SERVICE} sent an answer of another form")
            code = _error(content)
            if code is None and isinstance(content.get("data"), dict):
                return content["data"], answer
            if code != "THROTTLED":
                _raise(code)
            wait = _wait(content)
            if wait > self._limits.longest_wait:
                break
            self._limits.sleep(wait)
        raise SourceUnavailable(f"{SERVICE} wants fewer requests", retry_after=wait)


def _authentication(settings: Mapping[str, str], url: str, limits: Limits) -> Authentication:
    """An app's own access token, or one that its client credentials give for a day."""
    token = settings.get("access_token", "").strip()
    if token:
        return FixedHeaders({"X-Shopify-Access-Token": token})
    oauth = connection.oauth(
        {**settings, connection.REFRESH_TOKEN.name: ""},
        f"{url}/admin/oauth/access_token",
        service=SERVICE,
        limits=limits,
    )
    return _InShopifysHeader(oauth)


class _InShopifysHeader:
    """Access tokens of OAuth in the header that Shopify wants them in."""

    def __init__(self, oauth: OAuth) -> None:
        self._oauth = oauth

    def headers(self) -> Mapping[str, str]:
        """The access token, fetched when there is none that lives. Raises SourceError."""
        return {"X-Shopify-Access-Token": str(self._oauth.token()["access_token"])}

    def renew(self) -> bool:
        """The next request fetches a new token."""
        return self._oauth.renew()

    def close(self) -> None:
        """Close the connections to the token endpoint."""
        self._oauth.close()


def _envelope(setting: str) -> tuple[str, ...]:
    match setting:
        case "" | "event":
            return ENVELOPE
        case "none":
            return ()
    raise SourceRefused(f"{SERVICE}: the setting envelope is neither event nor none")


def _search(since: datetime | None, until: datetime | None) -> str | None:
    """The pull's bounds in Shopify's search syntax."""
    bounds = [
        f"{ORDER}:{operator}'{at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}'"
        for operator, at in ((">=", since), ("<", until))
        if at is not None
    ]
    return " AND ".join(bounds) or None


def _content(connection_: Any) -> tuple[list[dict[str, Any]], str | None]:
    """The nodes of a connection, and the cursor behind them when there are more."""
    try:
        nodes, info = connection_["nodes"], connection_["pageInfo"]
        more = info["endCursor"] if info["hasNextPage"] else None
    except (KeyError, TypeError):
        raise SourceUnavailable(f"{SERVICE} sent an answer of another form") from None
    if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
        raise SourceUnavailable(f"{SERVICE} sent records of another form")
    return nodes, more


def _chosen(record: dict[str, Any], fields: Sequence[str] | None) -> SourceRecord:
    """The wanted fields, by their names in the record or by their places in an event."""
    if fields is None:
        return record
    prefix = f"{'.'.join(ENVELOPE)}."
    wanted = dict.fromkeys(re.split(r"[.\[]", field.removeprefix(prefix))[0] for field in fields)
    return {name: record[name] for name in wanted if name in record}


def _field_names(kind: documents.Kind) -> list[str]:
    """The names at the top of a record, from the query that asks for it."""
    depth, names = 0, list[str]()
    for found in re.finditer(r"(?P<bracket>[{}()])|(?P<name>\w+)(?:\s*:\s*\w+)?", kind.selection):
        if found["bracket"]:
            depth += 1 if found["bracket"] in "{(" else -1
        elif depth == 0 and found["name"] != "graphql_id":
            names.append(found["name"])
    return [*names, "line_items"] if kind.has_line_items else names


def _error(content: Mapping[str, Any]) -> str | None:
    """The code of the first error of an answer."""
    errors = content.get("errors")
    if not errors:
        return None
    first = errors[0] if isinstance(errors, list) else None
    extensions = first.get("extensions") if isinstance(first, dict) else None
    return str(extensions.get("code")) if isinstance(extensions, dict) else "of no number"


def _wait(content: Mapping[str, Any]) -> float:
    """The seconds until there are points for the query, by Shopify's own account of them."""
    try:
        cost = content["extensions"]["cost"]
        status = cost["throttleStatus"]
        lacking = float(cost["requestedQueryCost"]) - float(status["currentlyAvailable"])
        return max(lacking / float(status["restoreRate"]), 1.0)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return 5.0


def _raise(code: str | None) -> NoReturn:
    """What an error means; its message is not told."""
    if code is None or code in TRY_LATER:
        raise SourceUnavailable(f"{SERVICE} cannot answer at the moment")
    known = code if re.fullmatch(r"\w+", code) else "of no number"
    raise SourceRefused(REFUSALS.get(code, f"{SERVICE} refused the query (error {known})"))


REFUSALS = {
    "ACCESS_DENIED": (
        f"{SERVICE} does not allow this to the app: it lacks an access scope, or access to "
        "protected customer data"
    ),
    "undefinedField": f"{SERVICE} does not have a field in this version of its API",
}
"""What an error means to whoever set up the connection."""


KIND = ConnectorKind(
    name="Shopify",
    text="Shopify: customers, orders and draft orders, through the GraphQL Admin API",
    settings=(
        connection.instance_url("https://my-shop.myshopify.com"),
        Setting(
            name="access_token",
            text="The Admin API access token of a custom app made in the Shopify admin",
            is_secret=True,
            is_required=False,
        ),
        connection.CLIENT_ID,
        connection.CLIENT_SECRET,
        Setting(
            name="api_version",
            text=f"The version of the Admin API; {DEFAULT_API_VERSION} if none is given",
            is_required=False,
        ),
        Setting(
            name="envelope",
            text="event: records as in events, for the predefined templates; none: bare records",
            is_required=False,
        ),
    ),
    open=Shopify,
    default_timestamp_field=ORDER,
)
