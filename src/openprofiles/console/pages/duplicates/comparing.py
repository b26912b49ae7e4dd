"""Profiles side by side: what agrees, what differs, from whom each field is taken; pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from openprofiles.console.pages.duplicates.people import Profile

LABELS = {
    "PartyType": "Kind of party",
    "BusinessName": "Business",
    "FirstName": "First name",
    "MiddleName": "Middle name",
    "LastName": "Last name",
    "BirthDate": "Birth date",
    "Gender": "Gender",
    "EmailAddress": "E-mail",
    "PersonalEmailAddress": "Personal e-mail",
    "BusinessEmailAddress": "Business e-mail",
    "PhoneNumber": "Phone",
    "MobilePhoneNumber": "Mobile phone",
    "HomePhoneNumber": "Home phone",
    "BusinessPhoneNumber": "Business phone",
    "Address": "Address",
    "ShippingAddress": "Shipping address",
    "MailingAddress": "Mailing address",
    "BillingAddress": "Billing address",
    "AccountNumber": "Account number",
    "AdditionalInformation": "More",
    "ProfileType": "Kind of profile",
    "EngagementPreferences": "Preferences",
}
"""The fields that are chosen one by one, in the order in which people look at them."""

KEPT_AS = {"PartyType": "PartyTypeString", "Gender": "GenderString"}
ATTRIBUTES = "Attributes"
ADDRESS_LINES = (
    ("Address1",),
    ("Address2",),
    ("Address3",),
    ("Address4",),
    ("PostalCode", "City"),
    ("County", "Province", "State", "Country"),
)

Mark = Literal["main", "same", "differs", "adds", "none"]
MARKS: dict[Mark, tuple[str, str]] = {
    "main": ("", ""),
    "same": ("=", "the same as in the main profile"),
    "differs": ("≠", "differs from the main profile"),
    "adds": ("+", "the main profile has none"),
    "none": ("", ""),
}
"""What stands beside a value, since colours do not tell everybody, and what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one profile has in a field, beside what the main one has."""

    profile_id: str
    text: str | None
    mark: Mark
    is_source: bool

    @property
    def sign(self) -> str:
        """What stands beside the value."""
        return MARKS[self.mark][0]

    @property
    def meaning(self) -> str:
        """What that means."""
        return MARKS[self.mark][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A field of all profiles; `is_choice` when there are several values to choose from."""

    field: str
    label: str
    cells: tuple[Cell, ...]
    is_choice: bool

    @property
    def differs(self) -> bool:
        """Whether two of them contradict each other."""
        return any(cell.mark == "differs" for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody chose: the main profile, those that are merged (the main one included), and
    from which profile fields are taken.
    """

    main: str
    included: tuple[str, ...]
    sources: Mapping[str, str]

    def as_merge(self) -> dict[str, Any]:
        """The choice as MergeProfiles has it."""
        sources: dict[str, Any] = {}
        for field, profile_id in self.sources.items():
            if profile_id not in self.included:
                continue
            group, _, name = field.partition(".")
            if group == ATTRIBUTES:
                sources.setdefault(ATTRIBUTES, {})[name] = profile_id
            else:
                sources[field] = profile_id
        merge: dict[str, Any] = {
            "MainProfileId": self.main,
            "ProfileIdsToBeMerged": [one for one in self.included if one != self.main],
        }
        return merge | ({"FieldSourceProfileIds": sources} if sources else {})


def compare(profiles: Sequence[Profile], choice: Choice) -> tuple[Row, ...]:
    """The fields that any of the profiles has."""
    values = {profile["ProfileId"]: values_of(profile) for profile in profiles}
    order = [field for field in LABELS if any(field in held for held in values.values())]
    custom = {field for held in values.values() for field in held if field not in LABELS}
    return tuple(_row(field, values, choice) for field in [*order, *sorted(custom)])


def values_of(profile: Profile) -> dict[str, str]:
    """What a profile has, as text, by field."""
    found: dict[str, str] = {}
    for field in LABELS:
        value = profile.get(KEPT_AS.get(field, field)) or profile.get(field)
        text = _as_text(value)
        if text:
            found[field] = text
    attributes = sorted((profile.get(ATTRIBUTES) or {}).items())
    return found | {f"{ATTRIBUTES}.{name}": value for name, value in attributes}


def label_of(field: str) -> str:
    """What a field is called."""
    return LABELS.get(field) or field.removeprefix(f"{ATTRIBUTES}.")


def _row(field: str, values: Mapping[str, Mapping[str, str]], choice: Choice) -> Row:
    main = values.get(choice.main, {}).get(field)
    source = _source(field, values, choice)
    return Row(
        field=field,
        label=label_of(field),
        cells=tuple(
            Cell(
                profile_id=profile_id,
                text=held.get(field),
                mark=_mark(held.get(field), main, is_main=profile_id == choice.main),
                is_source=profile_id == source,
            )
            for profile_id, held in values.items()
        ),
        is_choice=len({_alike(held[field]) for held in values.values() if field in held}) > 1,
    )


def _source(field: str, values: Mapping[str, Mapping[str, str]], choice: Choice) -> str | None:
    """From whom a field is taken: whom somebody chose, else the main profile, else the first of the
    others that has it, as MergeProfiles does.
    """
    wanted = (choice.sources.get(field), choice.main, *choice.included)
    able = (one for one in wanted if one in choice.included and field in values.get(one or "", {}))
    return next(able, None)


def _mark(text: str | None, main: str | None, *, is_main: bool) -> Mark:
    if text is None:
        return "none"
    if is_main:
        return "main"
    if main is None:
        return "adds"
    return "same" if _alike(text) == _alike(main) else "differs"


def _alike(text: str) -> str:
    """A text without what nobody means: case and space."""
    return " ".join(text.casefold().split())


def _as_text(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return value or None
    if any(name in value for group in ADDRESS_LINES for name in group):
        lines = (" ".join(filter(None, map(value.get, group))) for group in ADDRESS_LINES)
        return "\n".join(filter(None, lines)) or None
    return json.dumps(value, ensure_ascii=False) if value else None


def read_choice(
    profile_ids: Sequence[str],
    *,
    main: str | None = None,
    included: Iterable[str] | None = None,
    sources: Mapping[str, str] | None = None,
) -> Choice:
    """What was chosen among some profiles, all of them where `included` is None; what names no
    other than these is passed over. The main profile is always one of the merged.
    """
    wanted = set(profile_ids) if included is None else set(included)
    kept = [one for one in profile_ids if one in wanted]
    chosen = main if main is not None and main in profile_ids else (kept or [*profile_ids])[0]
    if chosen not in kept:
        kept = [one for one in profile_ids if one in wanted or one == chosen]
    named = {field: one for field, one in (sources or {}).items() if one in profile_ids}
    return Choice(main=chosen, included=tuple(kept), sources=named)
