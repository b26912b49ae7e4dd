"""Shopify's GraphQL Admin API as its reference describes it, for the fields that records have.

`POST /admin/api/{version}/graphql.json` answers documents of one query: fields with aliases,
arguments, variables, inline fragments. A field that a type does not have is an error with the code
undefinedField; a query without points left is answered THROTTLED in 200. Connections order by
UPDATED_AT and filter by `updated_at` in the search syntax. Tokens of the client credentials grant
come from `/admin/oauth/access_token`.
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from tests.connectors.fakes.server import Answer, FakeVendor, Request

VERSION = "2026-10"

SCALAR = ""


def of_kind(kind: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)


SCHEMA: Mapping[str, Mapping[str, str]] = {
    "QueryRoot": {
        "shop": "Shop",
        "customers": "CustomerConnection",
        "orders": "OrderConnection",
        "draftOrders": "DraftOrderConnection",
        "order": "Order",
        "draftOrder": "DraftOrder",
    },
    "Shop": {"name": SCALAR, "myshopifyDomain": SCALAR},
    "CustomerConnection": {"nodes": "Customer", "pageInfo": "PageInfo"},
    "OrderConnection": {"nodes": "Order", "pageInfo": "PageInfo"},
    "DraftOrderConnection": {"nodes": "DraftOrder", "pageInfo": "PageInfo"},
    "LineItemConnection": {"nodes": "LineItem", "pageInfo": "PageInfo"},
    "DraftOrderLineItemConnection": {"nodes": "DraftOrderLineItem", "pageInfo": "PageInfo"},
    "PageInfo": {"hasNextPage": SCALAR, "endCursor": SCALAR},
    "Customer": {
        **of_kind(SCALAR, "id legacyResourceId firstName lastName note createdAt updatedAt"),
        **of_kind(SCALAR, "state tags verifiedEmail taxExempt numberOfOrders"),
        "defaultEmailAddress": "CustomerEmailAddress",
        "defaultPhoneNumber": "CustomerPhoneNumber",
        "defaultAddress": "MailingAddress",
        "amountSpent": "MoneyV2",
    },
    "CustomerEmailAddress": {"emailAddress": SCALAR},
    "CustomerPhoneNumber": {"phoneNumber": SCALAR},
    "MailingAddress": of_kind(
        SCALAR, "address1 address2 city province zip country name firstName lastName company phone"
    ),
    "MoneyV2": {"amount": SCALAR, "currencyCode": SCALAR},
    "MoneyBag": {"shopMoney": "MoneyV2"},
    "Order": {
        **of_kind(SCALAR, "id legacyResourceId name email phone note createdAt updatedAt closedAt"),
        **of_kind(SCALAR, "processedAt cancelledAt cancelReason currencyCode tags totalWeight"),
        **of_kind(SCALAR, "displayFinancialStatus displayFulfillmentStatus statusPageUrl"),
        **of_kind(SCALAR, "paymentGatewayNames"),
        **of_kind("MoneyBag", "totalDiscountsSet totalPriceSet subtotalPriceSet totalTaxSet"),
        **of_kind("MoneyBag", "totalShippingPriceSet totalTipReceivedSet"),
        "customer": "Customer",
        "billingAddress": "MailingAddress",
        "shippingAddress": "MailingAddress",
        "lineItems": "LineItemConnection",
        "transactions": "OrderTransaction",
    },
    "LineItem": {
        **of_kind(SCALAR, "id title quantity sku"),
        "originalUnitPriceSet": "MoneyBag",
        "originalTotalSet": "MoneyBag",
    },
    "OrderTransaction": {"paymentDetails": "CardPaymentDetails"},
    "CardPaymentDetails": {"company": SCALAR, "number": SCALAR},
    "DraftOrder": {
        **of_kind(SCALAR, "id legacyResourceId name email note2 createdAt updatedAt completedAt"),
        **of_kind(SCALAR, "currencyCode status invoiceUrl tags"),
        **of_kind("MoneyBag", "totalPriceSet subtotalPriceSet totalTaxSet"),
        "customer": "Customer",
        "order": "Order",
        "billingAddress": "MailingAddress",
        "shippingAddress": "MailingAddress",
        "lineItems": "DraftOrderLineItemConnection",
    },
    "DraftOrderLineItem": {
        **of_kind(SCALAR, "id title quantity sku"),
        "originalUnitPriceSet": "MoneyBag",
    },
}
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\.\.\.|[A-Za-z_]\w*|\$\w+|-?\d+|[{}():,!\[\]]')
CONDITION = re.compile(r"updated_at:(>=|<)'([^']+)'")


class Undefined(Exception):
    """A field that its type does not have."""


class FakeShopify(FakeVendor):
    """A shop with one app: a permanent token, and client credentials for tokens of a day."""

    def __init__(self) -> None:
        self.items: dict[str, list[dict[str, Any]]] = {
            "customers": [],
            "orders": [],
            "draftOrders": [],
        }
        self.tokens = {"shpat_1"}
        self.client = ("client-id", "client-secret")
        self.denied: set[str] = set()
        self.points = 10_000
        super().__init__()

    def put(self, kind: str, **fields: Any) -> None:
        self.items[kind] = [item for item in self.items[kind] if item["id"] != fields["id"]]
        self.items[kind].append(fields)

    def answer(self, request: Request) -> Answer:
        if request.path == "/admin/oauth/access_token":
            return self._token(request.form)
        if request.headers.get("x-shopify-access-token") not in self.tokens:
            text = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return Answer({"errors": text}, 401)
        if request.path != f"/admin/api/{VERSION}/graphql.json":
            return Answer({"errors": "Not Found"}, 404)
        return self._graphql(request.json["query"], request.json.get("variables") or {})

    def _token(self, form: Mapping[str, str]) -> Answer:
        given = (form.get("client_id"), form.get("client_secret"))
        if form.get("grant_type") != "client_credentials" or given != self.client:
            return Answer({"error": "invalid_client"}, 400)
        token = f"token-{len(self.requests)}"
        self.tokens.add(token)
        return Answer({"access_token": token, "scope": "read_customers", "expires_in": 86399})

    def _graphql(self, document: str, variables: Mapping[str, Any]) -> Answer:
        cost: dict[str, Any] = {"requestedQueryCost": 100, "actualQueryCost": None}
        status = {"maximumAvailable": 2000.0, "currentlyAvailable": self.points}
        cost["throttleStatus"] = {**status, "restoreRate": 100.0}
        if self.points < 100:
            self.points += 1000
            errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
            return Answer({"errors": errors, "extensions": {"cost": cost}})
        try:
            selection = parsed(document)
            data = {
                name: self._field("QueryRoot", field, {}, variables)
                for name, field in selection.items()
            }
        except Undefined as error:
            code = {"code": "undefinedField"}
            return Answer({"errors": [{"message": str(error), "extensions": code}]})
        refused = self.denied & {field["name"] for field in selection.values()}
        if refused:
            text = f"Access denied for {refused.pop()} field. Required access: `read_x` scope."
            errors = [{"message": text, "extensions": {"code": "ACCESS_DENIED"}}]
            return Answer({"data": None, "errors": errors, "extensions": {"cost": cost}})
        return Answer({"data": data, "extensions": {"cost": {**cost, "actualQueryCost": 12}}})

    def _field(self, owner: str, field, item: Mapping[str, Any], variables) -> Any:
        name, kinds = field["name"], SCHEMA[owner]
        if name not in kinds:
            raise Undefined(f"Field '{name}' doesn't exist on type '{owner}'")
        kind = kinds[name]
        if kind.endswith("Connection"):
            value: Any = self._connection(name, field, item, variables)
        elif owner == "QueryRoot" and name in ("order", "draftOrder"):
            wanted = variables[field["arguments"]["id"][1:]]
            value = next((each for each in self.items[f"{name}s"] if each["id"] == wanted), None)
        elif name == "shop":
            value = {"name": "Shop", "myshopifyDomain": "shop.myshopify.com"}
        else:
            value = item.get(name)
        return self._shown(kind, field["fields"], value, variables)

    def _shown(self, kind: str, fields, value: Any, variables) -> Any:
        for name, child in fields.items():
            if child["name"] not in SCHEMA[kind]:
                raise Undefined(f"Field '{child['name']}' doesn't exist on type '{kind}'")
            del name
        if value is None or kind == SCALAR:
            return value
        if isinstance(value, list):
            return [self._shown(kind, fields, entry, variables) for entry in value]
        return {
            alias: self._field(kind, child, value, variables) for alias, child in fields.items()
        }

    def _connection(self, name: str, field, item: Mapping[str, Any], variables) -> dict[str, Any]:
        arguments = {
            key: variables.get(value[1:]) if str(value).startswith("$") else value
            for key, value in field["arguments"].items()
        }
        if name == "lineItems":
            start = int(arguments.get("after") or 0)
            end = start + arguments["first"]
            found = item.get("lineItems", [])
            page_info = {"hasNextPage": end < len(found), "endCursor": str(end)}
            return {"nodes": found[start:end], "pageInfo": page_info}
        assert arguments["sortKey"] == "UPDATED_AT"
        found = sorted(self.items[name], key=key_of)
        for operator, at in CONDITION.findall(arguments.get("query") or ""):
            is_after = operator == ">="
            found = [item for item in found if (item["updatedAt"] >= at) == is_after]
        if arguments.get("after"):
            after = tuple(json.loads(base64.b64decode(arguments["after"])))
            found = [item for item in found if key_of(item) > after]
        page = found[: arguments["first"]]
        end = base64.b64encode(json.dumps(key_of(page[-1])).encode()).decode() if page else None
        more = len(page) < len(found)
        return {"nodes": page, "pageInfo": {"hasNextPage": more, "endCursor": end}}


def key_of(item: Mapping[str, Any]) -> tuple[str, int]:
    return item["updatedAt"], int(item["legacyResourceId"])


def parsed(document: str) -> dict[str, Any]:
    """The selection of a document's only query: by alias, name, arguments and fields."""
    tokens = TOKEN.findall(document)
    depth = 0
    for place, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0 and token == "{":
            return _selection(tokens, place + 1)[0]
    raise AssertionError("no selection")


def _selection(tokens: list[str], place: int) -> tuple[dict[str, Any], int]:
    fields: dict[str, Any] = {}
    while tokens[place] != "}":
        if tokens[place] == "...":
            inner, place = _selection(tokens, place + 4)
            fields.update(inner)
            continue
        alias = name = tokens[place]
        place += 1
        if tokens[place] == ":":
            name, place = tokens[place + 1], place + 2
        arguments = {}
        if tokens[place] == "(":
            place += 1
            while tokens[place] != ")":
                key, value = tokens[place], tokens[place + 2]
                arguments[key] = int(value) if value.isdigit() else value.strip('"')
                place += 3 + (tokens[place + 3] == ",")
            place += 1
        inner = {}
        if tokens[place] == "{":
            inner, place = _selection(tokens, place + 1)
        fields[alias] = {"name": name, "arguments": arguments, "fields": inner}
    return fields, place + 1
