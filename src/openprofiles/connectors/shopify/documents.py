"""What is asked of the GraphQL Admin API, by the names that webhooks have for it.

GraphQL's aliases do most of the renaming; `records` does the rest. Each object in an answer costs a
point of what a shop may ask for, so that an order has what the predefined template looks for.
"""

from dataclasses import dataclass

_ADDRESS = """{ first_name: firstName last_name: lastName name company address1 address2 city
province country zip phone }"""
_MONEY = "{ shopMoney { amount } }"
_BUYER = "{ id: legacyResourceId first_name: firstName last_name: lastName }"
_LINE_ITEM = f"id title quantity sku price: originalUnitPriceSet {_MONEY}"

CUSTOMER = f"""
id: legacyResourceId first_name: firstName last_name: lastName
email: defaultEmailAddress {{ emailAddress }} phone: defaultPhoneNumber {{ phoneNumber }}
note state tags created_at: createdAt updated_at: updatedAt
verified_email: verifiedEmail tax_exempt: taxExempt orders_count: numberOfOrders
total_spent: amountSpent {{ amount }} default_address: defaultAddress {_ADDRESS}
"""
ORDER = f"""
graphql_id: id id: legacyResourceId name email phone note tags
created_at: createdAt updated_at: updatedAt processed_at: processedAt
closed_at: closedAt cancelled_at: cancelledAt cancel_reason: cancelReason
currency: currencyCode financial_status: displayFinancialStatus
fulfillment_status: displayFulfillmentStatus gateway: paymentGatewayNames
order_status_url: statusPageUrl total_weight: totalWeight
total_discounts: totalDiscountsSet {_MONEY} total_price: totalPriceSet {_MONEY}
total_tax: totalTaxSet {_MONEY}
total_tip_received: totalTipReceivedSet {_MONEY}
total_shipping_price_set: totalShippingPriceSet {{
  shop_money: shopMoney {{ amount currency_code: currencyCode }}
}}
customer {_BUYER}
billing_address: billingAddress {_ADDRESS} shipping_address: shippingAddress {_ADDRESS}
payment_details: transactions(first: 5) {{
  paymentDetails {{
    ... on CardPaymentDetails {{ credit_card_company: company credit_card_number: number }}
  }}
}}
"""
DRAFT_ORDER = f"""
graphql_id: id id: legacyResourceId name email note: note2 tags status
created_at: createdAt updated_at: updatedAt completed_at: completedAt
currency: currencyCode invoice_url: invoiceUrl total_price: totalPriceSet {_MONEY}
total_tax: totalTaxSet {_MONEY}
customer {_BUYER}
billing_address: billingAddress {_ADDRESS} shipping_address: shippingAddress {_ADDRESS}
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """An object that can be pulled: its names in the API, its fields, and how many come at once.

    The page keeps a query below the 1,000 points that one may cost at most.
    """

    text: str
    connection: str
    single: str
    selection: str
    page_size: int
    has_line_items: bool = True


KINDS = {
    "customers": Kind("Customers", "customers", "customer", CUSTOMER, 100, has_line_items=False),
    "orders": Kind("Orders", "orders", "order", ORDER, 10),
    "draft_orders": Kind("Draft orders", "draftOrders", "draftOrder", DRAFT_ORDER, 10),
}

SHOP = "query { shop { name } }"
FIRST_LINE_ITEMS = 20
"""Come with their order; the rest of a longer one is asked for."""
MORE_LINE_ITEMS = 250


def page(kind: Kind) -> str:
    """The query for a page of records, in the order of their change."""
    line_items = f"line_items: {_line_items('first: $lineItems')}" if kind.has_line_items else ""
    more = ", $lineItems: Int!" if kind.has_line_items else ""
    return f"""query ($first: Int!, $after: String, $query: String{more}) {{
  page: {kind.connection}(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{ {kind.selection} {line_items} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}"""


def line_items(kind: Kind) -> str:
    """The query for more line items of one order or draft order."""
    return f"""query ($id: ID!, $first: Int!, $after: String) {{
  owner: {kind.single}(id: $id) {{ line_items: {_line_items("first: $first, after: $after")} }}
}}"""


def _line_items(arguments: str) -> str:
    fields = f"nodes {{ {_LINE_ITEM} }} pageInfo {{ hasNextPage endCursor }}"
    return f"lineItems({arguments}) {{ {fields} }}"
