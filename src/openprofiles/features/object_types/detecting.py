"""Detecting an object type from samples: their fields, where each belongs, which are keys
(reference §11).

By names: a dictionary of what columns are usually called leads to the standard profile, the rest
becomes attributes. What is returned passes PutProfileObjectType; without any key, which nothing in
the samples suggests, the caller adds one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types import standard_objects, timestamp_format
from openprofiles.features.object_types.column import Column, columns_of
from openprofiles.features.object_types.field_rules import RESERVED_NAMES

LONGEST_NAME = 64

_DAY, _TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d:\d\d"
TIME_FORMATS = (
    (r"\d{13}", "EpochMilli"),
    (rf"{_DAY}T{_TIME}Z", "yyyy-MM-dd'T'HH:mm:ss'Z'"),
    (rf"{_DAY}T{_TIME}\.\d\d\dZ", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"),
    (rf"{_DAY}T{_TIME}[+-]\d\d:?\d\d", "yyyy-MM-dd'T'HH:mm:ssXXX"),
    (rf"{_DAY}T{_TIME}\.\d\d\d[+-]\d\d:?\d\d", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"),
    (rf"{_DAY}T{_TIME}", "yyyy-MM-dd'T'HH:mm:ss"),
    (rf"{_DAY} {_TIME}", "yyyy-MM-dd HH:mm:ss"),
    (_DAY, "yyyy-MM-dd"),
)
"""What timestamps look like, and the format that reads them."""
TIME_WORDS = frozenset({"updated", "modified", "changed"})

NAMES = {
    "FirstName": "firstname first givenname given forename fname namefirst",
    "MiddleName": "middlename middle middleinitial mname namemiddle",
    "LastName": "lastname last surname familyname family lname namelast",
    "EmailAddress": "email mail emailaddress primaryemail contactemail customeremail",
    "PersonalEmailAddress": "personalemail personalemailaddress homeemail privateemail",
    "BusinessEmailAddress": "businessemail businessemailaddress workemail officeemail",
    "PhoneNumber": "phone tel telephone phonenumber telephonenumber primaryphone contactphone",
    "MobilePhoneNumber": "mobile mobilephone mobilephonenumber mobilenumber cell cellphone",
    "HomePhoneNumber": "homephone homephonenumber hometel",
    "BusinessPhoneNumber": "businessphone businessphonenumber workphone officephone worktel",
    "BirthDate": "dob birth birthdate dateofbirth birthday birthdaydate",
    "Gender": "gender sex",
    "PartyType": "partytype",
    "BusinessName": "company companyname business businessname organization organisation employer",
    "AccountNumber": "account accountnumber accountid accountno customernumber customerno",
    "AdditionalInformation": "additionalinformation additionalinfo",
}
"""Field of the standard profile -> what columns that belong there are called, without spaces and
case.
"""
ADDRESS_NAMES = {
    "Address1": "address address1 addressline1 line1 street street1 streetaddress addrline1",
    "Address2": "address2 addressline2 line2 street2 addrline2",
    "Address3": "address3 addressline3 line3",
    "Address4": "address4 addressline4 line4",
    "City": "city town locality addresscity addrcity",
    "County": "county",
    "State": "state region statecode addressstate addrstate",
    "Province": "province provincecode",
    "Country": "country countrycode countryname addresscountry addrcountry",
    "PostalCode": "zip zipcode postal postalcode postcode addresszip addrpostalcode",
}
ADDRESS_KINDS = {
    "billing": "BillingAddress",
    "shipping": "ShippingAddress",
    "delivery": "ShippingAddress",
    "mailing": "MailingAddress",
}
CONTENT_TYPES = {"EmailAddress": "EMAIL_ADDRESS", "PhoneNumber": "PHONE_NUMBER", "Name": "NAME"}
"""End of a field's name -> the content type of what it holds."""
PROFILE_KEYS = {
    "AccountNumber": "_account",
    "EmailAddress": "_email",
    "PersonalEmailAddress": "_email",
    "BusinessEmailAddress": "_email",
    "PhoneNumber": "_phone",
    "MobilePhoneNumber": "_phone",
    "HomePhoneNumber": "_phone",
    "BusinessPhoneNumber": "_phone",
}
ID_WORDS = frozenset({"id", "uuid", "guid", "key"})

_STANDARD = {name: path for path, names in NAMES.items() for name in names.split()}
_ADDRESS = {name: path for path, names in ADDRESS_NAMES.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class _Found:
    """A column with a name as a field, and the path of the standard profile it goes to."""

    name: str
    column: Column
    path: str

    def as_field(self) -> dict[str, str]:
        return {
            "Source": self.column.source or "",
            "Target": f"{standard_objects.PROFILE}.{self.path}",
            "ContentType": self._content_type(),
        }

    def _content_type(self) -> str:
        if "." in self.path or self.path == "BusinessName":
            return "STRING"
        ends = (kind for end, kind in CONTENT_TYPES.items() if self.path.endswith(end))
        return next(ends, "STRING")


def detect(objects: Sequence[str]) -> list[dict[str, Any]]:
    """At most one object type that fits the samples; BadRequest when one is no JSON object, or
    has too much.
    """
    columns = columns_of([_parse(text) for text in objects])
    time_column, time_format = _time_column(columns)
    found = _place(columns, time_column)
    if not found:
        return []
    keys = _keys(found)
    detected: dict[str, Any] = {
        "Fields": {each.name: each.as_field() for each in found},
        "Keys": keys,
    }
    if time_format:
        detected["SourceLastUpdatedTimestampFormat"] = time_format
    return [detected]


def _parse(text: str) -> Mapping[str, Any]:
    try:
        sample = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadRequest("Could not parse object string into JSON") from error
    if not isinstance(sample, dict):
        raise BadRequest("Could not parse object string into JSON")
    return sample


def _time_column(columns: Sequence[Column]) -> tuple[Column | None, str | None]:
    """The first column that says when its object was last changed, and how to read it."""
    for column in columns:
        texts = [text for text in column.texts if text]
        if not TIME_WORDS & set(column.own_words) or not texts or column.source is None:
            continue
        for expression, time_format in TIME_FORMATS:
            parse = timestamp_format.compile_format(time_format)
            if all(re.fullmatch(expression, text, re.ASCII) and parse(text) for text in texts):
                return column, time_format
    return None, None


def _place(columns: Sequence[Column], time_column: Column | None) -> list[_Found]:
    """Give each column a name and a path, no path twice; what fits nowhere is left out."""
    found: list[_Found] = []
    names: set[str] = set()
    paths: set[str] = set()
    for column in columns:
        if column.source is None:
            continue
        name = _field_name(column, names)
        path = standard_objects.SOURCE_TIME if column is time_column else _standard_path(column)
        if path is None or path in paths:
            path = f"Attributes.{name}"
        if column.longest > standard_objects.text_limit(path):
            continue
        names.add(name)
        paths.add(path)
        found.append(_Found(name, column, path))
    return found


def _field_name(column: Column, taken: set[str]) -> str:
    """A name that can be in a key: without dots, beginning with a letter, not taken."""
    text = re.sub(r"[^a-zA-Z0-9_-]+", "_", "_".join(column.path)).lstrip("_-0123456789")
    name = text[:LONGEST_NAME] or "field"
    number = 2
    while name in taken or name in RESERVED_NAMES:
        end = f"_{number}"
        name = (text or "field")[: LONGEST_NAME - len(end)] + end
        number += 1
    return name


def _standard_path(column: Column) -> str | None:
    own = "".join(column.own_words)
    kind = next((ADDRESS_KINDS[word] for word in column.words if word in ADDRESS_KINDS), None)
    if kind is None:
        standard = _STANDARD.get(own) or _STANDARD.get("".join(column.words))
        if standard:
            return standard
    else:
        own = "".join(word for word in column.own_words if word not in ADDRESS_KINDS)
    address = _ADDRESS.get(own)
    return f"{kind or 'Address'}.{address}" if address else None


def _keys(found: Sequence[_Found]) -> dict[str, list[dict[str, Any]]]:
    """A UNIQUE key and PROFILE keys; none at all when no column could be unique."""
    linking = [each for each in found if each.path in PROFILE_KEYS]
    candidates = sorted(
        (each for each in found if _is_id(each) and each.column.is_always_different),
        key=lambda each: (len(each.column.path), each.column.own_words != ("id",)),
    )
    unique = next(
        (each for each in (*candidates, *linking) if each.column.is_always_different), None
    )
    if unique is None:
        return {}
    keys: dict[str, list[dict[str, Any]]] = {}
    if unique not in linking:
        # An object needs a value of some PROFILE key; where nothing else always links, its id.
        always_linked = any(None not in each.column.texts for each in linking)
        identifiers = ["UNIQUE"] if always_linked else ["UNIQUE", "PROFILE"]
        keys[unique.name] = [_entry(unique, identifiers)]
    for each in linking:
        identifiers = ["UNIQUE", "PROFILE"] if each is unique else ["PROFILE"]
        keys.setdefault(PROFILE_KEYS[each.path], []).append(_entry(each, identifiers))
    return keys


def _is_id(found: _Found) -> bool:
    words = found.column.own_words
    return bool(words) and words[-1] in ID_WORDS


def _entry(found: _Found, identifiers: list[str]) -> dict[str, Any]:
    return {"StandardIdentifiers": identifiers, "FieldNames": [found.name]}
