"""What the invented company sells, what people order, and what they ask about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """Something to buy; `has_serial` says that each piece has a number."""

    sku: str
    title: str
    price: float
    has_serial: bool = False


PRODUCTS = (
    Product("HP-ESP-200", "Espresso machine Alba 200", 489.0, has_serial=True),
    Product("HP-ESP-400", "Espresso machine Alba 400 Duo", 899.0, has_serial=True),
    Product("HP-GRN-030", "Coffee grinder Molino", 159.0, has_serial=True),
    Product("HP-KET-012", "Kettle Nord, 1.2 litres", 79.9, has_serial=True),
    Product("HP-TOA-002", "Toaster Duet", 64.5, has_serial=True),
    Product("HP-LMP-110", "Table lamp Vela", 119.0, has_serial=True),
    Product("HP-LMP-180", "Floor lamp Vela", 229.0, has_serial=True),
    Product("HP-BNS-500", "House blend, 500 g", 14.9),
    Product("HP-BNS-501", "Single origin Huila, 500 g", 18.5),
    Product("HP-CUP-004", "Stoneware cups, set of four", 39.0),
    Product("HP-FLT-100", "Paper filters, 100", 5.9),
    Product("HP-DSC-002", "Descaler, 2 × 125 ml", 12.4),
    Product("HP-THR-001", "Wool throw Fjord", 89.0),
    Product("HP-TOW-006", "Linen towels, set of six", 34.0),
)
MACHINES = tuple(product for product in PRODUCTS if product.has_serial)

TICKETS = (
    ("Where is my order?", "The tracking page has not moved since Tuesday."),
    (
        "{product} arrived damaged",
        "The box was dented and one side is scratched. Pictures attached.",
    ),
    ("{product} does not switch on", "Tried two sockets. The light stays dark."),
    ("Return of {product}", "It is too large for our kitchen. I would like to send it back."),
    ("Invoice with my company's name", "Please send the invoice again with the VAT number."),
    ("Change of address", "We have moved. The next delivery should go to the new address."),
    ("Loyalty points are missing", "My last two orders are not in my account."),
    ("How do I descale {product}?", "The manual only shows the older model."),
    ("Charged twice", "There are two payments for one order on my statement."),
    ("Name after marriage", "Please change my last name in your records."),
)
QUEUES = ("Orders", "Returns", "Technical help", "Loyalty")
AGENTS = ("a.lindqvist", "b.okafor", "c.moreau", "d.tanaka", "e.brandt", "f.silva")
TIERS = ("Basic", "Silver", "Gold", "Platinum")
