"""A standard profile: flat fields inside, the API's nested members outside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import Id
from openprofiles.features.profiles.provenance import Provenance

MAX_PROFILE_BYTES = 256_000
"""250 KB (core reference §1.6)."""

ALIAS = "_profileId"
"""The key whose values are ids of profiles: a profile's own, and those merged into it."""

ADDRESSES = ("Address", "ShippingAddress", "MailingAddress", "BillingAddress")

_GENDERS = frozenset({"MALE", "FEMALE", "UNSPECIFIED"})
_PARTY_TYPES = frozenset({"INDIVIDUAL", "BUSINESS", "OTHER"})

_NESTED = frozenset({*ADDRESSES, "Attributes"})
_PAIRS = {"Gender": "GenderString", "PartyType": "PartyTypeString"}
"""Members that stand for one value; its text is kept under the second name."""

_MEMBERS = (
    "AccountNumber",
    "AdditionalInformation",
    "PartyType",
    "BusinessName",
    "FirstName",
    "MiddleName",
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
    "PartyTypeString",
    "GenderString",
    "ProfileType",
    "EngagementPreferences",
    *_NESTED,
)

Fields = dict[str, Any]
"""Flat path (`FirstName`, `Address.City`, `Attributes.tier`) -> value; a path that is absent has
no value.
"""


class Profile(msgspec.Struct):
    """A profile in the hands of one transaction; `is_new` and `is_changed` tell the store what to
    write, `has_new_fields` that those who follow profiles want to know.
    """

    id: Id
    created_at: datetime
    written_at: datetime
    fields: Fields = msgspec.field(default_factory=dict)
    provenance: Provenance = msgspec.field(default_factory=dict)
    added_keys: list[tuple[str, str]] = msgspec.field(default_factory=list)
    object_counts: dict[str, int] = msgspec.field(default_factory=dict)
    object_bytes: int = 0
    is_new: bool = False
    is_changed: bool = False
    has_new_fields: bool = False

    @property
    def object_count(self) -> int:
        return sum(self.object_counts.values())

    @property
    def metering_count(self) -> int:
        """How often the profile counts: once for each 100 objects begun (core reference §1.8)."""
        return max(1, -(-self.object_count // 100))

    @property
    def is_merged(self) -> bool:
        """Whether others were merged into it: their ids find it."""
        return any(name == ALIAS for name, _ in self.added_keys)

    def copy(self) -> "Profile":
        """The profile as it is now, untouched by what is done to this one."""
        return msgspec.structs.replace(
            self,
            provenance=dict(self.provenance),
            added_keys=list(self.added_keys),
            object_counts=dict(self.object_counts),
        )


def flatten(request: Mapping[str, Any]) -> Fields:
    """The flat fields that CreateProfile or UpdateProfile gives, empty texts (= remove) included.

    Raises BadRequest when both members of an exclusive pair are given.
    """
    fields: Fields = {}
    for member in _MEMBERS:
        value = request.get(member)
        if value is None:
            continue
        if member in _NESTED:
            fields.update({f"{member}.{name}": part for name, part in value.items()})
        else:
            path = _PAIRS.get(member, member)
            if path in fields:
                raise BadRequest(f"{_pair_of(path)} and {path} cannot be given together")
            fields[path] = value
    return fields


def require_size(profile: Profile) -> None:
    """Raise BadRequest when the profile is larger than a profile may be."""
    if is_too_large(profile.fields):
        raise BadRequest(f"The profile is larger than {MAX_PROFILE_BYTES} bytes")


def is_too_large(fields: Fields) -> bool:
    """Whether fields exceed what a profile may hold."""
    return len(msgspec.json.encode(fields)) > MAX_PROFILE_BYTES


def as_response(profile_id: Id, fields: Fields) -> dict[str, Any]:
    """The `Profile` shape: nested, both members of each pair filled, nothing that has no value."""
    response: dict[str, Any] = {"ProfileId": profile_id}
    for path, value in fields.items():
        member, _, rest = path.partition(".")
        if rest:
            response.setdefault(member, {})[rest] = value
        else:
            response[member] = value
    _fill_pair(response, "Gender", _GENDERS)
    _fill_pair(response, "PartyType", _PARTY_TYPES)
    return response


def _fill_pair(response: dict[str, Any], member: str, values: frozenset[str]) -> None:
    """`Gender` is `GenderString` in the enum's spelling if it is one of its values, else the text
    (§2.3).
    """
    text = response.get(_PAIRS[member])
    if text is not None:
        upper = text.upper()
        response[member] = upper if upper in values else text


def _pair_of(path: str) -> str:
    return next(member for member, text in _PAIRS.items() if text == path)
