"""What parts of a mapping mean, in plain words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CONTENT_TYPES = {
    "STRING": "exactly as it is written",
    "NUMBER": "as a number",
    "PHONE_NUMBER": "as a phone number",
    "EMAIL_ADDRESS": "as an e-mail address",
    "NAME": "as a name, whatever case and spaces",
}
"""Content type -> how its values are compared."""

RECORDS = {
    "_profile": "profile",
    "_asset": "asset",
    "_case": "case",
    "_order": "order",
    "_communicationRecord": "communication record",
    "_airPreference": "air preference",
    "_hotelPreference": "hotel preference",
    "_airBooking": "air booking",
    "_airSegment": "air segment",
    "_hotelReservation": "hotel reservation",
    "_hotelStayRevenue": "revenue of a hotel stay",
    "_loyalty": "loyalty membership",
    "_loyaltyTransaction": "loyalty transaction",
    "_loyaltyPromotion": "loyalty promotion",
    "_webAnalytics": "web event",
    "_device": "device",
}
"""Standard object -> what it is called."""

IDENTIFIERS = {
    "ASSET": "_asset",
    "CASE": "_case",
    "ORDER": "_order",
    "COMMUNICATION_RECORD": "_communicationRecord",
    "AIR_PREFERENCE": "_airPreference",
    "HOTEL_PREFERENCE": "_hotelPreference",
    "AIR_BOOKING": "_airBooking",
    "AIR_SEGMENT": "_airSegment",
    "HOTEL_RESERVATION": "_hotelReservation",
    "HOTEL_STAY_REVENUE": "_hotelStayRevenue",
    "LOYALTY": "_loyalty",
    "LOYALTY_TRANSACTION": "_loyaltyTransaction",
    "LOYALTY_PROMOTION": "_loyaltyPromotion",
    "WEB_ANALYTICS": "_webAnalytics",
    "DEVICE": "_device",
}
"""Standard identifier of a record -> its standard object."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLine:
    """A field of a mapping, as it is read."""

    name: str
    source: str
    target: str
    place: str
    compares: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """An entry of a key: its fields, its identifiers, and what they do."""

    name: str
    fields: tuple[str, ...]
    identifiers: tuple[str, ...]
    meaning: str


def place_of(target: str) -> str:
    """A target as people say it: `_profile.Address.City` is `Address, City`."""
    name, _, path = target.partition(".")
    if not path:
        return target
    inside = ", ".join(_spaced(part) for part in path.replace("[]", "").split("."))
    if name == "_profile":
        return inside
    return f"{RECORDS.get(name, name).capitalize()}: {inside}"


def meaning_of(identifiers: Iterable[str]) -> str:
    """What standard identifiers do, in sentences."""
    given = set(identifiers)
    said = []
    if "UNIQUE" in given:
        said.append("Tells objects apart: one with the same value replaces the earlier one.")
    if "PROFILE" in given and "SECONDARY" in given:
        said.append("Finds the profile when no other key has found one.")
    elif "PROFILE" in given:
        said.append("Finds the profile that an object belongs to.")
    records = [
        RECORDS[IDENTIFIERS[identifier]] for identifier in IDENTIFIERS if identifier in given
    ]
    if records:
        said.append(f"Names the {' and the '.join(records)} that an object is about.")
    if "LOOKUP_ONLY" in given:
        said.append("Is looked up, and not kept: nobody is found by it later.")
    elif "NEW_ONLY" in given:
        said.append("Is kept only by the profile that the object makes.")
    elif not given:
        said.append("Is kept for searching; it never decides where an object belongs.")
    return " ".join(said)


def field_lines(fields: Mapping[str, Mapping[str, Any]]) -> tuple[FieldLine, ...]:
    """The fields of a definition, in its order."""
    return tuple(
        FieldLine(
            name=name,
            source=field["Source"],
            target=field.get("Target") or "",
            place=place_of(field.get("Target") or ""),
            compares=CONTENT_TYPES[field.get("ContentType") or "STRING"],
        )
        for name, field in fields.items()
    )


def key_lines(keys: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[KeyLine, ...]:
    """The entries of a definition's keys, in its order."""
    return tuple(
        KeyLine(
            name=name,
            fields=tuple(entry["FieldNames"]),
            identifiers=tuple(entry.get("StandardIdentifiers") or ()),
            meaning=meaning_of(entry.get("StandardIdentifiers") or ()),
        )
        for name, entries in keys.items()
        for entry in entries
    )


def _spaced(name: str) -> str:
    """`BusinessPhoneNumber` is `Business phone number`; names of one's own stay as they are."""
    words = _WORD.findall(name)
    if not name[:1].isupper() or "".join(words) != name:
        return name
    return " ".join([words[0], *(_lower(word) for word in words[1:])])


def _lower(word: str) -> str:
    """A word inside a name; abbreviations stay."""
    return word if word.isupper() and len(word) > 1 else word.lower()
