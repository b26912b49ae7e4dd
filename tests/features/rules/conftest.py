"""What tests of rules share: a service on a database of its own, since the work on rules goes
through the domains of all accounts.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from openprofiles.app import Application
from openprofiles.core.clock import system_clock
from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.settings import Settings
from openprofiles.features import domains, rules
from openprofiles.features.context import Context
from openprofiles.features.rules import MatchGroup
from openprofiles.storage.database import Database
from openprofiles.storage.embedded import EmbeddedServer
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.features.profiles.conftest import World
from tests.own_service import database, invoke, session_client, settings

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

__all__ = ["database", "invoke", "session_client", "settings"]


@pytest.fixture(scope="session")
def application(server: EmbeddedServer, turnable_clock: TurnableClock) -> Iterator[Application]:
    """The service on its own database."""
    with service_on_its_own_database(
        server, turnable_clock, "rules", domains_per_account=1_000_000
    ) as application:
        yield application


def rule_block(*levels: str, **members: Any) -> dict[str, Any]:
    """A RuleBasedMatching block whose levels are texts: `"EmailAddress LastName"`."""
    return {
        "Enabled": True,
        "MatchingRules": [{"Rule": level.split()} for level in levels],
        **members,
    }


@dataclass(frozen=True)
class RuledWorld(World):
    """A domain with matching rules."""

    ask: Callable[..., Any]

    def set_rules(self, *levels: str, **members: Any) -> None:
        """Give the domain other rules; none = rules are off."""
        block = rule_block(*levels, **members) if levels else {"Enabled": False}
        self.client.update_domain(DomainName=self.name, RuleBasedMatching=block)  # type: ignore[arg-type]  # built from parts

    def match_ids(self) -> list[str]:
        """All ids that ListRuleBasedMatches gives."""
        pages = self.client.get_paginator("list_rule_based_matches").paginate(DomainName=self.name)
        return [match_id for page in pages for match_id in page["MatchIds"]]

    def unusable(self) -> list[dict[str, Any]]:
        """What GetRuleMatchingStatus says of values that too many profiles share."""
        return list(self.ask("GetRuleMatchingStatus", CountsUnusable=True)["Unusable"])

    def progress(self) -> tuple[int, int]:
        """How many of the profiles that were there before the rules are done, and of how many."""
        answer = self.ask("GetRuleMatchingStatus")
        return answer["ProfilesDone"], answer["ProfilesInDomain"]

    def status(self) -> str:
        """How far the rules are applied."""
        return self.client.get_domain(DomainName=self.name)["RuleBasedMatching"]["Status"]


@pytest.fixture
def ruled(
    client: "CustomerProfilesClient", invoke: Invoke, caller: Caller
) -> Callable[..., RuledWorld]:
    """Make a fresh domain with rules: `ruled("EmailAddress LastName", "PhoneNumber")`."""

    def make(*levels: str, **members: Any) -> RuledWorld:
        name = f"domain-{uuid.uuid4().hex}"
        more: Any = {"RuleBasedMatching": rule_block(*levels, **members)} if levels else {}
        client.create_domain(DomainName=name, DefaultExpirationDays=366, **more)
        return RuledWorld(
            client,
            name,
            lambda operation, **more: invoke(operation, {"DomainName": name, **more}, caller),
        )

    return make


class Groups:
    """The groups of a domain, as rooms above reach them."""

    def __init__(self, database: Database, settings: Settings, caller: Caller) -> None:
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
        listed = sorted((group.level, group.profile_ids) for group in found)
        return [(level, set(profile_ids)) for level, profile_ids in listed]


@pytest.fixture
def groups(database: Database, settings: Settings, caller: Caller) -> Groups:
    """The groups of domains."""
    return Groups(database, settings, caller)


@pytest.fixture
def ingest_profiles(invoke: Invoke, caller: Caller) -> Callable[..., list[str]]:
    """Make many profiles, faster than by the wire; their ids."""

    def make(world: World, fields: Sequence[dict[str, Any]]) -> list[str]:
        return [
            invoke("CreateProfile", {"DomainName": world.name, **given}, caller)["ProfileId"]
            for given in fields
        ]

    return make


@pytest.fixture
def work_off(invoke: Invoke, caller: Caller) -> Callable[[], int]:
    """Do what the job worker does; how many steps it took."""
    return lambda: rules.work_off(invoke, caller)
