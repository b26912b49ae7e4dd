"""Runs: what is pulled, what of it is ingested, and what happens when something goes wrong."""

import pytest

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.features.integrations import starting
from tests.features.integrations.conftest import every, flow, folder_flow, held_by_another, lead
from tests.opened import read_rows

COUNTS = ("Status", "Pulled", "Ingested", "Rejected", "LeftOut")


def counts(run):
    return tuple(run[name] for name in COUNTS)


def test_a_run_brings_the_records_of_its_source(source):
    source.write([lead(number) for number in range(25)])
    uri = source.integrate()

    run = source.run(uri)

    assert counts(run) == ("COMPLETE", 25, 25, 0, 0)
    assert (run["Cause"], run["Uri"], run["Bookmark"]) == ("request", uri, {"line": 25})
    assert run["CreatedAt"] <= run["StartedAt"] <= run["EndedAt"]
    assert source.count() == (25, 25)


def test_the_next_run_brings_what_is_new(source):
    source.write([lead(number) for number in range(12)])
    uri = source.integrate()
    source.run(uri)
    source.write([lead(12)])

    run = source.run(uri)

    assert counts(run) == ("COMPLETE", 1, 1, 0, 0)
    assert counts(source.run(uri)) == ("COMPLETE", 0, 0, 0, 0)
    assert source.count() == (13, 13)


def test_a_complete_run_brings_all_again(source):
    source.write([lead(number) for number in range(12)])
    uri = source.integrate()
    source.run(uri)

    run = source.run(uri, DataPullMode="Complete")

    assert counts(run) == ("COMPLETE", 12, 12, 0, 0)
    assert run["DataPullMode"] == "Complete"
    assert source.count() == (12, 12)
    assert counts(source.run(uri)) == ("COMPLETE", 0, 0, 0, 0)


def test_bad_records_are_kept_and_stop_nothing(source, database):
    source.write([lead(1), "{broken\0", {"mail": "nobody@example.com"}, lead(2), ["x"] and "[1"])
    uri = source.integrate()

    run = source.run(uri)

    assert counts(run) == ("COMPLETE", 5, 2, 3, 0)
    assert sum(run["Reasons"].values()) == 3
    assert source.mails() == ["lead1@example.com", "lead2@example.com"]
    with database.reading() as transaction:
        columns = "rejection_id, object_type, reason, document"
        rows = read_rows(transaction, source.domain, "rejected_objects", columns)
    assert sorted(row[-1] for row in rows) == sorted(
        ["[1", "{broken\\x00", '{"mail":"nobody@example.com"}']
    )


def test_tasks_make_objects_of_records(source):
    source.write(
        [
            {"Id": "1", "Mail": "a@example.com", "Score": 7},
            {"Id": "2", "Mail": "b@example.com", "Score": 70},
            {"Id": "3", "Mail": "c@example.com", "Score": 71},
        ]
    )
    tasks = [
        {
            "TaskType": "Filter",
            "SourceFields": ["Id", "Mail"],
            "ConnectorOperator": {"Marketo": "PROJECTION"},
        },
        {
            "TaskType": "Filter",
            "SourceFields": ["Score"],
            "ConnectorOperator": {"Marketo": "GREATER_THAN"},
            "TaskProperties": {"VALUE": "10", "DATA_TYPE": "number"},
        },
        {"TaskType": "Map", "SourceFields": ["Id"], "DestinationField": "id"},
        {"TaskType": "Map", "SourceFields": ["Mail"], "DestinationField": "mail"},
    ]
    uri = source.integrate(folder_flow(Tasks=tasks))

    run = source.run(uri)

    assert counts(run) == ("COMPLETE", 3, 2, 0, 1)
    assert source.mails() == ["b@example.com", "c@example.com"]


def test_a_validation_can_end_the_run(source):
    source.write([lead(1), {"id": "2"}])
    task = {
        "TaskType": "Validate",
        "SourceFields": ["mail"],
        "ConnectorOperator": {"Marketo": "VALIDATE_NON_NULL"},
        "TaskProperties": {"VALIDATION_ACTION": "TerminateFlow"},
    }
    uri = source.integrate(folder_flow(Tasks=[task]))

    run = source.run(uri)

    assert run["Status"] == "FAILED"
    assert "VALIDATE_NON_NULL of field mail" in run["Error"]


def test_a_source_that_is_down_is_tried_again_later(source, clock):
    source.write([lead(1)])
    uri = source.integrate()
    source.feel("down")

    run = source.run(uri)

    assert (run["Status"], run["Error"], run["Attempts"]) == ("RETRY", "The source is down", 1)
    source.recover()
    assert source.work() == 0
    clock.turn(seconds=6)
    assert source.work() == 1
    assert counts(source.runs()[0]) == ("COMPLETE", 1, 1, 0, 0)


def test_a_source_is_left_alone_for_as_long_as_it_wants(source, clock):
    source.write([lead(1)])
    uri = source.integrate()
    source.feel("down", "600")

    run = source.run(uri)

    assert (run["StartsAt"] - run["LastUpdatedAt"]).total_seconds() == 600
    source.recover()
    clock.turn(seconds=590)
    assert source.work() == 0
    clock.turn(seconds=11)
    assert source.work() == 1


def test_a_run_that_is_put_off_too_often_fails(source, clock):
    source.write([lead(1)])
    uri = source.integrate()
    source.feel("down")
    run_id = source.start(uri)
    pauses = []

    for _ in range(starting.MOST_ATTEMPTS):
        source.work()
        run = source.look(run_id)
        pauses.append((run["StartsAt"] - run["LastUpdatedAt"]).total_seconds())
        clock.turn(minutes=16)

    assert (run["Status"], run["Error"]) == ("FAILED", "The source is down")
    assert pauses[:4] == [5, 10, 20, 40]
    assert max(pauses) == 900


def test_pages_that_were_stored_give_a_run_its_attempts_back(source, clock):
    source.write([lead(number) for number in range(20)])
    uri = source.integrate()
    source.feel("down")
    run_id = source.start(uri)
    for _ in range(3):
        source.work()
        clock.turn(minutes=16)
    source.recover()

    source.work()

    assert source.look(run_id)["Attempts"] == 1
    assert counts(source.look(run_id)) == ("COMPLETE", 20, 20, 0, 0)


def test_a_source_that_refuses_ends_the_run_with_its_sentence(source):
    uri = source.integrate()
    source.feel("refused")

    run = source.run(uri)

    assert (run["Status"], run["Error"]) == ("FAILED", "The source says no")


def test_a_connector_that_breaks_its_promise_ends_no_other_run(source, clock, caplog):
    source.write([lead(1)])
    broken = source.integrate()
    source.feel("broken")
    run_id = source.start(broken)

    assert source.work() == 0

    assert source.look(run_id)["Status"] == "IN_PROGRESS"
    assert "a value of a customer" not in caplog.text
    source.recover()
    clock.turn(seconds=20)
    assert source.work() == 1
    assert counts(source.look(run_id)) == ("COMPLETE", 1, 1, 0, 0)


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (lambda source: source.own("DeleteConnection", Name="folder"), "no connection folder"),
        (
            lambda source: source.client.delete_profile_object_type(
                DomainName=source.domain, ObjectTypeName="customers"
            ),
            "customers not found",
        ),
        (lambda source: source.connect(token="wrong"), "token is not accepted"),
    ],
    ids=["connection", "type", "token"],
)
def test_what_is_missing_ends_the_run_and_is_said(source, prepare, sentence):
    source.write([lead(1)])
    uri = source.integrate()
    prepare(source)

    run = source.run(uri)

    assert run["Status"] == "FAILED"
    assert sentence in run["Error"]


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"ObjectTypeName": "_unstructured"}, "one ObjectTypeName"),
        ({"Scope": "DOMAIN"}, "Scope DOMAIN"),
    ],
)
def test_records_that_cannot_become_objects_are_not_pulled(source, members, sentence):
    uri = source.integrate(**members)

    run = source.run(uri)

    assert run["Status"] == "FAILED"
    assert sentence in run["Error"]


def test_a_kind_of_source_that_is_not_installed_fails_the_run(source, database):
    uri = "connector://Abacus/folder/leads"
    source.client.put_integration(DomainName=source.domain, Uri=uri, ObjectTypeName="customers")
    with database.transaction() as transaction:
        transaction.send("update source_connections set kind = 'Abacus'")

    source.work()

    (run,) = source.runs()
    assert run["Status"] == "FAILED"
    assert "No connector Abacus is installed" in run["Error"]


def test_an_integration_runs_once_at_a_time(source):
    uri = source.integrate()
    source.start(uri)

    with pytest.raises(BadRequest, match="not at its end"):
        source.start(uri)
    assert source.on(hold=held_by_another).work() == 0
    assert source.runs()[0]["Status"] == "NOT_STARTED"
    assert source.work() == 1


def test_a_run_that_has_not_begun_is_stopped_at_once(source):
    uri = source.integrate()
    run_id = source.start(uri)

    stopped = source.own("StopIntegrationRun", RunId=run_id)

    assert stopped["Status"] == "CANCELLED"
    assert source.work() == 0
    with pytest.raises(BadRequest, match="has ended"):
        source.own("StopIntegrationRun", RunId=run_id)


def test_a_run_under_way_is_stopped_at_its_next_page(source):
    source.write([lead(number) for number in range(35)])
    uri = source.integrate()
    run_id = source.start(uri)
    source.connect(page="5")
    source.feel("slow", "0.4")

    def stop_then(name, parameters, caller):
        answer = source.machine.invoke(name, parameters, caller)
        if name == "TakeIntegrationRecords" and source.look(run_id)["Status"] == "IN_PROGRESS":
            source.own("StopIntegrationRun", RunId=run_id)
        return answer

    source.on(invoke=stop_then).work()

    run = source.look(run_id)
    assert run["Status"] == "CANCELLED"
    assert 0 < run["Pulled"] < 35
    source.recover()
    again = source.run(uri)
    assert again["Pulled"] + run["Pulled"] == 35
    assert source.count() == (35, 35)


def test_a_stopped_run_that_nobody_is_at_ends_when_it_is_begun(source):
    source.write([lead(1)])
    run_id = source.start(source.integrate())
    source.own("BeginIntegrationRun", RunId=run_id, Runner="gone")
    assert source.own("StopIntegrationRun", RunId=run_id)["Status"] == "IN_PROGRESS"

    source.work()

    assert source.look(run_id)["Status"] == "CANCELLED"


def test_an_integration_that_is_deleted_meanwhile_ends_its_run(source):
    source.write([lead(number) for number in range(30)])
    uri = source.integrate()
    source.start(uri)

    def delete_then(name, parameters, caller):
        answer = source.machine.invoke(name, parameters, caller)
        if name == "BeginIntegrationRun":
            source.client.delete_integration(DomainName=source.domain, Uri=uri)
        return answer

    assert source.on(invoke=delete_then).work() == 0
    assert source.runs() == []
    assert source.count() == (0, 0)


def test_a_domain_that_is_deleted_meanwhile_ends_its_run(source):
    source.write([lead(1)])
    source.start(source.integrate())

    def delete_then(name, parameters, caller):
        if name == "BeginIntegrationRun":
            source.client.delete_domain(DomainName=source.domain)
        return source.machine.invoke(name, parameters, caller)

    assert source.on(invoke=delete_then).work() == 0


def test_only_what_can_be_pulled_is_started(source, uri):
    source.client.put_integration(DomainName=source.domain, Uri=uri, ObjectTypeName="customers")

    with pytest.raises(BadRequest, match="sends by itself"):
        source.start(uri)
    with pytest.raises(ResourceNotFound):
        source.start("nothing")
    with pytest.raises(ResourceNotFound):
        source.look("0" * 32)
    with pytest.raises(ResourceNotFound):
        source.own("StopIntegrationRun", RunId="0" * 32)


def test_runs_are_listed_the_newest_first_by_page(source, uri):
    pulled = source.integrate()
    ids = [source.run(pulled)["RunId"] for _ in range(3)]

    first = source.own("ListIntegrationRuns", MaxResults=2)
    second = source.own("ListIntegrationRuns", MaxResults=2, NextToken=first["NextToken"])

    found = [run["RunId"] for run in (*first["Items"], *second["Items"])]
    assert found == ids[::-1]
    assert second["NextToken"] is None
    assert source.own("ListIntegrationRuns", Uri=uri)["Items"] == []


def test_how_integrations_stand_is_shown(source):
    source.write([lead(1)])
    uri = source.integrate(folder_flow(TriggerConfig=every("rate(1hour)")))
    idle = source.integrate(folder_flow())
    source.work()

    states = source.own("ListIntegrationStates")["Items"]

    assert [state["Uri"] for state in states] == [uri, idle]
    assert states[0]["LastRun"]["Status"] == "COMPLETE"
    assert states[0]["NextRunAt"] is not None
    assert states[1]["LastRun"] is None
    assert states[1]["NextRunAt"] is None


def test_a_schedule_makes_runs(source, clock):
    source.write([lead(1)])
    source.integrate(folder_flow(TriggerConfig=every("rate(1hour)")))
    assert source.work() == 1
    source.write([lead(2)])

    assert source.work() == 0
    clock.turn(minutes=61)
    assert source.work() == 1

    assert [counts(run) for run in source.runs()] == [("COMPLETE", 1, 1, 0, 0)] * 2
    assert {run["Cause"] for run in source.runs()} == {"schedule"}


def test_runs_that_find_nothing_leave_one_record_together(source, clock):
    source.write([lead(1)])
    source.integrate(folder_flow(TriggerConfig=every("rate(1minute)")))
    for _ in range(4):
        source.work()
        clock.turn(minutes=1.1)
    source.write([lead(2)])
    for _ in range(3):
        source.work()
        clock.turn(minutes=1.1)

    assert [run["Pulled"] for run in source.runs()] == [0, 1, 0, 1]


def test_a_schedule_can_pull_all_each_time(source, clock):
    source.write([lead(1)])
    source.integrate(folder_flow(TriggerConfig=every("rate(1hour)", DataPullMode="Complete")))
    source.work()
    clock.turn(hours=1.1)

    source.work()

    assert [counts(run) for run in source.runs()] == [("COMPLETE", 1, 1, 0, 0)] * 2


def test_a_run_that_is_due_waits_for_the_one_before(source, clock):
    source.integrate(folder_flow(TriggerConfig=every("rate(1hour)")))
    source.feel("down", "7200")
    source.work()
    clock.turn(hours=1.1)

    source.work()

    assert len(source.runs()) == 1


def test_the_first_run_begins_where_the_flow_says(source):
    source.write(
        [
            lead(1, updated="2026-01-01T00:00:00+00:00"),
            lead(2, updated="2026-03-01T00:00:00+00:00"),
        ]
    )
    trigger = every("rate(1hour)", FirstExecutionFrom=1_770_000_000)
    source.integrate(folder_flow(TriggerConfig=trigger))

    source.work()

    assert source.mails() == ["lead2@example.com"]


def test_a_bucket_is_looked_at_now_and_then(source):
    source.client.put_integration(
        DomainName=source.domain, Uri="s3://drop/in", ObjectTypeName="customers"
    )

    state = source.own("ListIntegrationStates")["Items"][0]

    assert state["NextRunAt"] is not None


def test_a_copied_integration_pulls_again_once_it_is_put(source, database):
    uri = source.integrate(folder_flow(TriggerConfig=every("rate(1hour)")))
    with database.transaction() as transaction:
        transaction.send("update integrations set next_run_at = null where uri = %s", [uri])
    assert source.work() == 0

    source.client.put_integration(DomainName=source.domain, Uri=uri, ObjectTypeName="customers")

    assert source.work() == 1


def test_old_runs_are_swept(source, clock, caller):
    source.run(source.integrate())
    clock.turn(days=91)

    assert source.machine.invoke("SweepIntegrationRuns", {}, caller)["IsDone"]

    assert source.runs() == []


def test_a_flow_of_a_bucket_needs_no_connection(source):
    run = source.run(source.integrate(flow()))

    assert run["Status"] in ("FAILED", "RETRY")
    assert "connection" not in run["Error"]
