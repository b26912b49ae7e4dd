"""The domain of the demo: filled by operations, whole, once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest

from openprofiles.app import Application
from openprofiles.core.clock import system_clock
from openprofiles.core.operation import Answer, Caller, Parameters
from openprofiles.demo.filling import NotOurs, fill
from openprofiles.demo.service import Moment, Service
from openprofiles.features.invoke import invoker
from openprofiles.storage.database import Transaction
from openprofiles.storage.sessions import holding
from tests.conftest import service_on_its_own_database
from tests.invariants import broken_rules

CUSTOMERS = 160
DOMAIN = "harbour-and-pine"


@pytest.fixture(scope="module")
def application(server, turnable_clock, tmp_path_factory) -> Iterator[Application]:
    """A database of its own, as the command has."""
    folder = tmp_path_factory.mktemp("demo")
    with service_on_its_own_database(server, turnable_clock, "demo", data_dir=folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def service(application: Application) -> Service:
    """What the command fills with."""
    moment = Moment(system_clock())
    settings = application.settings
    return Service(
        invoke=invoker(application.database, settings, moment),
        caller=Caller(
            account_id=settings.account_id,
            region=settings.region,
            principal="demo",
            request_id="demo",
        ),
        settings=settings,
        hold=partial(holding, application.database.conninfo),
        moment=moment,
        domain=DOMAIN,
    )


@pytest.fixture(scope="module")
def ask(service: Service) -> Callable[..., Answer]:
    """Operations on the domain once it is filled, up to this moment: others turn its clock."""
    service.moment.now = system_clock()
    fill(service, CUSTOMERS)
    return service.ask


@pytest.fixture(autouse=True)
def _today(service: Service) -> None:
    """Each test looks at this moment as well."""
    service.moment.now = system_clock()


def test_all_sources_have_their_objects(ask):
    types = {item["ObjectTypeName"] for item in ask("ListProfileObjectTypes")["Items"]}
    stats = ask("GetDomain")["Stats"]

    assert len(types) == 9
    assert CUSTOMERS < stats["ProfileCount"] < stats["MeteringProfileCount"] + 1_000
    assert stats["ObjectCount"] > 3 * CUSTOMERS


def test_its_numbers_go_back_a_year(ask):
    items = ask("GetDomainSeries", Range="YEAR")["Items"]

    assert sum(item["Profiles"] is not None for item in items) >= 52
    put = sum(item["ObjectsPut"] or 0 for item in items)
    [erasure] = ask("ListErasures")["Items"]
    assert put == ask("GetDomain")["Stats"]["ObjectCount"] + erasure["Counts"]["Objects"]


def test_duplicates_are_found_by_rules_and_by_likelihood(ask):
    assert ask("ListRuleBasedMatches")["MatchIds"]
    assert ask("GetMatches")["PotentialMatches"] > 10


def test_what_was_rejected_has_more_than_one_reason(ask):
    reasons = {item["Reason"] for item in ask("CountRejectedObjects")["Items"]}

    assert len(reasons) >= 2


def test_integrations_have_run_and_one_of_them_failed(ask):
    runs = ask("ListIntegrationRuns", MaxResults=100)["Items"]

    assert {run["Status"] for run in runs} == {"COMPLETE", "FAILED"}
    assert sum(run["Ingested"] for run in runs) > 30


def test_a_workflow_brought_in_history_and_made_its_integration(ask):
    [workflow] = ask("ListWorkflows")["Items"]
    integrations = ask("ListIntegrations")["Items"]

    assert workflow["Status"] == "COMPLETE"
    assert f"{DOMAIN}-loyalty-members" in str([item["Uri"] for item in integrations])


def test_one_customer_was_erased_and_is_kept_out(ask):
    [erasure] = ask("ListErasures")["Items"]

    assert erasure["ErasedBy"] == "privacy@example.com"
    assert erasure["TombstoneValues"] > 0


def test_rules_runs_and_people_have_merged_and_people_decided(ask):
    merges = ask("ListMerges", MaxResults=100)["Items"]
    jobs = ask("ListIdentityResolutionJobs")["IdentityResolutionJobsList"]

    assert {merge["Cause"] for merge in merges} == {"rule", "matching", "call"}
    assert [merge["Principal"] for merge in merges if merge["UndoneAt"]]
    assert ask("ListDecisions")["Items"]
    assert [job["Status"] for job in jobs] == ["PENDING", *["COMPLETED"] * 3]
    assert ask("ListReplays")["Items"][0]["Status"] == "COMPLETED"


def test_its_rows_are_whole(ask, application):
    def query(text: str) -> list[tuple[object, ...]]:
        def read(transaction: Transaction) -> list[tuple[object, ...]]:
            return transaction.rows(text)

        return application.database.run(read, reads_only=True)

    ask("GetDomain")

    assert broken_rules(query) == []


def test_a_second_time_nothing_is_filled(ask, service):
    before = ask("GetDomain")["Stats"]

    assert not fill(service, CUSTOMERS).is_new
    assert ask("GetDomain")["Stats"] == before


def test_a_filling_that_broke_off_is_done_anew(service):
    class Cut(Exception):
        """The process ends."""

    def cut(name: str, parameters: Parameters, caller: Caller) -> Answer:
        if name == "StartIdentityResolutionJob":
            raise Cut
        return service.invoke(name, parameters, caller)

    broken = replace(service, invoke=cut, domain="broken")
    with pytest.raises(Cut):
        fill(broken, 20)

    assert fill(replace(service, domain="broken"), 20).is_new


def test_a_company_too_small_for_duplicates_is_filled_as_well(service):
    few = replace(service, domain="few")

    fill(few, 1)

    assert few.ask("GetMatches")["Matches"] == []
    assert few.ask("ListMerges")["Items"] == []


def test_a_domain_of_somebody_else_is_left_alone(service):
    theirs = replace(service, domain="theirs")
    theirs.ask("CreateDomain", DefaultExpirationDays=30)

    with pytest.raises(NotOurs, match="the demo did not make"):
        fill(theirs, 20)

    assert theirs.ask("GetDomain")["Stats"]["ProfileCount"] == 0
