"""Integration workflows: history in batches, then the schedule (extended reference §14)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from openprofiles.connectors import UnknownKind
from openprofiles.features.integrations.operations import workflows
from openprofiles.features.integrations.workflow import plans_of, shown_message
from tests.features.integrations.conftest import every, flow, folder_flow, lead, refusal

ROLE = "arn:aws:iam::111122223333:role/reader"
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


def month(number):
    return datetime(2026, number, 1, tzinfo=UTC)


@pytest.fixture
def history(source):
    """A folder with two records of each of four months."""
    source.write(
        [lead(n, updated=(month(1 + n // 2) + timedelta(days=n)).isoformat()) for n in range(8)]
    )
    return source


def create(source, *batches, definition=None, **members):
    """Begin a workflow with batches of months; its id."""
    integration = {
        "FlowDefinition": definition or folder_flow(TriggerConfig=every("rate(1hour)")),
        "Batches": [{"StartTime": month(a), "EndTime": month(b)} for a, b in batches],
    }
    answer = source.client.create_integration_workflow(
        DomainName=source.domain,
        WorkflowType="APPFLOW_INTEGRATION",
        IntegrationConfig={"AppflowIntegration": integration},
        ObjectTypeName="customers",
        RoleArn=ROLE,
        **members,
    )
    assert "created" in answer["Message"]
    return answer["WorkflowId"]


def get(source, workflow_id):
    return source.client.get_workflow(DomainName=source.domain, WorkflowId=workflow_id)


def steps(source, workflow_id, **paging):
    answer = source.client.get_workflow_steps(
        DomainName=source.domain, WorkflowId=workflow_id, **paging
    )
    return [item["AppflowIntegration"] for item in answer["Items"]]


def states(source, workflow_id):
    return [step["Status"] for step in steps(source, workflow_id)]


def test_history_is_imported_in_batches_and_the_integration_made(history):
    workflow_id = create(history, (3, 5), (1, 3), Tags={"team": "crm"})
    assert get(history, workflow_id)["Status"] == "NOT_STARTED"

    history.work()

    found = get(history, workflow_id)
    assert (found["Status"], found["WorkflowType"]) == ("COMPLETE", "APPFLOW_INTEGRATION")
    assert found["Attributes"]["AppflowIntegration"] == {
        "SourceConnectorType": "Marketo",
        "ConnectorProfileName": "folder",
        "RoleArn": ROLE,
    }
    assert found["Metrics"]["AppflowIntegration"] == {
        "RecordsProcessed": 8,
        "StepsCompleted": 2,
        "TotalSteps": 2,
    }
    assert "ErrorDescription" not in found
    assert history.count() == (8, 8)
    (made,) = history.client.list_integrations(DomainName=history.domain)["Items"]
    assert (made["WorkflowId"], made["Tags"], made["RoleArn"]) == (
        workflow_id,
        {"team": "crm"},
        ROLE,
    )


def test_the_steps_are_the_batches_the_oldest_first(history):
    workflow_id = create(history, (3, 5), (1, 3))
    history.work()

    found = steps(history, workflow_id)

    assert [step["RecordsProcessed"] for step in found] == [4, 4]
    assert found[0]["BatchRecordsStartTime"] == "2026-01-01T00:00:00+00:00"
    assert found[0]["BatchRecordsEndTime"] == "2026-03-01T00:00:00+00:00"
    assert {step["Status"] for step in found} == {"COMPLETE"}
    assert all(step["ExecutionMessage"] and step["FlowName"] for step in found)
    first = history.client.get_workflow_steps(
        DomainName=history.domain, WorkflowId=workflow_id, MaxResults=1
    )
    rest = steps(history, workflow_id, MaxResults=1, NextToken=first["NextToken"])
    assert [first["Items"][0]["AppflowIntegration"], *rest] == found


def test_the_schedule_goes_on_where_history_ended(history):
    create(history, (1, 3))

    history.work()

    assert len(history.mails()) == 8
    scheduled = next(run for run in history.runs() if run["Cause"] == "schedule")
    assert scheduled["Pulled"] == 4


def test_steps_can_be_seen_while_it_runs(history):
    workflow_id = create(history, (1, 3), (3, 5), definition=folder_flow())
    seen = []

    def look(name, parameters, caller):
        answer = history.machine.invoke(name, parameters, caller)
        if name == "TakeIntegrationRecords":
            seen.append((get(history, workflow_id)["Status"], *states(history, workflow_id)))
        return answer

    history.on(invoke=look).work()

    assert seen == [
        ("IN_PROGRESS", "IN_PROGRESS", "NOT_STARTED"),
        ("IN_PROGRESS", "COMPLETE", "IN_PROGRESS"),
    ]


def test_a_step_whose_source_is_down_is_tried_three_times_more(history, clock):
    workflow_id = create(history, (1, 3), definition=folder_flow())
    history.feel("down")
    history.work()
    assert get(history, workflow_id)["Status"] == "RETRY"
    assert steps(history, workflow_id)[0]["ExecutionMessage"] == "The source is down"
    clock.turn(minutes=20)
    history.recover()

    history.work()

    assert states(history, workflow_id) == ["COMPLETE"]
    assert get(history, workflow_id)["Status"] == "COMPLETE"


def test_a_batch_that_cannot_be_begun_is_split(history, clock):
    workflow_id = create(history, (1, 3), (3, 5))
    history.feel("down")
    for _ in range(4):
        history.work()
        clock.turn(minutes=20)
    assert states(history, workflow_id) == ["SPLIT", "RETRY", "NOT_STARTED", "NOT_STARTED"]
    history.recover()

    history.work()

    assert states(history, workflow_id) == ["SPLIT", "COMPLETE", "COMPLETE", "COMPLETE"]
    metrics = get(history, workflow_id)["Metrics"]["AppflowIntegration"]
    assert metrics == {"RecordsProcessed": 8, "StepsCompleted": 3, "TotalSteps": 3}
    assert len(history.mails()) == 8


def test_a_step_that_fails_fails_the_workflow(history):
    workflow_id = create(history, (1, 3), (3, 5))
    history.feel("refused")

    history.work()

    found = get(history, workflow_id)
    assert (found["Status"], found["ErrorDescription"]) == ("FAILED", "The source says no")
    assert states(history, workflow_id) == ["FAILED", "CANCELLED"]
    assert history.client.list_integrations(DomainName=history.domain)["Items"] == []


def test_a_step_that_was_tried_too_often_fails_the_workflow(history, clock):
    definition = folder_flow()
    workflow_id = create(history, definition=definition)
    history.feel("down")
    for _ in range(4):
        history.work()
        clock.turn(minutes=20)

    assert states(history, workflow_id) == ["FAILED"]
    assert get(history, workflow_id)["ErrorDescription"] == "The source is down"


def test_a_connector_that_is_not_installed_fails_the_workflow(history):
    definition = folder_flow()
    definition["SourceFlowConfig"]["ConnectorType"] = "Zendesk"
    definition["SourceFlowConfig"]["SourceConnectorProperties"] = {"Zendesk": {"Object": "users"}}
    workflow_id = create(history, (1, 3), definition=definition)

    history.work()

    found = get(history, workflow_id)
    assert found["Status"] == "FAILED"
    assert "Zendesk" in found["ErrorDescription"]


def test_the_name_of_a_flow_is_taken_by_a_workflow_too(history):
    definition = folder_flow()
    create(history, (1, 3), definition=definition)
    again = {"DomainName": history.domain, "ObjectTypeName": "customers"}

    taken = refusal(history.client.put_integration, FlowDefinition=definition, **again)

    assert taken == (
        "BadRequestException",
        f"Flow with name {definition['FlowName']} already exists.",
    )


def test_a_workflow_that_finds_no_room_for_its_integration_fails(history, client_with, settings):
    workflow_id = create(history, (1, 3))
    narrow = client_with(integrations_per_domain=1)
    narrow.put_integration(
        DomainName=history.domain, Uri="arn:aws:sns:::x", ObjectTypeName="customers"
    )
    for number in range(settings.integrations_per_domain - 1):
        history.client.put_integration(
            DomainName=history.domain, Uri=f"x{number}", ObjectTypeName="customers"
        )

    history.work()

    assert "the most that are allowed" in get(history, workflow_id)["ErrorDescription"]


def test_workflows_are_listed_the_newest_first(history, clock):
    ids = []
    for _ in range(3):
        ids.append(create(history, (1, 3)))
        clock.turn(minutes=1)
    history.work()
    clock.turn(minutes=1)
    ids.append(create(history, (1, 3)))
    listing = {"DomainName": history.domain}

    def listed(**filters):
        answer = history.client.list_workflows(**listing, **filters)
        return [item["WorkflowId"] for item in answer["Items"]]

    first = history.client.list_workflows(**listing, MaxResults=3)
    assert [item["WorkflowId"] for item in first["Items"]] == ids[:0:-1]
    assert listed(MaxResults=3, NextToken=first["NextToken"]) == ids[:1]
    assert listed(Status="NOT_STARTED") == ids[3:]
    assert listed(WorkflowType="APPFLOW_INTEGRATION") == ids[::-1]
    last = first["Items"][0]["CreatedAt"]
    assert listed(QueryStartDate=last - timedelta(seconds=1)) == ids[3:]
    assert listed(QueryEndDate=last - timedelta(seconds=1)) == ids[2::-1]
    assert all(item["StatusDescription"] for item in first["Items"])


def test_a_workflow_is_deleted_with_its_integration(history):
    workflow_id = create(history, (1, 3), definition=folder_flow())
    history.work()

    history.client.delete_workflow(DomainName=history.domain, WorkflowId=workflow_id)

    assert history.client.list_integrations(DomainName=history.domain)["Items"] == []
    assert history.runs() == []
    assert history.count() == (4, 4)
    missing = "ResourceNotFoundException"
    given = {"DomainName": history.domain, "WorkflowId": workflow_id}
    for call in ("get_workflow", "get_workflow_steps", "delete_workflow"):
        assert refusal(getattr(history.client, call), **given)[0] == missing
    odd = {**given, "WorkflowId": "no-id"}
    assert refusal(history.client.delete_workflow, **odd)[0] == missing


def test_a_workflow_that_is_deleted_meanwhile_ends(history):
    workflow_id = create(history, (1, 3))

    def delete_then(name, parameters, caller):
        answer = history.machine.invoke(name, parameters, caller)
        if name == "BeginIntegrationRun":
            history.client.delete_workflow(DomainName=history.domain, WorkflowId=workflow_id)
        return answer

    history.on(invoke=delete_then).work()

    assert history.count() == (0, 0)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({}, "AppflowIntegration must be given"),
        (
            {
                "AppflowIntegration": {
                    "FlowDefinition": flow(),
                    "Batches": [{"StartTime": JANUARY, "EndTime": JANUARY}],
                }
            },
            "EndTime must be later",
        ),
        (
            {
                "AppflowIntegration": {
                    "FlowDefinition": flow(),
                    "Batches": [{"StartTime": JANUARY, "EndTime": month(2)}] * 601,
                }
            },
            "more than 600",
        ),
    ],
)
def test_a_workflow_must_be_one_that_can_be_done(client, customers, config, sentence):
    code, message = refusal(
        client.create_integration_workflow,
        DomainName=customers,
        WorkflowType="APPFLOW_INTEGRATION",
        IntegrationConfig=config,
        ObjectTypeName="customers",
        RoleArn=ROLE,
    )

    assert code == "BadRequestException"
    assert sentence in message


def test_a_step_is_not_stopped_by_itself(history):
    create(history, (1, 3))
    (run,) = history.runs()

    with pytest.raises(Exception, match="a step of a workflow"):
        history.own("StopIntegrationRun", RunId=run["RunId"])


def test_history_without_batches_is_cut_into_two_months():
    now = JANUARY + timedelta(days=150)

    plans = plans_of(None, has_timestamps=True, since=JANUARY, now=now)

    assert [(plan.until - plan.since).days for plan in plans if plan.until and plan.since] == [
        60,
        60,
        30,
    ]
    assert plans[-1].until == now
    (whole,) = plans_of(None, has_timestamps=True, since=None, now=now)
    assert (whole.since, whole.until) == (None, now)
    (nothing,) = plans_of(None, has_timestamps=True, since=now, now=now)
    assert (nothing.since, nothing.until) == (None, now)


def test_a_source_without_timestamps_is_read_as_a_whole():
    (plan,) = plans_of(
        [(month(1), month(2)), (month(2), month(3))], has_timestamps=False, since=None, now=JANUARY
    )

    assert (plan.since, plan.until) == (None, None)


def test_a_message_is_as_long_as_the_model_lets_it_be():
    assert shown_message("") == "-"
    assert len(shown_message("x" * 1000)) == 255


@pytest.mark.parametrize("kind", ["given", "unknown"])
def test_the_field_that_tells_what_belongs_to_a_batch_is_given_or_known(history, monkeypatch, kind):
    definition = folder_flow()
    if kind == "given":
        source = definition["SourceFlowConfig"]
        source["IncrementalPullConfig"] = {"DatetimeTypeFieldName": "updated"}
    else:

        def missing(name):
            raise UnknownKind(name)

        monkeypatch.setattr(workflows, "require", missing)

    workflow_id = create(history, (1, 3), (3, 5), definition=definition)

    assert len(steps(history, workflow_id)) == 2


def test_a_source_without_timestamps_goes_on_where_history_ended(history, tmp_path, clock):
    (tmp_path / "drop" / "in").mkdir(parents=True)
    (tmp_path / "drop" / "in" / "a.csv").write_text("id,mail\n1,lead1@example.com\n")
    settings = replace(history.machine.settings, buckets_url=f"file://{tmp_path}")
    bucket = history.on(settings=settings)
    create(bucket, (1, 3), (3, 5), definition=flow(TriggerConfig=every("rate(1hour)")))
    bucket.work()
    (tmp_path / "drop" / "in" / "b.csv").write_text("id,mail\n2,lead2@example.com\n")
    clock.turn(hours=1.1)

    bucket.work()

    assert [run["Pulled"] for run in bucket.runs()] == [1, 0, 1]


def test_files_are_imported_by_the_times_of_their_records(history, tmp_path):
    (tmp_path / "drop" / "in").mkdir(parents=True)
    rows = [
        ("1", "2025-12-31T23:00:00Z"),
        ("2", "2026-01-15T00:00:00Z"),
        ("3", "2026-03-01T00:00:00Z"),
        ("4", "soon"),
        ("5", "2026-06-01T00:00:00Z"),
    ]
    lines = [f"{n},lead{n}@example.com,{at}" for n, at in rows]
    (tmp_path / "drop" / "in" / "a.csv").write_text("\n".join(["id,mail,at", *lines]) + "\n")
    bucket = history.on(
        settings=replace(history.machine.settings, buckets_url=f"file://{tmp_path}")
    )
    definition = flow(TriggerConfig=every("rate(1hour)"))
    source = definition["SourceFlowConfig"]
    source["IncrementalPullConfig"] = {"DatetimeTypeFieldName": "at"}
    workflow_id = create(bucket, (1, 3), (3, 5), definition=definition)

    bucket.work()

    assert states(bucket, workflow_id) == ["COMPLETE", "COMPLETE"]
    ingested = [run["Ingested"] for run in bucket.runs()]
    # The schedule goes on behind the last batch: number 5, and 4, whose time nobody can read.
    assert ingested == [2, 2, 2]
    assert bucket.mails() == [f"lead{n}@example.com" for n in (2, 3, 4, 5)]


def test_an_integration_that_is_there_already_ends_the_workflow_well(history):
    definition = folder_flow()
    workflow_id = create(history, (1, 3), definition=definition)
    uri = history.runs()[0]["Uri"]
    history.client.put_integration(DomainName=history.domain, Uri=uri, ObjectTypeName="customers")

    history.work()

    assert get(history, workflow_id)["Status"] == "COMPLETE"


def test_a_step_whose_workflow_is_gone_ends(history, database):
    create(history, (1, 3))
    (run,) = history.runs()
    with database.transaction() as transaction:
        transaction.send(
            "delete from integration_workflows where workflow_id = %s", [run["WorkflowId"]]
        )

    history.work()

    assert history.look(run["RunId"])["Error"] == "What the run belongs to was deleted"
