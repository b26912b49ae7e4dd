"""What things of a customer are called, for people."""

import re
from collections.abc import Mapping
from typing import Any

WITHOUT_NAME = "Customer without a name"

_KEYS = {
    "_account": "Account number",
    "_email": "E-mail",
    "_fullName": "Full name",
    "_phone": "Phone",
    "_profileId": "Profile id",
}
_FIELDS = {
    "AdditionalInformation": "More information",
    "BirthDate": "Date of birth",
    "BusinessEmailAddress": "E-mail at work",
    "BusinessName": "Business",
    "BusinessPhoneNumber": "Phone at work",
    "County": "County",
    "EmailAddress": "E-mail",
    "GenderString": "Gender",
    "HomePhoneNumber": "Phone at home",
    "MobilePhoneNumber": "Mobile phone",
    "PartyTypeString": "Kind of customer",
    "PersonalEmailAddress": "Private e-mail",
    "PhoneNumber": "Phone",
    "ProfileType": "Kind of profile",
}
_TYPES = {
    "_airBooking": "Flight bookings",
    "_airPreference": "Flight preferences",
    "_airSegment": "Flights",
    "_asset": "Assets",
    "_case": "Cases",
    "_communicationRecord": "Contacts",
    "_device": "Devices",
    "_hotelPreference": "Hotel preferences",
    "_hotelReservation": "Hotel reservations",
    "_hotelStayRevenue": "Hotel stays",
    "_loyalty": "Loyalty programmes",
    "_loyaltyPromotion": "Loyalty promotions",
    "_loyaltyTransaction": "Loyalty transactions",
    "_order": "Orders",
    "_profile": "Profile",
    "_webAnalytics": "Visits",
    "CTR": "Contact records",
}
ACTIONS = {
    "ADDED_PROFILE_KEY": "Key added",
    "CREATED": "Created",
    "DELETED_BY_CUSTOMER": "Deleted",
    "DELETED_BY_MERGE": "Merged into another",
    "DELETED_PROFILE_KEY": "Key deleted",
    "EXPIRED": "Expired",
    "INGESTED": "Received",
    "MERGED": "Merged",
    "UPDATED": "Changed",
}
CHANGES = {
    "object.deleted": "object deleted",
    "object.evicted": "object expired",
    "object.expired": "object expired",
    "object.put": "received",
    "profile.created": "created",
    "profile.key_added": "key added",
    "profile.key_deleted": "key deleted",
    "profile.merge_undone": "merge undone",
    "profile.merged": "merged",
    "profile.restored": "restored",
    "profile.updated": "changed",
}
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.]+")


def name_of(profile: Mapping[str, Any]) -> str:
    """What to call a customer: the name, else the business, else how one reaches them."""
    names = [profile.get(part) for part in ("FirstName", "MiddleName", "LastName")]
    full = " ".join(filter(None, names))
    ways = ("BusinessName", "EmailAddress", "PhoneNumber", "AccountNumber")
    return full or next(filter(None, map(profile.get, ways)), None) or WITHOUT_NAME


def words_of(name: str) -> str:
    """`CreatedDate` as words: Created date."""
    words = [word for word in _WORDS.split(name) if word]
    if not words:
        return name
    rest = [word if word.isupper() and len(word) > 1 else word.lower() for word in words[1:]]
    return " ".join([words[0][:1].upper() + words[0][1:], *rest])


def label_of_field(path: str) -> str:
    """What a field is called, without the address that it is in."""
    member, _, rest = path.partition(".")
    if member == "Attributes":
        return rest
    last = rest or member
    return _FIELDS.get(last) or words_of(re.sub(r"(\d)$", r" \1", last))


def label_of_key(name: str) -> str:
    """What a key is called."""
    return _KEYS.get(name) or words_of(name)


def label_of_type(name: str) -> str:
    """What objects of a type are called."""
    return _TYPES.get(name, name)


def label_of_action(action: str, object_type: str) -> str:
    """What was done, in a record of the history."""
    said = ACTIONS.get(action, action)
    return f"Profile {said.lower()}" if object_type == "_profile" and " " not in said else said
