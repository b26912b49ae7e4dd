"""Jobs of all kinds, as people at a browser see them."""

import json
import re
import uuid
from dataclasses import replace

import pytest

from openprofiles.console.pages import jobs
from tests.console.conftest import Keys, signed_in
from tests.console.data_in import Shop
from tests.console.visiting import Visitor

HERE = "/console/jobs"


@pytest.fixture
def shop(client, domain, invoke, caller) -> Shop:
    """A fresh domain with customers and orders."""
    found = Shop(client, domain, invoke, caller)
    found.define()
    found.put("Customer", id="1", name="Ann", mail="ann@example.com")
    return found


def jobs_of(shop, **filters) -> str:
    words = "".join(f"&{name}={value}" for name, value in filters.items())
    return f"{HERE}?domain={shop.name}{words}"


def page_of(shop) -> str:
    [job] = shop.ask("ListJobs")["Items"]
    return f"/console/domains/{shop.name}/jobs/{job['JobId']}"


def test_a_domain_without_jobs_says_what_will_be_here(anybody, shop):
    assert "No job is like that" in anybody.get(jobs_of(shop)).text


def test_jobs_of_all_kinds_are_listed(anybody, shop):
    shop.ask("StartReplay", ObjectTypeName="Customer", DryRun=True)
    shop.ask("StartIntegrationRun", Uri=shop.flow("drop"))
    shop.ask("StartIdentityResolutionJob")
    shop.ask("EraseProfile", KeyName="customerId", Values=["1"])

    page = anybody.get(jobs_of(shop)).text

    for words in ("Replay", "Run of an integration", "Identity resolution", "Erasure"):
        assert f">{words}</a>" in page
    assert "Customer, dry run" in page
    assert "1 profiles erased" in page
    assert 'hx-trigger="every 3s"' in page


def test_jobs_of_all_domains_are_listed(anybody, shop):
    shop.ask("StartIdentityResolutionJob")

    page = anybody.get(HERE).text

    assert f"<td>{shop.name}</td>" in page


def test_what_is_done_is_not_asked_for_again(anybody, shop):
    shop.ask("EraseProfile", KeyName="customerId", Values=["1"])

    assert "hx-trigger" not in anybody.get(jobs_of(shop)).text.partition('id="live"')[2]


@pytest.mark.parametrize(
    ("filters", "is_shown"),
    [
        ({"kind": "REPLAY"}, True),
        ({"state": "RUNNING"}, True),
        ({"kind": "ERASURE"}, False),
        ({"state": "FAILED"}, False),
        ({"state": "nonsense"}, True),
    ],
)
def test_the_list_is_narrowed_by_kind_and_state(anybody, shop, filters, is_shown):
    shop.ask("StartReplay", ObjectTypeName="Customer", DryRun=False)

    page = anybody.get(jobs_of(shop, **filters)).text

    assert ("Customer, for real" in page) == is_shown


def test_the_list_goes_on_page_by_page(anybody, shop, monkeypatch):
    monkeypatch.setattr(jobs, "PAGE", 1)
    shop.ask("StartReplay", ObjectTypeName="Customer", DryRun=False)
    shop.ask("StartIdentityResolutionJob")

    first = anybody.get(jobs_of(shop)).text
    [onwards] = re.findall(r'href="([^"]+)" rel="next"', first)
    second = anybody.get(onwards.replace("&amp;", "&")).text

    assert "Customer, for real" not in first
    assert "Customer, for real" in second
    assert "From the beginning" in second


def test_work_on_a_whole_domain_is_shown(anybody, shop, database, clock):
    statement = """
        insert into encryption_work
        select domain_id, '{}', 7000, %(now)s, %(now)s from domains where name = %(name)s
    """
    database.run(
        lambda transaction: transaction.send(statement, {"now": clock(), "name": shop.name})
    )

    page = anybody.get(jobs_of(shop)).text

    assert "Sealing with new keys" in page
    assert "7,000" in page
    shop.client.delete_domain(DomainName=shop.name)


def test_a_job_is_stopped_and_done_again(anybody, shop):
    shop.ask("StartIdentityResolutionJob")
    here = page_of(shop)
    before = anybody.get(here).text

    stopped = anybody.post(f"{here}/cancel", on=here)
    after = anybody.get(stopped.location).text
    again = anybody.post(f"{here}/retry", on=here)

    assert "Wait for its time" in before
    assert ">stopped</span>" in after
    assert "Stop it" not in after
    assert "Do it again" in after
    assert "as a job of its own" in anybody.get(again.location).text
    assert len(shop.ask("ListJobs")["Items"]) == 2


@pytest.fixture
def failed(shop, application):
    """The file of an import that failed."""
    sent = shop.ask("StartFileImport", ObjectTypeName="Customer", FileName="people.csv")
    file = application.settings.imports_dir / sent["FileImportId"]
    file.parent.mkdir(exist_ok=True)
    file.write_text("id\n1\n")
    shop.ask("EndFileImport", FileImportId=file.name, Status="FAILED", Message="It broke")
    yield file
    file.unlink(missing_ok=True)


@pytest.mark.usefixtures("failed")
def test_an_import_that_failed_is_tried_again_from_the_list_and_goes_on(anybody, shop):
    here = page_of(shop)
    listed, page = anybody.get(jobs_of(shop)).text, anybody.get(here).text

    again = anybody.post(f"{here}/retry", on=jobs_of(shop))

    assert 'aria-label="Try again: Import of a file, Customer, people.csv"' in listed
    assert "Try again" in page
    assert "nothing is done twice" in page
    assert again.location == here
    assert "It goes on behind what it has done." in anybody.get(here).text
    assert shop.ask("ListJobs")["Items"][0]["State"] == "RUNNING"


def test_an_import_whose_file_is_gone_says_where_to_send_it(anybody, visitor, keys, shop, failed):
    failed.unlink()

    page = anybody.get(page_of(shop)).text
    of_reader = signed_in(visitor, keys.make("read-only")).get(page_of(shop)).text
    one_right = {"Effect": "Allow", "Action": "profile:StartFileImport", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [one_right]})
    key = keys.make("read-only", PolicyDocument=document)
    of_sender = signed_in(visitor, key).get(page_of(shop)).text

    assert "Try again" not in anybody.get(jobs_of(shop)).text
    for seen in (page, of_reader, of_sender):
        assert "its file is gone" in seen
        assert "Try again" not in seen
    assert f'href="/console/domains/{shop.name}/imports?type=Customer"' in page
    assert "Send it again" not in of_reader
    assert "Send it again" not in of_sender


def test_what_cannot_be_done_again_now_says_why(anybody, shop):
    shop.ask("StartIdentityResolutionJob")
    here = page_of(shop)
    anybody.post(f"{here}/cancel", on=here)
    shop.ask("StartIdentityResolutionJob")

    refused = anybody.post(f"{here}/retry", on=here)

    assert "is under way." in anybody.get(refused.location).text


def test_what_has_ended_cannot_be_stopped(anybody, shop):
    shop.ask("EraseProfile", KeyName="customerId", Values=["1"])
    here = page_of(shop)

    refused = anybody.post(f"{here}/cancel", on=HERE)

    assert "It is too late for that" in anybody.get(refused.location).text


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        ("INTEGRATION_RUN", "/integrations/runs/"),
        ("REPLAY", "/replays/"),
        ("FILE_IMPORT", "/imports/"),
        ("ERASURE", "/customers/erasures/"),
    ],
)
def test_a_job_leads_to_the_page_of_its_own_area(anybody, shop, kind, link):
    begin = {
        "INTEGRATION_RUN": lambda: shop.ask("StartIntegrationRun", Uri=shop.flow("drop")),
        "REPLAY": lambda: shop.ask("StartReplay", ObjectTypeName="Customer", DryRun=True),
        "FILE_IMPORT": lambda: shop.ask(
            "StartFileImport", ObjectTypeName="Customer", FileName="a.csv"
        ),
        "ERASURE": lambda: shop.ask("EraseProfile", KeyName="customerId", Values=["1"]),
    }
    begin[kind]()

    page = anybody.get(page_of(shop)).text

    assert re.search(rf'href="[^"]*{link}[^"]*">See more of it', page)


def test_an_import_by_the_command_has_no_other_page(anybody, shop):
    shop.ask(
        "StartImport", ObjectTypeName="Customer", Source=[["customers.csv", 9, 1]], Restart=False
    )

    page = anybody.get(page_of(shop)).text

    assert "Import by command" in page
    assert "See more of it" not in page


def test_who_may_only_look_stops_nothing(visitor, keys, shop):
    shop.ask("StartIdentityResolutionJob")
    reader = signed_in(visitor, keys.make("read-only"))

    page = reader.get(page_of(shop)).text

    assert "Steps" in page
    assert "Stop it" not in page
    refused = reader.post(f"{page_of(shop)}/cancel", on=HERE)
    assert refused.status_code == 403
    assert shop.ask("ListJobs")["Items"][0]["State"] == "WAITING"


def test_people_of_another_account_see_none_of_the_jobs(console, keys, shop):
    shop.ask("StartIdentityResolutionJob")
    here = page_of(shop)
    elsewhere = replace(shop.caller, account_id=f"{uuid.uuid4().int % 10**12:012d}")
    ours = signed_in(Visitor(console), keys.make("admin"))
    stranger = signed_in(Visitor(console), Keys(keys.invoke, elsewhere).make("admin"))
    shop.invoke("CreateDomain", {"DomainName": shop.name, "DefaultExpirationDays": 3}, elsewhere)

    seen = [stranger.get(path).text for path in (HERE, jobs_of(shop))]

    assert "Identity resolution" in ours.get(HERE).text
    assert "No job has run yet" in seen[0]
    assert "No job is like that" in seen[1]
    assert stranger.get(here).status_code == 404
    assert stranger.post(f"{here}/cancel", on=HERE).status_code == 404
    assert shop.ask("ListJobs")["Items"][0]["State"] == "WAITING"
