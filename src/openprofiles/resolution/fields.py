"""What may be matched on: standard profile fields and identifiers, and how a file's columns are
mapped to them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

PHONES = ("PhoneNumber", "HomePhoneNumber", "MobilePhoneNumber", "BusinessPhoneNumber")
EMAILS = ("EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress")
NAMES = ("FirstName", "MiddleName", "LastName", "FullName")
PLACE = ("Address1", "City", "PostalCode", "Country")
STANDARD = (*NAMES, "BirthDate", *PHONES, *EMAILS, "BusinessName", *PLACE)
MOST_IDENTIFIERS = 8

_OTHER_SPELLINGS = {
    "first": "FirstName",
    "givenname": "FirstName",
    "forename": "FirstName",
    "middle": "MiddleName",
    "last": "LastName",
    "surname": "LastName",
    "familyname": "LastName",
    "name": "FullName",
    "dob": "BirthDate",
    "dateofbirth": "BirthDate",
    "birthday": "BirthDate",
    "phone": "PhoneNumber",
    "mobile": "MobilePhoneNumber",
    "mobilephone": "MobilePhoneNumber",
    "homephone": "HomePhoneNumber",
    "workphone": "BusinessPhoneNumber",
    "email": "EmailAddress",
    "personalemail": "PersonalEmailAddress",
    "workemail": "BusinessEmailAddress",
    "company": "BusinessName",
    "organization": "BusinessName",
    "address": "Address1",
    "street": "Address1",
    "addressaddress1": "Address1",
    "addresscity": "City",
    "addresspostalcode": "PostalCode",
    "addresscountry": "Country",
    "zip": "PostalCode",
    "zipcode": "PostalCode",
    "postcode": "PostalCode",
}


class MappingError(ValueError):
    """A column mapping that cannot work; the text says which part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """Which columns hold which field.

    A field of several columns joins them with a blank (`street_number`, `street`). `identifiers`
    are columns whose equal values speak for one person (account numbers, passports); two different
    values in one of `guarded` (names of identifiers) are never merged. `country` is how phone
    numbers without one are dialled.

    `kept` are the columns of values that were normalised before (`kept.py`), in place of fields.
    """

    id: str
    fields: Mapping[str, tuple[str, ...]]
    identifiers: tuple[str, ...] = ()
    guarded: frozenset[str] = field(default_factory=frozenset)
    country: str = "US"
    kept: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unknown = sorted(set(self.fields) - set(STANDARD))
        if unknown:
            raise MappingError(f"no such profile field: {', '.join(unknown)}")
        if len(self.identifiers) > MOST_IDENTIFIERS:
            raise MappingError(f"at most {MOST_IDENTIFIERS} identifiers can be matched on")
        if not self.guarded <= set(self.identifiers):
            raise MappingError("a guarded field must be one of the identifiers")

    def columns(self) -> set[str]:
        """Every column that is read."""
        return {
            self.id,
            *self.identifiers,
            *self.kept,
            *(name for names in self.fields.values() for name in names),
        }


def guess_mapping(columns: Iterable[str], *, id_column: str, country: str = "US") -> ColumnMapping:
    """Map the columns whose names are those of profile fields, or a usual spelling of one."""
    known = {name.lower(): name for name in STANDARD} | _OTHER_SPELLINGS
    fields: dict[str, tuple[str, ...]] = {}
    identifiers: list[str] = []
    for column in columns:
        plain = "".join(character for character in column.lower() if character.isalnum())
        if column == id_column:
            continue
        if plain == "accountnumber":
            identifiers.append(column)
        elif plain in known and known[plain] not in fields:
            fields[known[plain]] = (column,)
    return ColumnMapping(
        id=id_column, fields=fields, identifiers=tuple(identifiers), country=country
    )
