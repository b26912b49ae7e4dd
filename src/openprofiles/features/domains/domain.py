"""A domain, and how its configuration changes and shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openprofiles.features.domains import matching

CLEARED_BY_EMPTY_TEXT = ("DefaultEncryptionKey", "DeadLetterQueueUrl")
MEMBERS = (
    "DefaultExpirationDays",
    *CLEARED_BY_EMPTY_TEXT,
    "Matching",
    "RuleBasedMatching",
    "DataStore",
)
"""The members of CreateDomain and UpdateDomain that make up a configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One domain; `configuration` is what callers gave, defaults are added when it is shown."""

    id: int
    name: str
    configuration: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    has_tombstones: bool = False
    """Whether objects of erased people are stopped; told to those who asked for one domain."""

    @property
    def default_expiration_days(self) -> int:
        """Days that objects without a value of their own, and unwritten profiles, are kept."""
        days: int = self.configuration["DefaultExpirationDays"]
        return days

    @property
    def matching(self) -> Mapping[str, Any]:
        """The Matching block with the defaults that apply; not enabled when there is none."""
        return matching.shown_matching(self.configuration.get("Matching") or {"Enabled": False})

    def as_response(self, tags: Mapping[str, str], rule_status: str | None) -> dict[str, Any]:
        """The domain in the shape of Create-, Update- and GetDomain; `rule_status` is how far its
        rules are applied, if it has any.
        """
        shown = _shown_blocks(self.configuration)
        if rule_status is not None:
            shown["RuleBasedMatching"]["Status"] = rule_status
        return {
            "DomainName": self.name,
            **self.configuration,
            **shown,
            **self._moments(),
            "Tags": dict(tags),
        }

    def as_list_item(self, tags: Mapping[str, str]) -> dict[str, Any]:
        """The domain in the shape of an item of ListDomains."""
        return {"DomainName": self.name, **self._moments(), "Tags": dict(tags)}

    def _moments(self) -> dict[str, datetime]:
        return {"CreatedAt": self.created_at, "LastUpdatedAt": self.updated_at}


def configured(current: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """`current` with the `given` members: absent keeps, empty text clears, a block is replaced."""
    changes = {member: given[member] for member in MEMBERS if given.get(member) is not None}
    merged = {**current, **changes}
    return {
        member: value
        for member, value in merged.items()
        if not (member in CLEARED_BY_EMPTY_TEXT and value == "")
    }


def _shown_blocks(configuration: Mapping[str, Any]) -> dict[str, Any]:
    shown = {
        "Matching": matching.shown_matching,
        "RuleBasedMatching": matching.effective_rules,
        "DataStore": _shown_data_store,
    }
    return {
        member: show(configuration[member])
        for member, show in shown.items()
        if member in configuration
    }


def _shown_data_store(given: Mapping[str, Any]) -> dict[str, Any]:
    if not given.get("Enabled"):
        return {"Enabled": False}
    return {
        "Enabled": True,
        "Readiness": {
            "ProgressPercentage": 0,
            "Message": "The setting is stored; this version of openprofiles has no data store yet",
        },
    }
