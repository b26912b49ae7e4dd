"""The documents of the sources, in the forms that each of them has."""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openprofiles.demo.goods import AGENTS, MACHINES, PRODUCTS, QUEUES, TICKETS, TIERS, Product
from openprofiles.demo.people import Person
from openprofiles.demo.words import pick
from openprofiles.demo.writing import Pen

Document = dict[str, Any]

CONTACT, ASSET = "Salesforce-Contact", "Salesforce-Asset"
USER, TICKET = "Zendesk-users", "Zendesk-tickets"
CUSTOMER, ORDER = "Shopify-Customer", "Shopify-Order"
MEMBER, WARRANTY, CALL = "Loyalty-Member", "Warranty-Registration", "CTR"

MEMBER_COLUMNS = (
    "card", "tier", "points", "first_name", "last_name", "birth_date", "email", "phone", "street",
    "city", "postal_code", "country", "updated",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ids:
    """What the sources call a customer; a second account of a shop has an id of its own."""

    number: int

    @property
    def salesforce(self) -> str:
        """Of a contact."""
        return f"0035g00000{self.number:05}AAQ"

    @property
    def zendesk(self) -> int:
        """Of a user."""
        return 361_000_000_000 + self.number

    @property
    def shopify(self) -> int:
        """Of a customer."""
        return 6_400_000_000_000 + self.number

    @property
    def card(self) -> str:
        """Of a member."""
        return f"HP{self.number:07}"


def contact(pen: Pen, person: Person, moment: datetime) -> Document:
    """A contact of Salesforce, which staff keeps."""
    address = pen.address
    return _filled(
        {
            "Id": Ids(person.number).salesforce,
            "FirstName": pen.first,
            "MiddleName": person.middle,
            "LastName": pen.last,
            "Email": pen.email() if pen.gives(0.7) else "",
            "MobilePhone": pen.phone() if pen.gives(0.7) else "",
            "HomePhone": pen.landline(),
            "Birthdate": pen.birth if pen.gives(0.5) else "",
            "MailingStreet": pen.line,
            "MailingCity": address.town.name,
            "MailingState": address.town.state,
            "MailingPostalCode": pen.postal,
            "MailingCountry": person.country.name,
            "LastModifiedDate": f"{moment:%Y-%m-%dT%H:%M:%S.000+0000}",
        }
    )


def asset(random_: random.Random, person: Person, number: int, moment: datetime) -> Document:
    """Something that a contact owns, which has a serial number."""
    product = pick(random_, MACHINES)
    return {
        "Id": f"02i5g00000{number:05}AAQ",
        "ContactId": Ids(person.number).salesforce,
        "SerialNumber": _serial(product, number),
        "StockKeepingUnit": product.sku,
        "Status": pick(random_, ("Installed", "Installed", "Registered", "Shipped", "Obsolete")),
        "Price": product.price,
        "Quantity": 1,
        "Description": product.title,
        "UsageEndDate": f"{moment.year + 3}-{moment:%m-%d}",
        "LastModifiedDate": f"{moment:%Y-%m-%dT%H:%M:%S.000+0000}",
    }


def user(pen: Pen, person: Person, moment: datetime) -> Document:
    """A user of the help desk, as they wrote to it."""
    return _filled(
        {
            "id": Ids(person.number).zendesk,
            "name": f"{pen.first} {pen.last}",
            "user_fields": {"first_name": pen.first, "last_name": pen.last},
            "email": pen.email(second=0.15),
            "phone": pen.phone(prefers_landline=0.3) if pen.gives(0.4) else "",
            "locale": person.country.code.lower(),
            "updated_at": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        }
    )


def ticket(random_: random.Random, person: Person, number: int, moment: datetime) -> Document:
    """What a user asks."""
    subject, text = pick(random_, TICKETS)
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return {
        "id": 40_000 + number,
        "requester_id": Ids(person.number).zendesk,
        "subject": subject.format(product=pick(random_, MACHINES).title),
        "description": text,
        "status": pick(random_, ("closed", "closed", "solved", "solved", "open", "pending")),
        "created_at": stamp,
        "updated_at": stamp,
    }


def customer(pen: Pen, person: Person, moment: datetime, *, second: bool = False) -> Document:
    """A customer of the shop, who made the account; some make a `second` one, by another address
    of theirs.
    """
    address = pen.address
    return _event(
        {
            "id": _shop_id(person, second=second),
            "first_name": pen.first,
            "last_name": pen.last,
            "email": pen.email(second=1.0 if second else 0.1),
            "phone": pen.phone(prefers_landline=0.1) if pen.gives(0.5) else "",
            "default_address": _filled(
                {
                    "address1": pen.line,
                    "address2": address.unit,
                    "city": address.town.name,
                    "province": address.town.state,
                    "country": person.country.name,
                    "zip": pen.postal,
                }
            ),
            "updated_at": f"{moment:%Y-%m-%dT%H:%M:%S+00:00}",
        }
    )


def order(
    random_: random.Random, person: Person, number: int, moment: datetime, *, second: bool = False
) -> Document:
    """What a customer of the shop bought."""
    basket = [
        (item, 1 if item.has_serial else random_.randrange(1, 4))
        for item in random_.sample(PRODUCTS, random_.choices((1, 2, 3, 4), (50, 28, 14, 8))[0])
    ]
    lines = [
        {"title": item.title, "price": f"{item.price:.2f}", "quantity": quantity}
        for item, quantity in basket
    ]
    total = sum(item.price * quantity for item, quantity in basket)
    address, stamp = person.addresses[0], f"{moment:%Y-%m-%dT%H:%M:%S+00:00}"
    place = {
        "name": f"{person.first[0]} {person.last[0]}",
        "address1": address.line,
        "city": address.town.name,
        "zip": address.postal,
        "country": person.country.name,
    }
    return _event(
        {
            "id": 5_100_000_000_000 + number,
            "name": f"#{10_000 + number}",
            "customer": {"id": _shop_id(person, second=second)},
            "email": person.second_email if second else person.email,
            "currency": {"US": "USD", "GB": "GBP"}.get(person.country.code, "EUR"),
            "financial_status": random_.choices(("paid", "refunded", "pending"), (88, 7, 5))[0],
            "fulfillment_status": pick(random_, ("fulfilled", "fulfilled", "fulfilled", "partial")),
            "gateway": pick(random_, ("card", "invoice", "wallet")),
            "order_status_url": f"https://shop.example.com/orders/{number}",
            "total_line_items_price": f"{total:.2f}",
            "total_price": f"{total + 4.9:.2f}",
            "total_tax": f"{total * 0.19:.2f}",
            "line_items": lines,
            "billing_address": place,
            "shipping_address": place,
            "created_at": stamp,
            "processed_at": stamp,
            "updated_at": stamp,
        }
    )


def member(random_: random.Random, pen: Pen, person: Person, moment: datetime) -> Document:
    """A row of the loyalty programme's file: a form that was filled in at a till."""
    address, points = pen.address, int(random_.expovariate(1 / 900))
    row = {
        "card": Ids(person.number).card,
        "tier": TIERS[min(3, points // 900)],
        "points": str(points),
        "first_name": pen.first,
        "last_name": pen.last,
        "birth_date": pen.birth if pen.gives(0.7) else "",
        "email": pen.email(second=0.1) if pen.gives(0.4) else "",
        "phone": (pen.phone(prefers_landline=0.5) or "") if pen.gives(0.7) else "",
        "street": pen.line,
        "city": address.town.name,
        "postal_code": pen.postal,
        "country": person.country.code,
        "updated": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
    }
    return {column: row[column] for column in MEMBER_COLUMNS}


def warranty(random_: random.Random, person: Person, number: int, moment: datetime) -> Document:
    """The registration of a machine, on the company's own page."""
    product = pick(random_, MACHINES)
    return {
        "registration": f"W-{number:05}",
        "email": person.email,
        "serial": _serial(product, 50_000 + number),
        "sku": product.sku,
        "product": product.title,
        "bought": f"{moment:%Y-%m-%d}",
    }


def call(random_: random.Random, phone: str, moment: datetime) -> Document:
    """A contact record of Amazon Connect."""
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return {
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "ContactId": str(uuid.UUID(int=random_.getrandbits(128), version=4)),
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": stamp,
        "DisconnectTimestamp": stamp,
        "LastUpdateTimestamp": stamp,
        "CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": phone},
        "SystemEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": "+18005550199"},
        "Queue": {"Name": pick(random_, QUEUES), "Duration": random_.randrange(5, 400)},
        "Agent": {
            "Username": pick(random_, AGENTS),
            "AgentInteractionDuration": random_.randrange(30, 1500),
        },
    }


def phone_in(document: Document) -> str | None:
    """The number that a customer of the shop or a contact gave."""
    payload = document.get("detail", {}).get("event", {}).get("detail", {}).get("payload", {})
    phone: str | None = payload.get("phone") or document.get("MobilePhone")
    return phone


def _shop_id(person: Person, *, second: bool) -> int:
    return Ids(person.number).shopify + (500_000 if second else 0)


def _serial(product: Product, number: int) -> str:
    return f"{product.sku[3:6]}{number:07}"


def _event(payload: Mapping[str, Any]) -> Document:
    """As EventBridge brings what the shop sends."""
    return {"detail": {"event": {"detail": {"payload": _filled(payload)}}}}


def _filled(document: Mapping[str, Any]) -> Document:
    return {name: value for name, value in document.items() if value not in ("", None)}
