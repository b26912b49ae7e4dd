"""Duplicates for the console to show: people who are there twice, and a run that finds them."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.settings import Settings
from openprofiles.features import matching

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

ANNA = {
    "FirstName": "Anneliese",
    "LastName": "Krawczynski",
    "EmailAddress": "a.kraw@kraw.example",
    "Address": {"Address1": "1 Oak Street", "City": "Ashford", "PostalCode": "90001"},
    "Attributes": {"tier": "gold"},
}
ANNA_AGAIN = {
    "FirstName": "Anneliese",
    "LastName": "Krawczynsky",
    "EmailAddress": "A.Kraw@Kraw.example",
    "GenderString": "female",
    "Attributes": {"tier": "silver", "newsletter": "yes"},
}
BELA = {"FirstName": "Bela", "LastName": "Tarkowski", "PhoneNumber": "555-010-0000"}
BELA_AGAIN = {**BELA, "PhoneNumber": "+1-555-010-0000", "BusinessName": "Oak & Sons"}
BELA_TOO = {**BELA, "AccountNumber": "AC-1", "EngagementPreferences": {"Phone": [{"KeyName": "x"}]}}
RULES: Any = {
    "Enabled": True,
    "MatchingRules": [{"Rule": ["EmailAddress"]}, {"Rule": ["PhoneNumber", "LastName"]}],
    "MaxAllowedRuleLevelForMatching": 2,
}


@dataclass(frozen=True)
class Street:
    """A domain with people in it, some of them more than once."""

    client: "CustomerProfilesClient"
    domain: str
    invoke: Invoke
    caller: Caller
    ids: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Where the pages of the domain are."""
        return f"/console/domains/{self.domain}"

    def settle(self, *people: Any) -> list[str]:
        """Make profiles; their ids."""
        made = [
            self.client.create_profile(DomainName=self.domain, **person)["ProfileId"]
            for person in people
        ]
        self.ids.extend(made)
        return made

    def ask(self, operation: str, **parameters: Any) -> Any:
        """What an operation answers."""
        return self.invoke(operation, {"DomainName": self.domain, **parameters}, self.caller)

    def run(self) -> str:
        """Let identity resolution look for duplicates; the job's id."""
        job_id: str = self.ask("StartIdentityResolutionJob")["JobId"]
        with TemporaryDirectory() as folder:
            machine = matching.Machine(
                invoke=self.invoke,
                hold=lambda _: nullcontext(True),
                settings=Settings(data_dir=Path(folder), resolution_threads=1),
                caller=self.caller,
            )
            assert matching.run_one(machine, self.domain, job_id)
        return job_id

    def rules(self) -> None:
        """Switch rules on."""
        self.client.update_domain(DomainName=self.domain, RuleBasedMatching=RULES)

    def waiting(self, **members: Any) -> list[str]:
        """The MatchIds of the queue."""
        return [item["MatchId"] for item in self.ask("ListReviews", **members)["Items"]]

    def merges(self) -> list[Any]:
        """The merges of the domain."""
        items: list[Any] = self.ask("ListMerges")["Items"]
        return items
