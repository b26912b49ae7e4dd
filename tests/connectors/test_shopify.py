"""Shopify: the suite of connectors, and what only Shopify does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openprofiles.connectors import Pull, SourceRecord, SourceRefused, SourceUnavailable
from openprofiles.connectors.shopify import KIND, Shopify
from openprofiles.connectors.testing import CannotBeDone, ConnectorSuite
from openprofiles.connectors.web import Limits
from tests.connectors.fakes.server import Answer
from tests.connectors.fakes.shopify import FakeShopify
from tests.connectors.fakes.source import VendorSource

CUSTOMERS = Pull(object_name="customers", timestamp_field="updated_at")
ORDERS = replace(CUSTOMERS, object_name="orders")
DRAFTS = replace(CUSTOMERS, object_name="draft_orders")
START = datetime(2026, 5, 1, 8, tzinfo=UTC)


@pytest.fixture
def slept() -> list[float]:
    return []


def settings(vendor: FakeShopify, **changed: str) -> dict[str, str]:
    given = {"instance_url": vendor.url, "client_id": "client-id", "client_secret": "client-secret"}
    return {**given, **changed}


def opened(
    vendor: FakeShopify, slept: list[float] | None = None, *, page_size: int = 3, **changed: str
) -> Shopify:
    naps: list[float] = [] if slept is None else slept
    limits = Limits(waits=(), sleep=naps.append)
    return Shopify(settings(vendor, **changed), limits=limits, page_size=page_size)


@pytest.fixture
def vendor() -> Iterator[FakeShopify]:
    with FakeShopify() as vendor:
        yield vendor


def payload(record: SourceRecord) -> dict[str, Any]:
    return record["detail"]["event"]["detail"]["payload"]


class CustomerSource(VendorSource):
    def connect(self):
        return opened(self.vendor)

    def connect_wrongly(self):
        return opened(self.vendor, client_secret="wrong-secret")

    def pull(self) -> Pull:
        return CUSTOMERS

    def put(self, identifier: str, text: str) -> None:
        number = 1000 if identifier == "new" else int(identifier)
        at = self.tick().strftime("%Y-%m-%dT%H:%M:%SZ")
        given = {"firstName": text, "note": identifier, "updatedAt": at}
        put(self.vendor, "customers", number, **given)

    def identify(self, record: SourceRecord) -> tuple[str, str]:
        return payload(record)["note"], payload(record)["first_name"]

    def wanted_fields(self) -> tuple[str, ...]:
        return "detail.event.detail.payload.note", "first_name"


class WithToken(CustomerSource):
    secrets = ("shpat_", "wrong-secret")

    def connect(self):
        return opened(self.vendor, access_token="shpat_1")

    def connect_wrongly(self):
        return opened(self.vendor, access_token="wrong-secret")

    def expire(self) -> None:
        raise CannotBeDone("an access token made by hand does not expire")

    def withdraw(self) -> None:
        self.vendor.tokens.clear()

    def come_back(self) -> None:
        super().come_back()
        self.vendor.tokens.add("shpat_1")


class TestShopify(ConnectorSuite):
    @pytest.fixture
    def source(self, vendor) -> CustomerSource:
        return CustomerSource(vendor)


class TestShopifyWithAnAccessToken(ConnectorSuite):
    @pytest.fixture
    def source(self, vendor) -> WithToken:
        return WithToken(vendor)


def put(vendor: FakeShopify, kind: str, number: int, **fields) -> None:
    given = {
        "id": f"gid://shopify/{kind.capitalize()}/{number}",
        "legacyResourceId": str(number),
        "createdAt": "2026-05-01T08:00:00Z",
        "updatedAt": "2026-05-01T08:00:00Z",
    }
    vendor.put(kind, **{**given, **fields})


def money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}


def line_item(number: int, price: str, quantity: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "title": f"Thing {number}",
        "quantity": quantity,
        "sku": None,
        "originalUnitPriceSet": money(price),
    }


def records(pages) -> list[dict[str, Any]]:
    return [payload(record) for page in pages for record in page.records]


def ids(pages) -> list[int]:
    return [record["id"] for record in records(pages)]


@pytest.mark.parametrize("lacking", ["instance_url", "client_id", "client_secret"])
def test_a_setting_that_is_needed_is_named(vendor, lacking):
    with pytest.raises(SourceRefused, match=lacking):
        KIND.open(settings(vendor, **{lacking: ""}))


@pytest.mark.parametrize(("name", "value"), [("api_version", "latest"), ("envelope", "sometimes")])
def test_a_setting_that_cannot_be_meant_is_named(vendor, name, value):
    with pytest.raises(SourceRefused, match=name):
        opened(vendor, **{name: value})


def test_a_version_of_the_api_that_is_gone_is_refused(vendor):
    with pytest.raises(SourceRefused, match="status 404"):
        opened(vendor, api_version="2020-01").check()


def test_what_can_be_pulled_is_told_with_the_fields_of_records(vendor):
    objects = {each.name: each for each in opened(vendor).objects()}

    assert set(objects) == {"customers", "orders", "draft_orders"}
    names = [field.name for field in objects["orders"].fields]
    assert {"id", "order_status_url", "line_items", "billing_address"} <= set(names)
    assert not {"graphql_id", "amount", "first", "shop_money"} & set(names)
    assert "line_items" not in {field.name for field in objects["customers"].fields}
    (timestamp,) = (field for field in objects["orders"].fields if field.is_timestamp)
    assert timestamp.name == "updated_at"


def test_a_customer_is_what_a_webhook_would_have(vendor):
    put(
        vendor,
        "customers",
        7,
        firstName="Jane",
        lastName="Doe",
        defaultEmailAddress={"emailAddress": "jane@example.com"},
        defaultPhoneNumber=None,
        defaultAddress={"address1": "1 Main St", "city": "Berlin", "zip": "10115"},
        state="ENABLED",
        tags=["a", "b"],
        numberOfOrders="3",
        amountSpent={"amount": "12.50", "currencyCode": "EUR"},
    )

    (customer,) = records(opened(vendor).read(CUSTOMERS))

    assert customer["id"] == 7
    assert customer["first_name"] == "Jane"
    assert customer["email"] == "jane@example.com"
    assert customer["phone"] is None
    assert customer["default_address"]["zip"] == "10115"
    assert customer["state"] == "enabled"
    assert customer["tags"] == "a, b"
    assert customer["orders_count"] == 3
    assert customer["total_spent"] == "12.50"
    assert customer["updated_at"] == "2026-05-01T08:00:00Z"


def order(**fields) -> dict[str, Any]:
    return {
        "name": "#1001",
        "email": "jane@example.com",
        "phone": "+491701234567",
        "currencyCode": "EUR",
        "cancelReason": "CUSTOMER",
        "displayFinancialStatus": "PARTIALLY_REFUNDED",
        "displayFulfillmentStatus": "FULFILLED",
        "paymentGatewayNames": ["shopify_payments", "gift_card"],
        "statusPageUrl": "https://shop.example/status",
        "totalWeight": "1200",
        "totalPriceSet": money("20.00"),
        "totalShippingPriceSet": money("4.90"),
        "customer": {"legacyResourceId": "7", "firstName": "Jane"},
        "billingAddress": {"name": "Jane Doe", "city": "Berlin"},
        "lineItems": [line_item(1, "5.00", 2), line_item(2, "7.50", 1)],
        "transactions": [
            {"paymentDetails": None},
            {"paymentDetails": {"company": "Visa", "number": "•••• 4242"}},
        ],
        **fields,
    }


def test_an_order_is_what_a_webhook_would_have(vendor):
    put(vendor, "orders", 9, **order())

    (found,) = records(opened(vendor).read(ORDERS))

    assert found["id"] == 9
    assert "graphql_id" not in found
    assert found["phone"] == "+491701234567"
    assert found["cancel_reason"] == "customer"
    assert found["financial_status"] == "partially_refunded"
    assert found["fulfillment_status"] == "fulfilled"
    assert found["gateway"] == "shopify_payments"
    assert found["order_status_url"] == "https://shop.example/status"
    assert found["total_weight"] == 1200
    assert found["total_price"] == "20.00"
    assert found["total_line_items_price"] == "17.50"
    assert found["total_shipping_price_set"]["shop_money"]["amount"] == "4.90"
    assert found["customer"]["id"] == 7
    assert found["billing_address"]["name"] == "Jane Doe"
    card = {"credit_card_company": "Visa", "credit_card_number": "•••• 4242"}
    assert found["payment_details"] == card
    assert found["line_items"][0] == {
        "id": 1,
        "title": "Thing 1",
        "quantity": 2,
        "sku": None,
        "price": "5.00",
    }


@pytest.mark.parametrize(
    ("theirs", "ours"), [("UNFULFILLED", None), ("PARTIALLY_FULFILLED", "partial"), (None, None)]
)
def test_an_order_that_is_not_fulfilled_says_so_as_webhooks_do(vendor, theirs, ours):
    put(
        vendor,
        "orders",
        9,
        **order(displayFulfillmentStatus=theirs, paymentGatewayNames=[], transactions=[]),
    )

    (found,) = records(opened(vendor).read(ORDERS))

    assert found["fulfillment_status"] == ours
    assert found["gateway"] is None
    assert found["payment_details"] is None


def test_a_draft_order_is_what_a_webhook_would_have(vendor):
    put(
        vendor,
        "draftOrders",
        5,
        name="#D1",
        note2="call first",
        status="INVOICE_SENT",
        invoiceUrl="https://shop.example/invoice",
        totalTaxSet=money("1.00"),
        lineItems=[line_item(1, "5.00", 1)],
    )

    (draft,) = records(opened(vendor).read(DRAFTS))

    assert draft["id"] == 5
    assert draft["note"] == "call first"
    assert draft["status"] == "invoice_sent"
    assert draft["total_tax"] == "1.00"
    assert draft["line_items"][0]["price"] == "5.00"
    assert "order_status_url" not in draft
    assert "total_line_items_price" not in draft


def test_all_line_items_of_a_long_order_are_fetched(vendor):
    items = [line_item(number, "1.00", 1) for number in range(600)]
    put(vendor, "orders", 9, **order(lineItems=items))

    (found,) = records(opened(vendor).read(ORDERS))

    assert [item["id"] for item in found["line_items"]] == list(range(600))
    assert found["total_line_items_price"] == "600.00"
    assert len(vendor.asked("graphql")) == 4


def test_a_long_order_that_is_deleted_meanwhile_keeps_what_came(vendor):
    items = [line_item(number, "1.00", 1) for number in range(30)]
    put(vendor, "orders", 9, **order(lineItems=items))
    vendor.faults.append(
        lambda request: (
            Answer({"data": {"owner": None}}) if "owner" in request.json["query"] else None
        )
    )

    (found,) = records(opened(vendor, access_token="shpat_1").read(ORDERS))

    assert len(found["line_items"]) == 20


def test_bare_records_are_a_setting(vendor):
    put(vendor, "customers", 7)

    (page,) = opened(vendor, envelope="none").read(replace(CUSTOMERS, fields=("id",)))

    assert page.records == [{"id": 7}]


def test_records_with_equal_times_all_come_once_also_after_an_interruption(vendor):
    for number in range(8):
        put(vendor, "customers", number)
    pages = opened(vendor).read(CUSTOMERS)
    first, second = next(pages), next(pages)

    rest = list(opened(vendor).read(replace(CUSTOMERS, bookmark=second.bookmark)))

    assert ids([first, second, *rest]) == list(range(8))


def test_since_is_included_and_until_is_not(vendor):
    for number in range(6):
        put(vendor, "orders", number, **order(updatedAt=f"2026-05-01T08:00:0{number}Z"))
    pull = replace(ORDERS, since=START + timedelta(seconds=2), until=START + timedelta(seconds=4))

    assert ids(opened(vendor).read(pull)) == [2, 3]


def test_a_pull_without_a_time_reads_everything(vendor):
    put(vendor, "customers", 7)
    whole = replace(CUSTOMERS, timestamp_field=None, since=vendor.now, until=START)

    assert ids(opened(vendor).read(whole)) == [7]


def test_other_objects_are_refused(vendor):
    with pytest.raises(SourceRefused, match="customers, orders, draft_orders"):
        opened(vendor).read(replace(CUSTOMERS, object_name="products"))


def test_another_time_is_refused(vendor):
    with pytest.raises(SourceRefused, match="updated_at"):
        opened(vendor).read(replace(CUSTOMERS, timestamp_field="created_at"))


def test_a_query_waits_for_the_points_that_it_costs(vendor, slept):
    vendor.points = -1000

    opened(vendor, slept).check()

    assert slept == [pytest.approx(11.0), pytest.approx(1.0)]


def test_a_query_that_would_wait_long_is_left_for_later(vendor, slept):
    vendor.points = -9_900

    with pytest.raises(SourceUnavailable, match="fewer requests") as failed:
        opened(vendor, slept).check()

    assert failed.value.retry_after == pytest.approx(100.0)
    assert slept == []


def test_a_query_that_is_throttled_again_and_again_is_left_for_later(vendor, slept):
    throttled = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}
    vendor.fail(Answer(throttled), on="graphql", times=5)

    with pytest.raises(SourceUnavailable, match="fewer requests"):
        opened(vendor, slept).check()

    assert slept == [5.0] * 5


def test_a_missing_scope_is_refused(vendor):
    vendor.denied.add("orders")

    with pytest.raises(SourceRefused, match="access scope"):
        list(opened(vendor).read(ORDERS))


def test_a_field_that_this_version_does_not_have_is_refused(vendor):
    vendor.fail(
        Answer({"errors": [{"message": "Jane", "extensions": {"code": "undefinedField"}}]}),
        on="graphql",
    )

    with pytest.raises(SourceRefused, match="version of its API") as failed:
        list(opened(vendor).read(CUSTOMERS))

    assert "Jane" not in str(failed.value)


@pytest.mark.parametrize(
    "errors", ["Not Found", [{"message": "Jane"}], ["x"], [{"extensions": {"code": "a b"}}]]
)
def test_errors_of_another_form_are_refused_without_their_words(vendor, errors):
    vendor.fail(Answer({"errors": errors}), on="graphql")

    with pytest.raises(SourceRefused, match="of no number"):
        opened(vendor).check()


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"data": None},
        {"errors": [{"extensions": {"code": "INTERNAL_SERVER_ERROR"}}]},
        {"data": {"page": None}},
        {"data": {"page": {"nodes": [1], "pageInfo": {"hasNextPage": False}}}},
        {"data": {"page": {"nodes": [{"id": "x"}], "pageInfo": {"hasNextPage": False}}}},
        {"data": {"page": {"nodes": [{"id": "5"}], "pageInfo": {"hasNextPage": False}}}},
    ],
)
def test_an_answer_of_another_form_is_unavailable(vendor, document):
    vendor.fail(Answer(document), on="graphql")

    with pytest.raises(SourceUnavailable):
        list(opened(vendor).read(CUSTOMERS))


def test_an_amount_that_is_none_is_unavailable(vendor):
    put(vendor, "orders", 9, **order(lineItems=[line_item(1, "Jane", 1)]))

    with pytest.raises(SourceUnavailable, match="another form") as failed:
        list(opened(vendor).read(ORDERS))

    assert "Jane" not in str(failed.value)
