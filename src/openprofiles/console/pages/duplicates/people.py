"""Profiles as people are called, and where they are reached."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from openprofiles.console.visit import ask

AT_ONCE = 20
"""Profiles that BatchGetProfile takes."""

NAMELESS = "Without a name"
REACHED_BY = (
    "EmailAddress",
    "PersonalEmailAddress",
    "BusinessEmailAddress",
    "PhoneNumber",
    "MobilePhoneNumber",
    "HomePhoneNumber",
    "BusinessPhoneNumber",
    "AccountNumber",
)

Profile = Mapping[str, Any]


def read(domain_name: str, profile_ids: Iterable[str]) -> dict[str, Profile]:
    """Those of the profiles that are there, by their ids."""
    wanted = iter(dict.fromkeys(profile_ids))
    found: dict[str, Profile] = {}
    while some := list(islice(wanted, AT_ONCE)):
        answer = ask("BatchGetProfile", DomainName=domain_name, ProfileIds=some)
        found |= {profile["ProfileId"]: profile for profile in answer["Profiles"]}
    return found


def name_of(profile: Profile) -> str:
    """What somebody, or a business, is called."""
    parts = (profile.get(part) for part in ("FirstName", "MiddleName", "LastName"))
    return " ".join(filter(None, parts)) or profile.get("BusinessName") or NAMELESS


def reach_of(profile: Profile | None) -> str | None:
    """Where they are reached, or what tells them from others of their name."""
    held = profile or {}
    return next((held[name] for name in REACHED_BY if held.get(name)), None)


def distinct(texts: Iterable[str | None]) -> tuple[str, ...]:
    """The texts that there are, each once, however it is written."""
    kept: dict[str, str] = {}
    for text in texts:
        if text:
            kept.setdefault(text.casefold(), text)
    return tuple(kept.values())


def names_of(profiles: Mapping[str, Profile], profile_ids: Sequence[str]) -> tuple[str, ...]:
    """The names of some profiles, each once."""
    return distinct(name_of(profiles[one]) for one in profile_ids if one in profiles)


def named(profiles: Mapping[str, Profile], profile_id: str) -> str:
    """A profile by its name and where it is reached; by its id when it is gone meanwhile."""
    profile = profiles.get(profile_id)
    if profile is None:
        return profile_id
    return ", ".join(filter(None, (name_of(profile), reach_of(profile))))
