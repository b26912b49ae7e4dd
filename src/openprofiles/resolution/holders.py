"""Whose a phone or an e-mail address is, told by the records that have it: what `features.py` says
in SQL of a whole table.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from openprofiles.resolution.features import (
    CROWD,
    DERIVED,
    HOUSEHOLD,
    MANY_EMAIL_INITIALS,
    MANY_HOLDERS,
    MANY_PHONE_INITIALS,
    OFFICE,
    PERSONAL,
    ROLE,
    SHARED,
)
from openprofiles.resolution.normalising import emails
from openprofiles.resolution.record import Features

Value = TypeVar("Value", int, str)

_ROLES = frozenset(emails.ROLES.split("|"))
_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz")


def phone_kinds(about: Iterable[Features], records: Iterable[Features]) -> dict[int, int]:
    """The kind of each phone of the records in `about`, if its holders are among `records`."""
    holders = _none_yet(number for record in about for number, _ in record.phones)
    for record in records:
        for number, _ in record.phones:
            if number in holders:
                holders[number].append(record)
    return {number: _phone_kind(number, found) for number, found in holders.items()}


def email_kinds(about: Iterable[Features], records: Iterable[Features]) -> dict[str, int]:
    """The kind of each e-mail address of the records in `about`, if its holders are among
    `records`.
    """
    holders = _none_yet(address for record in about for address, _ in record.emails)
    for record in records:
        for address, _ in record.emails:
            if address in holders:
                holders[address].append(record)
    return {address: _email_kind(address, found) for address, found in holders.items()}


def _none_yet(values: Iterable[Value]) -> dict[Value, list[Features]]:
    return {value: [] for value in values}


def _phone_kind(number: int, holders: Sequence[Features]) -> int:
    firsts, lasts = _initials(holders)
    is_office = any(record.work_phone == number for record in holders)
    if _are_many(holders, firsts, lasts) or firsts > MANY_PHONE_INITIALS:
        return CROWD
    if is_office or (firsts > 1 and lasts > 2):
        return OFFICE
    return HOUSEHOLD if firsts > 1 else PERSONAL


def _email_kind(address: str, holders: Sequence[Features]) -> int:
    firsts, lasts = _initials(holders)
    is_role = address.split("@")[0] in _ROLES
    if is_role or _are_many(holders, firsts, lasts) or firsts > MANY_EMAIL_INITIALS:
        return ROLE
    if firsts > 1:
        return SHARED
    is_derived = any(emails.spells(address, r.first_name, r.last_name) for r in holders)
    return DERIVED if is_derived else PERSONAL


def _are_many(holders: Sequence[Features], firsts: int, lasts: int) -> bool:
    # One person may well have fifty records; then all bear one name.
    return len(holders) > MANY_HOLDERS and not (firsts == 1 and lasts == 1)


def _initials(holders: Sequence[Features]) -> tuple[int, int]:
    """How many initials of first and of last names they have."""
    firsts = {(record.counted or record.first_name or "")[:1] for record in holders}
    lasts = {(record.last_name or "")[:1] for record in holders}
    return len(firsts & _ALPHABET), len(lasts & _ALPHABET)
