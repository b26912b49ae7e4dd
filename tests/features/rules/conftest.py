"""What tests of rules share."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from openprofiles.core.clock import system_clock
from openprofiles.features import domains, rules
from openprofiles.features.context import Context
from openprofiles.features.rules import MatchGroup
from tests.features.profiles.conftest import World

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

    from openprofiles.core.operation import Caller
    from openprofiles.core.settings import Settings
    from openprofiles.storage.database import Database


def rule_block(*levels: str, **members: Any) -> dict[str, Any]:
    """A RuleBasedMatching block whose levels are texts: `"EmailAddress LastName"`."""
    return {
        "Enabled": True,
        "MatchingRules": [{"Rule": level.split()} for level in levels],
        **members,
    }


class RuledWorld(World):
    """A domain with matching rules."""

    def set_rules(self, *levels: str, **members: Any) -> None:
        """Give the domain other rules; none = rules are off."""
        block = rule_block(*levels, **members) if levels else {"Enabled": False}
        self.client.update_domain(DomainName=self.name, RuleBasedMatching=block)  # type: ignore[arg-type]  # built from parts

    def match_ids(self) -> list[str]:
        """All ids that ListRuleBasedMatches gives."""
        pages = self.client.get_paginator("list_rule_based_matches").paginate(DomainName=self.name)
        return [match_id for page in pages for match_id in page["MatchIds"]]

    def status(self) -> str:
        """How far the rules are applied."""
        return self.client.get_domain(DomainName=self.name)["RuleBasedMatching"]["Status"]


@pytest.fixture
def ruled(client: "CustomerProfilesClient") -> Callable[..., RuledWorld]:
    """Make a fresh domain with rules: `ruled("EmailAddress LastName", "PhoneNumber")`."""

    def make(*levels: str, **members: Any) -> RuledWorld:
        name = f"domain-{uuid.uuid4().hex}"
        more: Any = {"RuleBasedMatching": rule_block(*levels, **members)} if levels else {}
        client.create_domain(DomainName=name, DefaultExpirationDays=366, **more)
        return RuledWorld(client, name)

    return make


class Groups:
    """The groups of a domain, as rooms above reach them."""

    def __init__(self, database: "Database", settings: "Settings", caller: "Caller") -> None:
        self._database, self._settings, self._caller = database, settings, caller

    def _read(self, name: str, read: Callable[[Context, domains.Domain], Any]) -> Any:
        with self._database.reading() as transaction:
            context = Context(
                transaction=transaction,
                caller=self._caller,
                settings=self._settings,
                now=system_clock(),
            )
            return read(context, domains.require(context, name))

    def of_profile(self, world: World, profile_id: str) -> MatchGroup | None:
        """The group of a profile."""
        return self._read(
            world.name,
            lambda context, domain: rules.similar_to_profile(context, domain, profile_id),
        )

    def of_match(self, world: World, match_id: str) -> MatchGroup | None:
        """The group of a match id."""
        return self._read(
            world.name, lambda context, domain: rules.group_of_match(context, domain, match_id)
        )

    def all(self, world: World) -> list[tuple[int, set[str]]]:
        """All groups as (level, profiles), in order."""
        found = self._read(
            world.name, lambda context, domain: list(rules.all_groups(context, domain))
        )
        return sorted((group.level, set(group.profile_ids)) for group in found)


@pytest.fixture
def groups(database: "Database", settings: "Settings", caller: "Caller") -> Groups:
    """The groups of domains."""
    return Groups(database, settings, caller)
