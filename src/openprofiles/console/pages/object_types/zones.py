"""Places that a mapping can fill, and what the sample puts there; members are dropped on them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openprofiles.console.pages.object_types.words import RECORDS, place_of

GROUPS = {
    "Name": "FirstName MiddleName LastName BirthDate Gender",
    "Contact": "EmailAddress PersonalEmailAddress BusinessEmailAddress PhoneNumber"
    " MobilePhoneNumber HomePhoneNumber BusinessPhoneNumber",
    "Address": "Address.",
    "Shipping address": "ShippingAddress.",
    "Mailing address": "MailingAddress.",
    "Billing address": "BillingAddress.",
    "Account": "AccountNumber BusinessName PartyType ProfileType AdditionalInformation",
    "When the source changed it": "SourceLastUpdatedTimestamp",
}
"""Group of the standard profile -> its fields, or the object that they are in."""
ALWAYS_OPEN = ("Name", "Contact")
ATTRIBUTES = "_profile.Attributes."


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One place: what it is called, what the sample puts there, which member is mapped to it.

    `state` is `changed` or `kept` where the object joins a profile that had something there.
    """

    target: str
    label: str
    value: str
    source: str
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Places that belong together."""

    title: str
    is_open: bool
    zones: tuple[Zone, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What fills places: their values, the members mapped to them, and what is special of some."""

    values: Mapping[str, str]
    sources: Mapping[str, str]
    states: Mapping[str, str]

    def zone(self, target: str) -> Zone:
        """The zone of a target."""
        return Zone(
            target=target,
            label=_label(target),
            value=self.values.get(target, ""),
            source=self.sources.get(target, ""),
            state=self.states.get(target, ""),
        )

    def group(self, title: str, targets: Iterable[str], *, is_open: bool) -> Group:
        """A group; one with something in it is open anyway."""
        zones = tuple(map(self.zone, targets))
        is_used = any(zone.value or zone.source for zone in zones)
        return Group(title=title, is_open=is_open or is_used, zones=zones)


def _label(target: str) -> str:
    """What a place is called inside its group."""
    place = place_of(target)
    if target.startswith("_profile."):
        return place.partition(", ")[2] or place
    return place.partition(": ")[2] or place


def groups_of_profile(filled: Filled, targets: Sequence[str]) -> Iterator[Group]:
    """The places of the standard profile."""
    for title, members in GROUPS.items():
        prefixes = tuple(f"_profile.{member}" for member in members.split())
        inside = [
            target
            for target in targets
            if target in prefixes or (members.endswith(".") and target.startswith(prefixes))
        ]
        yield filled.group(title, inside, is_open=title in ALWAYS_OPEN)
    own = [
        target
        for target in dict.fromkeys((*filled.sources, *filled.values))
        if target.startswith(ATTRIBUTES) and target != ATTRIBUTES
    ]
    yield filled.group("Attributes", (*own, ATTRIBUTES), is_open=True)


def group_of_record(filled: Filled, name: str, targets: Sequence[str]) -> Group:
    """The places of another standard object."""
    known = set(targets)
    more = [
        target
        for target in dict.fromkeys((*filled.sources, *filled.values))
        if target.startswith(f"{name}.") and target not in known
    ]
    title = RECORDS.get(name, name).capitalize()
    return filled.group(title, (*targets, *more), is_open=True)


def flat(name: str, content: Mapping[str, Any]) -> dict[str, str]:
    """The values of a profile or record by target, as text."""
    found: dict[str, str] = {}
    for member, value in content.items():
        path = f"{name}.{member}"
        if isinstance(value, Mapping):
            found |= flat(path, value)
        else:
            found[path] = value if isinstance(value, str) else str(value)
    return found
