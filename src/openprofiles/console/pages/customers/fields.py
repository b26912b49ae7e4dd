"""The fields of a customer in sections, as the card shows them and its forms edit them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openprofiles.console.pages.customers.naming import label_of_field

ADDRESS_PARTS = (
    *("Address1", "Address2", "Address3", "Address4"),
    *("PostalCode", "City", "County", "State", "Province", "Country"),
)
ADDRESSES = {
    "Address": "Address",
    "ShippingAddress": "Shipping address",
    "MailingAddress": "Mailing address",
    "BillingAddress": "Billing address",
}
ATTRIBUTES = "Attributes"
SECTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "person": (
        "Who it is",
        (
            *("FirstName", "MiddleName", "LastName", "BusinessName", "BirthDate"),
            *("GenderString", "PartyTypeString", "AccountNumber", "ProfileType"),
            "AdditionalInformation",
        ),
    ),
    "contact": (
        "How to reach",
        (
            *("PhoneNumber", "MobilePhoneNumber", "HomePhoneNumber", "BusinessPhoneNumber"),
            *("EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress"),
        ),
    ),
    **{
        member: (title, tuple(f"{member}.{part}" for part in ADDRESS_PARTS))
        for member, title in ADDRESSES.items()
    },
}
"""Id -> title, paths in their order; attributes, which have no fixed names, come after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A field that has a value, and where that came from: None for a type when by hand."""

    path: str
    label: str
    text: str
    source: str | None
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Fields that belong together; those that have a value."""

    id: str
    title: str
    values: tuple[Value, ...]


def sections_of(fields: Sequence[Mapping[str, Any]]) -> tuple[Section, ...]:
    """All sections, those without any value, too: there they can be given one."""
    by_path = {field["Path"]: _value(field) for field in fields}
    listed = [
        Section(
            id=id, title=title, values=tuple(by_path[path] for path in paths if path in by_path)
        )
        for id, (title, paths) in SECTIONS.items()
    ]
    named = {path for _, paths in SECTIONS.values() for path in paths}
    attributes = sorted(path for path in by_path if path.startswith(f"{ATTRIBUTES}."))
    others = sorted(path for path in by_path if path not in named and path not in attributes)
    sections = [
        *listed,
        Section(
            id=ATTRIBUTES, title="Attributes", values=tuple(by_path[path] for path in attributes)
        ),
    ]
    if others:
        values = tuple(by_path[path] for path in others)
        sections.append(Section(id="others", title="Other fields", values=values))
    return tuple(sections)


def text_of(value: Any) -> str:
    """A value as people read it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _value(field: Mapping[str, Any]) -> Value:
    origin = field["Origin"]
    return Value(
        path=field["Path"],
        label=label_of_field(field["Path"]),
        text=text_of(field["Value"]),
        source=origin["ObjectTypeName"],
        written_at=origin["WrittenAt"],
    )
