"""The file of matches that a job leaves in a bucket: CSV, a row for each profile (core reference
§8.3).
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Any

from openprofiles.core.ids import Id

_MEMBERS = (
    "AccountNumber",
    "AdditionalInformation",
    "PartyType",
    "BusinessName",
    "FirstName",
    "LastName",
    "BirthDate",
    "Gender",
    "PhoneNumber",
    "MobilePhoneNumber",
    "HomePhoneNumber",
    "BusinessPhoneNumber",
    "EmailAddress",
    "PersonalEmailAddress",
    "BusinessEmailAddress",
)
_PARTS = (
    *("Address1", "Address2", "Address3", "Address4"),
    *("City", "County", "State", "Province", "Country", "PostalCode"),
)
_ADDRESSES = ("Address", "ShippingAddress", "MailingAddress", "BillingAddress")
_COLUMNS = (*_MEMBERS, *(f"{address}.{part}" for address in _ADDRESSES for part in _PARTS))
_KEPT_AS = {"Gender": "GenderString", "PartyType": "PartyTypeString"}
_CUSTOM = "Attributes."

HEADER = ("MatchingGroupId", "ConfidenceScore", "ProfileId", *_COLUMNS, "Attributes")


def file_name(domain_name: str, part: int) -> str:
    """The name of a part, counted from 1."""
    return f"CustomerProfilesPendingMatches-{domain_name}-part-{part}.csv"


def header_line() -> bytes:
    """The first line of each part."""
    return _as_lines([HEADER])


def lines(
    number: int, confidence: float | None, members: Iterable[tuple[Id, Mapping[str, Any]]]
) -> bytes:
    """The lines of a group: its number and score again in each."""
    score = "" if confidence is None else f"{confidence:.6f}"
    return _as_lines(
        (
            str(number),
            score,
            profile_id,
            *(str(fields.get(_KEPT_AS.get(name, name)) or "") for name in _COLUMNS),
            _attributes(fields),
        )
        for profile_id, fields in members
    )


def _attributes(fields: Mapping[str, Any]) -> str:
    pairs = [
        f"{path.removeprefix(_CUSTOM)}={value}"
        for path, value in fields.items()
        if path.startswith(_CUSTOM)
    ]
    return f"{{{', '.join(pairs)}}}" if pairs else ""


def _as_lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def in_parts(groups: Iterable[tuple[int, bytes]], rows: int) -> Iterator[Iterator[bytes]]:
    """Groups (their number of rows and lines) in parts of about `rows` rows, each with a header, at
    least one; a part is to be read before the next one is asked for.
    """
    waiting = iter(groups)
    following = next(waiting, None)

    def part() -> Iterator[bytes]:
        nonlocal following
        yield header_line()
        done = 0
        while following is not None and done < rows:
            done += following[0]
            yield following[1]
            following = next(waiting, None)

    yield part()
    while following is not None:
        yield part()
