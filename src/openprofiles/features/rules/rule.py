"""Matching rules: which values of a profile have to meet those of another, level by level (core
reference §8.5).

Pure: from a profile's flat fields to digests. Two profiles match on a level when they share one of
its digests.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any

import msgspec

from openprofiles.core.ids import Id
from openprofiles.features import domains, object_types

LEVELS = 15
"""The most levels that a domain's rules can have."""

ADDRESS_LINES = ("Address1", "Address2", "Address3", "Address4")

_CONTENT_TYPES = {
    "PhoneNumber": "PHONE_NUMBER",
    "EmailAddress": "EMAIL_ADDRESS",
    "BusinessName": "NAME",
    "FirstName": "NAME",
    "Gender": "NAME",
    "LastName": "NAME",
    "MiddleName": "NAME",
}
"""Attributes that are equal when they mean the same; all others when they are the same text."""

_FIELDS_OF_TYPES = {
    "Address": ("Address", "ShippingAddress", "MailingAddress", "BillingAddress"),
    "PhoneNumber": ("PhoneNumber", "HomePhoneNumber", "MobilePhoneNumber", "BusinessPhoneNumber"),
    "EmailAddress": ("EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress"),
}
_DOCUMENTED_NAMES = {"BusinessAddress": "BillingAddress", "MaillingAddress": "MailingAddress"}
"""AWS's documentation of AttributeTypesSelector calls two addresses so."""

Fields = Mapping[str, Any]
Part = Callable[[Fields], list[tuple[str, ...]]]
"""The alternatives that a profile has for one part of a rule; none when the part is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a domain: attributes by level, the parts to look at, the last level to merge."""

    levels: tuple[tuple[str, ...], ...]
    selector: Mapping[str, Any]
    parts: tuple[tuple[Part, ...], ...] = field(compare=False)
    merging_level: int
    resolution: Mapping[str, Any]

    def offer_the_same(self, other: "Rules") -> bool:
        """Whether every profile has the same values by the other rules."""
        return (self.levels, self.selector) == (other.levels, other.selector)

    def values(self, fields: Fields) -> Iterator[tuple[int, Id]]:
        """`(level, digest)` of all that a profile can be matched by; a level with an attribute
        that the profile lacks has none.
        """
        for level, parts in enumerate(self.parts, 1):
            alternatives = [part(fields) for part in parts]
            if all(alternatives):
                for digest in {_digest(chosen) for chosen in product(*alternatives)}:
                    yield level, digest


def compile_rules(configuration: Mapping[str, Any]) -> Rules | None:
    """The rules of a domain's configuration; None when rule-based matching is off."""
    block = configuration.get("RuleBasedMatching")
    if not block or not block["Enabled"]:
        return None
    return _compile(msgspec.json.encode(block))


@lru_cache(maxsize=1000)
def _compile(block: bytes) -> Rules:
    shown = domains.effective_rules(msgspec.json.decode(block))
    selector = shown.get("AttributeTypesSelector") or {}
    limit = shown["MaxAllowedRuleLevelForMatching"]
    levels = tuple(tuple(dict.fromkeys(rule["Rule"])) for rule in shown["MatchingRules"][:limit])
    return Rules(
        levels=levels,
        selector=selector,
        parts=tuple(tuple(_parts(attributes, selector)) for attributes in levels),
        merging_level=shown.get("MaxAllowedRuleLevelForMerging") or 0,
        resolution=shown["ConflictResolution"],
    )


def _digest(parts: Sequence[tuple[str, ...]]) -> Id:
    """128 bits that stand for the values of one level: nothing of a customer's is stored twice."""
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()


def _parts(attributes: Sequence[str], selector: Mapping[str, Any]) -> Iterator[Part]:
    """What to look at for a rule; all that it wants of addresses is one part: of one address."""
    one_to_one = selector.get("AttributeMatchingModel") == "ONE_TO_ONE"
    address_members = []
    for attribute in attributes:
        kind, _, member = attribute.partition(".")
        if kind == "Address":
            address_members.append(member)
        elif kind in _FIELDS_OF_TYPES:
            yield _typed(kind, _selected(kind, selector), one_to_one=one_to_one)
        else:
            yield _plain(attribute)
    if address_members:
        chosen = _selected("Address", selector)
        yield _address(chosen, address_members, one_to_one=one_to_one)


def _selected(kind: str, selector: Mapping[str, Any]) -> list[str]:
    """The fields that stand for an attribute type: those chosen, else all."""
    chosen = selector.get(kind) or _FIELDS_OF_TYPES[kind]
    return list(dict.fromkeys(_DOCUMENTED_NAMES.get(name, name) for name in chosen))


def _plain(attribute: str) -> Part:
    path = "GenderString" if attribute == "Gender" else attribute
    content_type = _CONTENT_TYPES.get(attribute, "STRING")

    def part(fields: Fields) -> list[tuple[str, ...]]:
        value = _normalised(content_type, fields.get(path))
        return [(value,)] if value else []

    return part


def _typed(kind: str, paths: Sequence[str], *, one_to_one: bool) -> Part:
    content_type = _CONTENT_TYPES[kind]

    def part(fields: Fields) -> list[tuple[str, ...]]:
        found: dict[tuple[str, ...], None] = {}
        for path in paths:
            value = _normalised(content_type, fields.get(path))
            if value:
                found[(path, value) if one_to_one else (value,)] = None
        return list(found)

    return part


def _address(addresses: Sequence[str], members: Sequence[str], *, one_to_one: bool) -> Part:
    """Members of an address; `Address` stands for its four lines, of which one has to be there."""

    def part(fields: Fields) -> list[tuple[str, ...]]:
        found: dict[tuple[str, ...], None] = {}
        for address in addresses:
            values = [_member(fields, address, member) for member in members]
            if all(values):
                texts = tuple(text for value in values for text in value)
                found[(address, *texts) if one_to_one else texts] = None
        return list(found)

    return part


def _member(fields: Fields, address: str, member: str) -> list[str]:
    paths = ADDRESS_LINES if member == "Address" else (member,)
    texts = [_normalised("STRING", fields.get(f"{address}.{path}")) for path in paths]
    return texts if any(texts) else []


def _normalised(content_type: str, value: Any) -> str:
    return object_types.normalise_part(content_type, value) if value else ""
