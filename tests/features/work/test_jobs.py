"""Long work of all kinds in one list."""

from dataclasses import replace
from datetime import timedelta

import pytest

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.features.work.job import Kind

ENDED_BY = {
    "IDENTITY_RESOLUTION": "CancelIdentityResolutionJob",
    "FILE_IMPORT": "StopFileImport",
    "REPLAY": "StopReplay",
    "INTEGRATION_RUN": "StopIntegrationRun",
}
REPEATED_BY = {
    "IDENTITY_RESOLUTION": "StartIdentityResolutionJob",
    "REPLAY": "StartReplay",
    "INTEGRATION_RUN": "StartIntegrationRun",
}
BEGUN = {
    "IDENTITY_RESOLUTION": "WAITING",
    "FILE_IMPORT": "WAITING",
    "COMMAND_IMPORT": "RUNNING",
    "REPLAY": "RUNNING",
    "INTEGRATION_RUN": "WAITING",
    "ERASURE": "COMPLETED",
}


def ask_for(shop, way) -> None:
    """Do what a job says to end or repeat it."""
    shop.invoke(way["Operation"], way["Parameters"], shop.caller)


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_of_work_is_listed(shop, begin, kind):
    begin[kind]()

    [job] = shop.ask("ListJobs", Kind=kind)["Items"]

    assert (job["DomainName"], job["State"]) == (shop.name, BEGUN[kind])
    assert job["Cancel"] is None or job["Cancel"]["Operation"] == ENDED_BY[kind]
    assert job["Retry"] is None


def test_an_import_that_failed_and_is_tried_again_waits_and_says_why(shop, begin):
    begin["FILE_IMPORT"]()
    [job] = shop.ask("ListJobs", Kind="FILE_IMPORT")["Items"]
    why = "The database cannot be reached"

    shop.ask("HoldFileImport", FileImportId=job["JobId"], Message=why, WaitsLong=True)

    [held] = shop.ask("ListJobs", Kind="FILE_IMPORT", State="WAITING")["Items"]
    assert (held["Attempts"], held["Message"]) == (1, why)


def test_an_import_that_failed_goes_on_while_its_file_is_kept(shop, begin, application):
    sent = begin["FILE_IMPORT"]()
    file = application.settings.imports_dir / sent["FileImportId"]
    file.parent.mkdir(exist_ok=True)
    file.write_text("id\n1\n")
    one = {"FileImportId": sent["FileImportId"]}
    shop.ask("EndFileImport", **one, Status="FAILED", Message="It broke")
    [failed] = shop.ask("ListJobs", State="FAILED")["Items"]

    ask_for(shop, failed["Retry"])

    [again] = shop.ask("ListJobs")["Items"]
    assert (failed["Retry"]["Operation"], failed["JobId"]) == ("RetryFileImport", again["JobId"])
    assert (again["State"], again["Retry"], again["Message"]) == ("RUNNING", None, None)
    shop.ask("EndFileImport", **one, Status="FAILED", Message="It broke")
    file.unlink()
    assert shop.ask("DescribeJob", JobId=again["JobId"])["Retry"] is None


@pytest.mark.parametrize("kind", ENDED_BY)
def test_what_is_under_way_is_ended_as_it_says(shop, begin, kind):
    begin[kind]()
    [job] = shop.ask("ListJobs", Kind=kind)["Items"]

    ask_for(shop, job["Cancel"])

    [ended] = shop.ask("ListJobs", Kind=kind)["Items"]
    assert (ended["State"], ended["Cancel"]) == ("STOPPED", None)
    assert ended["EndedAt"] is not None


@pytest.mark.parametrize("kind", REPEATED_BY)
def test_what_was_ended_is_done_again_as_it_says(shop, begin, kind):
    begin[kind]()
    [job] = shop.ask("ListJobs", Kind=kind)["Items"]
    ask_for(shop, job["Cancel"])
    [ended] = shop.ask("ListJobs", Kind=kind)["Items"]

    ask_for(shop, ended["Retry"])

    assert ended["Retry"]["Operation"] == REPEATED_BY[kind]
    assert {item["State"] for item in shop.ask("ListJobs", Kind=kind)["Items"]} == {
        "STOPPED",
        BEGUN[kind],
    }


def test_the_latest_comes_first_page_by_page(shop, begin, clock):
    for kind in ("REPLAY", "IDENTITY_RESOLUTION", "ERASURE"):
        clock.turn(minutes=1)
        begin[kind]()

    first = shop.ask("ListJobs", MaxResults=2)
    second = shop.ask("ListJobs", MaxResults=2, NextToken=first["NextToken"])

    assert [job["Kind"] for job in first["Items"]] == ["ERASURE", "IDENTITY_RESOLUTION"]
    assert [job["Kind"] for job in second["Items"]] == ["REPLAY"]
    assert second["NextToken"] is None


def test_only_one_state_is_listed_when_it_is_asked_for(shop, begin):
    begin["REPLAY"]()
    begin["ERASURE"]()

    found = shop.ask("ListJobs", State="COMPLETED")

    assert [job["Kind"] for job in found["Items"]] == ["ERASURE"]


@pytest.mark.parametrize("cursor", ["nonsense", "2026-01-01 " + "0" * 32, "nothing " + "0" * 32])
def test_a_broken_token_is_refused(shop, clock, cursor):
    scope = ("ListJobs", shop.caller.account_id, shop.name, None, None)

    with pytest.raises(BadRequest):
        shop.ask("ListJobs", NextToken=paging.encode(scope, cursor, clock()))


def test_the_jobs_of_all_domains_of_the_account_are_listed(shop, begin):
    begin["REPLAY"]()

    found = shop.invoke("ListAccountJobs", {"Kind": "REPLAY"}, shop.caller)["Items"]

    assert shop.name in {job["DomainName"] for job in found}


def test_another_account_sees_none_of_them(shop, begin):
    for start in begin.values():
        start()
    [job, *_] = shop.ask("ListJobs")["Items"]
    stranger = replace(shop.caller, account_id="999999999999")
    shop.invoke("CreateDomain", {"DomainName": shop.name, "DefaultExpirationDays": 3}, stranger)

    listed = shop.invoke("ListAccountJobs", {}, stranger)
    of_domain = shop.invoke("ListJobs", {"DomainName": shop.name}, stranger)

    assert listed["Items"] == listed["Lasting"] == of_domain["Items"] == []
    with pytest.raises(ResourceNotFound):
        shop.invoke("DescribeJob", {"DomainName": shop.name, "JobId": job["JobId"]}, stranger)


def test_people_see_the_kinds_that_they_may_look_at(shop, begin, allowed):
    begin["REPLAY"]()
    begin["INTEGRATION_RUN"]()
    [run] = shop.ask("ListJobs", Kind="INTEGRATION_RUN")["Items"]
    somebody = allowed("ListJobs", "DescribeJob", "GetReplay")

    found = shop.invoke("ListJobs", {"DomainName": shop.name, "MaxResults": 1}, somebody)

    assert [job["Kind"] for job in found["Items"]] == ["REPLAY"]
    with pytest.raises(ResourceNotFound):
        shop.invoke("DescribeJob", {"DomainName": shop.name, "JobId": run["JobId"]}, somebody)


def test_a_job_is_shown_with_its_steps(shop, begin):
    begin["IDENTITY_RESOLUTION"]()
    [job] = shop.ask("ListJobs")["Items"]

    shown = shop.ask("DescribeJob", JobId=job["JobId"])

    assert [step["State"] for step in shown["Steps"]] == ["AT_HAND", *["TO_COME"] * 3]
    assert shown["Kind"] == "IDENTITY_RESOLUTION"


def test_an_import_of_a_command_that_is_silent_has_stopped(shop, begin, clock):
    begin["COMMAND_IMPORT"]()

    clock.turn(seconds=timedelta(minutes=6).total_seconds())

    [job] = shop.ask("ListJobs", Kind="COMMAND_IMPORT")["Items"]
    assert (job["State"], job["Retry"], job["EndedAt"]) == ("STOPPED", None, None)


def test_what_is_done_to_a_domain_as_a_whole_is_listed_apart(shop, database, clock):
    domain_id = "(select domain_id from domains where name = %(name)s)"
    given = {"name": shop.name, "now": clock()}
    for statement in (
        f"insert into encryption_work values ({domain_id}, '{{}}', 7, %(now)s, %(now)s)",
        f"insert into rule_states values ({domain_id}, 1, 'IN_PROGRESS',"
        " '00000000-0000-0000-0000-000000000000', 1, %(now)s, %(now)s)",
        f"insert into match_index_work values ({domain_id}, false, true,"
        " '00000000-0000-0000-0000-000000000000')",
    ):
        database.run(lambda transaction, each=statement: transaction.send(each, given))

    whole = shop.ask("ListJobs")["Lasting"]

    assert [(work["Kind"], work["Done"], work["Total"]) for work in whole] == [
        ("ENCRYPTION", 7, None),
        ("MATCH_INDEX", None, None),
        ("RULES", 1, 1),
    ]
    assert shop.ask("ListJobs", State="RUNNING")["Lasting"] == []
    shop.client.delete_domain(DomainName=shop.name)
