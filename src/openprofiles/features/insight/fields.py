"""How good the fields of profiles are: how many are filled, can be used, and say something of
their own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from openprofiles.features.insight.shapes import shape_of

MOST_SHOWN = 5
"""Shapes and values of a field that are shown."""

LEAST_SHARE, LEAST_COUNT = 0.005, 3
"""How frequent a value must be to be shown: what one profile has is nobody's pattern."""

HOME = "US"
"""Where a phone number is dialled whose profile names no country, as identity resolution has it."""


class Kind(StrEnum):
    """What a field holds, which says when it can be used."""

    PHONE = "PHONE"
    EMAIL = "EMAIL"
    DATE = "DATE"
    NAME = "NAME"
    TEXT = "TEXT"
    OTHER = "OTHER"


STANDARD: Final[Mapping[str, Kind]] = {
    "AccountNumber": Kind.TEXT,
    "FirstName": Kind.NAME,
    "MiddleName": Kind.NAME,
    "LastName": Kind.NAME,
    "BusinessName": Kind.NAME,
    "BirthDate": Kind.DATE,
    "GenderString": Kind.TEXT,
    "PartyTypeString": Kind.TEXT,
    "ProfileType": Kind.TEXT,
    "PhoneNumber": Kind.PHONE,
    "MobilePhoneNumber": Kind.PHONE,
    "HomePhoneNumber": Kind.PHONE,
    "BusinessPhoneNumber": Kind.PHONE,
    "EmailAddress": Kind.EMAIL,
    "PersonalEmailAddress": Kind.EMAIL,
    "BusinessEmailAddress": Kind.EMAIL,
    "AdditionalInformation": Kind.TEXT,
    "EngagementPreferences": Kind.OTHER,
    "Address.Address1": Kind.TEXT,
    "Address.City": Kind.TEXT,
    "Address.PostalCode": Kind.TEXT,
    "Address.State": Kind.TEXT,
    "Address.Country": Kind.TEXT,
}
"""Fields that are told of even where no profile has them, in their order. Others come after."""

_NOTHING = frozenset(
    ("-", "--", ".", "?", "n/a", "null", "nil", "undefined", "unknown", "xxx", "tbd", "tba")
)
_NO_NAME = _NOTHING | {"na", "no", "none", "test", "tester", "x", "xx"}
"""What stands for a value and is none."""


@dataclass(slots=True)
class Field:
    """What is counted of one field."""

    kind: Kind
    filled: int = 0
    valid: int = 0
    values: Counter[str] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)

    def as_response(self, name: str, *, shows_values: bool) -> dict[str, Any]:
        """The field as our operation shows it."""
        least = max(LEAST_COUNT, LEAST_SHARE * self.filled)
        frequent = [
            {"Value": value, "Count": count}
            for value, count in self.values.most_common(MOST_SHOWN)
            if shows_values and count >= least
        ]
        return {
            "Field": name,
            "Kind": self.kind.value,
            "Filled": self.filled,
            "Valid": self.valid,
            "Distinct": len(self.values),
            "Shapes": [
                {"Shape": shape, "Count": count}
                for shape, count in self.shapes.most_common(MOST_SHOWN)
            ],
            "Values": frequent,
        }


def count_fields(profiles: Iterable[Mapping[str, Any]], today: date) -> dict[str, Field]:
    """What is counted of each field of these profiles: the standard ones, then the others, those
    that most have first.
    """
    found = {name: Field(kind) for name, kind in STANDARD.items()}
    for profile in profiles:
        country = str(profile.get("Address.Country") or HOME).strip().upper()
        for name, value in profile.items():
            one = found.get(name) or found.setdefault(name, Field(Kind.TEXT))
            _add(one, value, country, today)
    standard = {name: found.pop(name) for name in STANDARD}
    others = sorted(found.items(), key=lambda item: (-item[1].filled, item[0]))
    return standard | dict(others)


def _add(one: Field, value: Any, country: str, today: date) -> None:
    if not isinstance(value, str):
        one.filled += 1
        one.valid += 1
        one.kind = Kind.OTHER
        return
    if not value or value.isspace():
        return
    one.filled += 1
    one.shapes[shape_of(value.strip())] += 1
    read = _READERS[one.kind](value, country, today)
    one.valid += read is not None
    one.values[value.strip().casefold() if read is None else read] += 1


def _unless(nothing: frozenset[str]) -> Callable[[str, str, date], str | None]:
    def read(text: str, _: str, __: date) -> str | None:
        plain = " ".join(text.casefold().split())
        return None if plain in nothing else plain

    return read


def _engine() -> Any:
    # Imported here, as the engine is elsewhere: it takes half a second, and brings a thread, which
    # the process that all others are made from must not have.
    from openprofiles import resolution

    return resolution


_READERS: Final[Mapping[Kind, Callable[[str, str, date], str | None]]] = {
    Kind.PHONE: lambda text, country, _: _engine().read_phone(text, country),
    Kind.EMAIL: lambda text, _, __: _engine().read_email(text),
    Kind.DATE: lambda text, _, today: _engine().read_birth_date(text, today),
    Kind.NAME: _unless(_NO_NAME),
    Kind.TEXT: _unless(_NOTHING),
    Kind.OTHER: _unless(_NOTHING),
}
"""The one form of a value by the kind of its field; None when it cannot be used."""
