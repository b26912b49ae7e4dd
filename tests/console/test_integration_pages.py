"""Integrations: made by form, run, watched, paused, deleted; workflows and their steps."""

import json
from functools import partial
from urllib.parse import quote

import pytest

from openprofiles.features import integrations
from openprofiles.storage.sessions import holding
from tests.console.conftest import signed_in
from tests.console.data_in import Shop
from tests.console.visiting import Visitor


@pytest.fixture
def shop(client, domain, invoke, caller, tmp_path) -> Shop:
    """A shop with a connection to a folder of files."""
    found = Shop(client, domain, invoke, caller)
    found.define()
    found.connect(tmp_path)
    folder = tmp_path / "drop" / "crm"
    folder.mkdir(parents=True)
    (folder / "one.csv").write_text("id,name\n1,Ann\n2,Bob\n,Nobody\n")
    return found


@pytest.fixture
def run_one(application, shop):
    """Do a run, as the job worker does."""

    def run(uri: str) -> None:
        machine = integrations.Machine(
            invoke=shop.invoke,
            hold=partial(holding, application.database.conninfo),
            settings=application.settings,
            caller=shop.caller,
            permits=integrations.permits_of(application.settings),
        )
        run_id = shop.ask("ListIntegrationRuns", Uri=uri)["Items"][0]["RunId"]
        integrations.run_one(machine, shop.name, run_id, uri)

    return run


def create(visitor, shop, kind="S3", **form):
    here = f"/console/domains/{shop.name}/integrations/new/{kind}"
    given = {"object_type": "Customer", "connection": "folder", "when": "demand", **form}
    return visitor.post(here, on="/console/sign-in", **given)


def base_of(shop) -> str:
    return f"/console/domains/{shop.name}/integrations"


def uri_in(location: str) -> str:
    return location.partition("uri=")[2].replace("%3A", ":").replace("%2F", "/")


def do(visitor, shop, what: str, uri: str, **form):
    return visitor.post(f"{base_of(shop)}/{what}", on=base_of(shop) + "/new", uri=uri, **form)


@pytest.fixture
def made(anybody, shop) -> str:
    """An integration of the folder; its Uri."""
    name = f"flow-{shop.name[-20:]}"
    answer = create(anybody, shop, name=name, bucket="drop", prefix="crm")
    assert answer.status_code == 303, answer.text
    return uri_in(answer.location)


def test_a_domain_without_integrations_says_what_they_are_for(anybody, domain):
    page = anybody.get(f"/console/domains/{domain}/integrations").text

    assert "There is no integration yet" in page


def test_an_integration_is_made_run_and_watched(anybody, shop, made, run_one):
    page = f"{base_of(shop)}/one?uri={quote(made)}"
    before = anybody.get(page).text
    started = do(anybody, shop, "run", made)
    waiting = anybody.get(started.location).text
    again = do(anybody, shop, "run", made, mode="Complete")
    refused = anybody.get(again.location).text
    listed = anybody.get(base_of(shop)).text
    run_one(made)
    done = anybody.get(page).text
    run_id = shop.ask("ListIntegrationRuns", Uri=made)["Items"][0]["RunId"]
    run = anybody.get(f"{base_of(shop)}/runs/{run_id}").text

    assert "It has not run yet." in before
    assert "When asked" in before
    assert "The run begins as soon as a worker is free." in waiting
    assert 'hx-trigger="every 1s"' in waiting
    assert "is not at its end." in refused
    assert 'hx-trigger="every 2s"' in listed
    assert 'hx-trigger="every 1s"' not in done
    assert "How far it has come in the source" in done
    assert '<span class="number">3</span>' in run
    assert "Rejected, by reason" in run


def test_a_run_is_stopped_before_it_begins(anybody, shop, made):
    do(anybody, shop, "run", made)
    run_id = shop.ask("ListIntegrationRuns", Uri=made)["Items"][0]["RunId"]
    stop = f"{base_of(shop)}/runs/{run_id}/stop"
    here = f"{base_of(shop)}/runs/{run_id}"
    stopped = anybody.post(stop, on=here)
    said = anybody.get(stopped.location).text
    again = anybody.post(stop, on=f"{base_of(shop)}/new")

    assert "The run is stopped." in said
    assert "The run has ended, or is a step of a workflow." in anybody.get(again.location).text


def test_an_integration_is_paused_resumed_and_deleted(anybody, shop, made):
    paused = do(anybody, shop, "pause", made)
    page = anybody.get(paused.location).text
    listed = anybody.get(base_of(shop)).text
    resumed = do(anybody, shop, "resume", made)
    after = anybody.get(resumed.location).text
    deleted = do(anybody, shop, "delete", made)

    assert "The integration is paused." in page
    assert "Let it run again" in page
    assert ">paused</span>" in listed
    assert "runs by itself again." in after
    assert "What it brought stays." in anybody.get(deleted.location).text


def test_events_can_be_neither_run_nor_paused(anybody, shop):
    uri = f"arn:aws:app-integrations:us-east-1:1:event-integration/{shop.name}"
    shop.client.put_integration(DomainName=shop.name, Uri=uri, ObjectTypeName="Customer")
    page = anybody.get(f"{base_of(shop)}/one?uri={quote(uri)}").text
    paused = do(anybody, shop, "pause", uri)

    assert "The source sends by itself" in page
    assert "Run now" not in page
    assert "it sends by itself." in anybody.get(paused.location).text


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"when": "rate(1 hour)"}, "Every hour"),
        ({"when": "other", "expression": "cron(0 6 * * ? *)"}, "cron(0 6 * * ? *)"),
        ({"when": "rate(1 day)", "mode": "Complete", "since": "2026-01-31"}, "All there is"),
        ({"timestamp_field": "changed"}, "&#34;DatetimeTypeFieldName&#34;: &#34;changed&#34;"),
    ],
)
def test_a_schedule_is_chosen(anybody, shop, form, expected):
    name = f"flow-{shop.name[-20:]}"
    answer = create(anybody, shop, name=name, bucket="drop", **form)
    assert answer.status_code == 303, answer.text

    assert expected in anybody.get(answer.location).text


@pytest.mark.parametrize(
    ("kind", "form", "problem"),
    [
        ("S3", {"name": "x y", "bucket": "drop"}, "flowDefinition.flowName: must"),
        ("S3", {"name": "xx", "bucket": "drop", "when": "other"}, "neither rate"),
        (
            "S3",
            {"name": "xx", "bucket": "drop", "when": "rate(1 day)", "since": "soon"},
            "is a day: 2026-01-31",
        ),
        ("Shopify", {"object": ""}, "Choose a connection"),
        ("S3", {"name": "xx", "bucket": "drop", "object_type": "Nothing"}, "Nothing"),
        ("Zendesk", {"name": "xx", "connection": "", "object": "users"}, "given for Zendesk"),
    ],
)
def test_what_cannot_be_made_is_said(anybody, shop, kind, form, problem):
    answer = create(anybody, shop, kind, **form)

    assert answer.status_code == 422
    assert problem in answer.text.replace("&#39;", "'")


def test_a_source_that_no_flow_can_name_has_a_uri(anybody, shop):
    settings = {"instance_url": "https://a.example", "access_token": "hush"}
    shop.ask("PutConnection", Name="webshop", Kind="Shopify", Settings=settings)
    form = anybody.get(f"{base_of(shop)}/new/Shopify?connection=webshop").text
    answer = create(anybody, shop, "Shopify", connection="webshop", object="customers")

    assert "integration_poll_seconds" in form
    assert uri_in(answer.location) == "connector://Shopify/webshop/customers"
    assert "Looked at now and then" in anybody.get(answer.location).text


def test_forms_say_what_has_to_be_there_first(anybody, shop, domain_without_types):
    kinds = anybody.get(f"{base_of(shop)}/new").text
    no_connection = anybody.get(f"{base_of(shop)}/new/Zendesk").text
    no_type = anybody.get(f"/console/domains/{domain_without_types}/integrations/new/S3").text

    assert "Servicenow" in kinds
    assert "There is no connection to Zendesk yet" in no_connection
    assert "The domain has no object type yet" in no_type
    assert anybody.get(f"{base_of(shop)}/new/Nothing").status_code == 404


@pytest.fixture
def domain_without_types(client, shop) -> str:
    """Another domain."""
    name = f"{shop.name}-2"
    client.create_domain(DomainName=name, DefaultExpirationDays=366)
    return name


def test_what_can_be_pulled_is_offered(anybody, shop, tmp_path):
    part = f"{base_of(shop)}/objects"
    shop.ask(
        "PutConnection",
        Name="gone",
        Kind="S3",
        Settings={"url": f"file://{tmp_path}", "bucket_name": "no/such"},
    )

    assert '<option value="crm">' in anybody.part(f"{part}?connection=folder").text
    assert 'class="problem"' in anybody.part(f"{part}?connection=gone").text
    assert "<option" not in anybody.part(part).text


def test_an_integration_is_made_from_json(anybody, shop):
    here = f"{base_of(shop)}/json"
    document = json.dumps(
        {"DomainName": "ignored", "Uri": f"s3://{shop.name}/x", "ObjectTypeName": "Customer"}
    )
    made = anybody.post(here, on=here, document=document)
    answers = [
        anybody.post(here, on=here, document=text) for text in ("{", "[1]", '{"Uri": "s3://y/x"}')
    ]

    assert uri_in(made.location) == f"s3://{shop.name}/x"
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert "This is not JSON" in answers[0].text
    assert "must be an object" in answers[1].text


def test_a_workflow_brings_in_history_and_shows_its_steps(anybody, shop):
    name = f"flow-{shop.name[-20:]}"
    made = create(anybody, shop, name=name, bucket="drop", history="yes", when="rate(1 day)")
    page = anybody.get(made.location).text
    listed = anybody.get(base_of(shop)).text
    deleted = anybody.post(f"{made.location}/delete", on=made.location)

    assert "Steps done" in page
    assert "S3, folder" in page
    assert 'hx-trigger="every 1s"' in page
    assert "Workflows that bring in history" in listed
    assert "The workflow is deleted." in anybody.get(deleted.location).text
    assert anybody.get(made.location).status_code == 404


def test_who_may_only_look_is_offered_nothing_else(console, keys, shop, made):
    viewer = signed_in(Visitor(console), keys.make("read-only"))
    page = viewer.get(f"{base_of(shop)}/one?uri={quote(made)}").text

    assert "Make an integration" not in viewer.get(base_of(shop)).text
    assert not any(text in page for text in ("Run now", "Pause it", "Delete it"))
