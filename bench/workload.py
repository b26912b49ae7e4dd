"""What the measurements put and ask for: one object type with three keys, objects of 1 KB.

A visit belongs to a customer. Its own number is its UNIQUE key; the customer's e-mail address and
telephone are PROFILE keys, so that visits of the same customer meet on one profile.
"""

import json
from typing import Any

OBJECT_TYPE = "Visits"
OBJECT_BYTES = 1024
EMAIL_KEY, PHONE_KEY = "_email", "_phone"

KNOWN, FRESH = 100_000_000, 500_000_000
"""The first customer among those that are loaded before measuring, and among those that are not.
Numbers of customers have nine digits.
"""

_TEXTS = ("FirstName", "LastName", "Address.City", "Address.PostalCode", "Attributes.channel")


def object_type() -> dict[str, Any]:
    """The members of PutProfileObjectType, but for DomainName."""
    fields: dict[str, Any] = {
        name.rpartition(".")[2]: _field(name, "STRING") for name in _TEXTS
    } | {
        "email": _field("EmailAddress", "EMAIL_ADDRESS"),
        "phone": _field("PhoneNumber", "PHONE_NUMBER"),
        "visit": {"Source": "_source.visit", "ContentType": "STRING"},
    }
    return {
        "ObjectTypeName": OBJECT_TYPE,
        "Description": "Visits of customers",
        "AllowProfileCreation": True,
        "Fields": fields,
        "Keys": {
            "visit_id": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["visit"]}],
            EMAIL_KEY: [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["email"]}],
            PHONE_KEY: [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["phone"]}],
        },
    }


def _field(target: str, content_type: str) -> dict[str, str]:
    name = target.rpartition(".")[2]
    source = {"EmailAddress": "email", "PhoneNumber": "phone"}.get(name, name)
    return {
        "Source": f"_source.{source}",
        "Target": f"_profile.{target}",
        "ContentType": content_type,
    }


def email_of(customer: int) -> str:
    """The e-mail address of a customer."""
    return f"customer{customer}@example.com"


def phone_of(customer: int) -> str:
    """The telephone number of a customer; nine digits make it unique, and valid in Germany."""
    return f"+4930{customer}"


def visit(number: int, customer: int) -> dict[str, str]:
    """The visit `number` (of twelve digits), 1 KB as JSON."""
    content = {
        "visit": f"{number}",
        "email": email_of(customer),
        "phone": phone_of(customer),
        "FirstName": "Alexandra",
        "LastName": f"Example{customer}",
        "City": "Berlin",
        "PostalCode": "10115",
        "channel": "web",
        "notes": "",
    }
    content["notes"] = "x" * (OBJECT_BYTES - len(as_text(content)))
    return content


def as_text(content: dict[str, str]) -> str:
    """An object as it is sent."""
    return json.dumps(content, separators=(",", ":"))
