"""Records of the GraphQL Admin API in the form that webhooks have: numbers for ids, amounts as
texts, words in lower case.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

FULFILLMENT = {"UNFULFILLED": None, "PARTIALLY_FULFILLED": "partial"}
"""Words that are others in webhooks; the rest is the same in lower case."""


def as_webhook(node: Mapping[str, Any]) -> dict[str, Any]:
    """A customer, an order or a draft order as a webhook would have it.

    Raises ArithmeticError, AttributeError, KeyError, TypeError or ValueError for a node of another
    form.
    """
    record = {
        name: RULES[name](value) if name in RULES and value is not None else value
        for name, value in node.items()
        if name != "graphql_id"
    }
    if "line_items" in record and "order_status_url" in record:
        record["total_line_items_price"] = _total(record["line_items"])
    return record


def _number(value: Any) -> int:
    """An id or a count, which GraphQL sends as a text, or as the end of its own id."""
    return int(str(value).rpartition("/")[2])


def _amount(value: Mapping[str, Any]) -> Any:
    return value.get("shopMoney", value)["amount"]


def _lower(value: str) -> str:
    return value.lower()


def _fulfillment(value: str) -> str | None:
    return FULFILLMENT.get(value, value.lower())


def _joined(value: Sequence[str]) -> str:
    return ", ".join(value)


def _first(value: Sequence[str]) -> str | None:
    return next(iter(value), None)


def _line_items(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [as_webhook(each) for each in value["nodes"]]


def _card(value: Sequence[Mapping[str, Any]]) -> Any:
    """The first card that paid; other ways to pay tell nothing."""
    return next((each["paymentDetails"] for each in value if each.get("paymentDetails")), None)


def _total(items: Sequence[Mapping[str, Any]]) -> str:
    """What all items cost before discounts."""
    return str(sum((Decimal(item["price"]) * item["quantity"] for item in items), Decimal(0)))


RULES: Mapping[str, Callable[[Any], Any]] = {
    "id": _number,
    "orders_count": _number,
    "total_weight": _number,
    "email": lambda value: value if isinstance(value, str) else value["emailAddress"],
    "phone": lambda value: value if isinstance(value, str) else value["phoneNumber"],
    "total_spent": _amount,
    "total_discounts": _amount,
    "total_price": _amount,
    "total_tax": _amount,
    "total_tip_received": _amount,
    "price": _amount,
    "state": _lower,
    "status": _lower,
    "cancel_reason": _lower,
    "financial_status": _lower,
    "fulfillment_status": _fulfillment,
    "tags": _joined,
    "gateway": _first,
    "customer": as_webhook,
    "line_items": _line_items,
    "payment_details": _card,
}
"""How a field's value becomes that of webhooks, where it does not stay as it is."""
