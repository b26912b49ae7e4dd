"""Working off what is due: several at a time, whatever happens to one of them; and its numbers."""

import threading
import time
from dataclasses import replace

import pytest

from openprofiles.core.clock import system_clock
from openprofiles.core.errors import ResourceNotFound
from openprofiles.features import integrations
from openprofiles.features.integrations.operations import steps as step_operations
from openprofiles.features.integrations.running import sweep
from openprofiles.features.invoke import invoker
from openprofiles.jobs import Tick
from openprofiles.observing import Metrics, counted_runs
from openprofiles.storage.database import DatabaseUnavailable
from tests.features.integrations.conftest import every, flow, folder_flow, lead


def numbers(metrics):
    lines = metrics.text().decode().splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if line and not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


def test_what_is_pulled_is_counted(source, clock):
    source.write([lead(1), {"id": ""}, "{", lead(2, skip="yes")])
    task = {
        "TaskType": "Filter",
        "SourceFields": ["skip"],
        "ConnectorOperator": {"Marketo": "GREATER_THAN"},
        "TaskProperties": {"VALUE": "a"},
    }
    metrics = Metrics(dict)
    counting = source.on(invoke=counted_runs(source.machine.invoke, metrics))
    plain, filtered = source.integrate(), source.integrate(folder_flow(Tasks=[task]))
    source.start(plain)
    source.start(filtered)
    counting.work()
    source.feel("down")
    source.start(plain)
    counting.work()

    found = numbers(metrics)

    assert found['openprofiles_pulled_records_total{outcome="ingested"}'] == 3
    assert found['openprofiles_pulled_records_total{outcome="rejected"}'] == 3
    assert found['openprofiles_pulled_records_total{outcome="left_out"}'] == 2
    assert found['openprofiles_integration_runs_total{status="COMPLETE"}'] == 2
    assert found['openprofiles_integration_runs_total{status="RETRY"}'] == 1
    clock.turn(days=1)


def test_a_slow_source_holds_up_no_other(source, tmp_path):
    """The second run comes to its end while the first is still being read."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "leads.jsonl").write_text('{"id": "7", "mail": "g@example.com"}\n')
    source.write([lead(number) for number in range(20)])
    slow = source.start(source.integrate())
    source.feel("slow", "0.5")
    source.own(
        "PutConnection",
        Name="other",
        Kind="Marketo",
        Settings={"folder": str(other), "token": "open sesame"},
    )
    definition = folder_flow()
    definition["SourceFlowConfig"]["ConnectorProfileName"] = "other"
    quick = source.start(source.integrate(definition))
    ended = []

    def noting(name, parameters, caller):
        answer = source.machine.invoke(name, parameters, caller)
        if name == "EndIntegrationRun":
            ended.append(parameters["RunId"])
        return answer

    source.on(invoke=noting).work()

    assert ended == [quick, slow]


def test_a_run_that_loses_the_database_goes_on_later(source, monkeypatch):
    monkeypatch.setattr("openprofiles.features.integrations.running.working.REST_SECONDS", 0.05)
    source.write([lead(1)])
    run_id = source.start(source.integrate())
    left = [True]

    def losing(name, parameters, caller):
        if name == "TakeIntegrationRecords" and left:
            left.pop()
            raise DatabaseUnavailable
        return source.machine.invoke(name, parameters, caller)

    assert source.on(invoke=losing).work() == 0
    assert source.work() == 1
    assert source.look(run_id)["Ingested"] == 1


def test_a_run_waits_for_the_key_of_its_domain(source, client, application, clock, tmp_path):
    client.update_domain(DomainName=source.domain, DefaultEncryptionKey="alias/pulled")
    source.write([lead(1)])
    run_id = source.start(source.integrate())
    without_keys = replace(application.settings, encryption_keys=str(tmp_path))
    elsewhere = invoker(application.database, without_keys, clock)

    def losing(name, parameters, caller):
        chosen = elsewhere if name == "TakeIntegrationRecords" else source.machine.invoke
        return chosen(name, parameters, caller)

    source.on(invoke=losing).work()
    waiting = source.look(run_id)
    clock.turn(hours=1)
    source.work()

    assert waiting["Status"] == "RETRY"
    assert "cannot be used" in waiting["Error"]
    assert source.look(run_id)["Ingested"] == 1


def test_an_integration_that_is_gone_when_its_run_is_due_is_passed_over(source):
    source.integrate(folder_flow(TriggerConfig=every("rate(1hour)")))

    def gone(name, parameters, caller):
        if name == "StartDueIntegrationRun":
            raise ResourceNotFound("gone")
        return source.machine.invoke(name, parameters, caller)

    assert source.on(invoke=gone).work() == 0


def test_a_run_is_started_once_however_often_it_is_due(source):
    uri = source.integrate(folder_flow(TriggerConfig=every("rate(1hour)")))

    assert source.own("StartDueIntegrationRun", Uri=uri) == {"IsStarted": True}
    assert source.own("StartDueIntegrationRun", Uri=uri) == {"IsStarted": False}
    assert source.own("StartDueIntegrationRun", Uri="nothing") == {"IsStarted": False}


def test_no_more_runs_than_allowed_are_under_way(source):
    source.write([lead(1)])
    for _ in range(4):
        source.start(source.integrate())
    lock, now, most = threading.Lock(), [0], [0]

    def watching(name, parameters, caller):
        if name == "BeginIntegrationRun":
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
        answer = source.machine.invoke(name, parameters, caller)
        if name == "EndIntegrationRun":
            with lock:
                now[0] -= 1
        return answer

    settings = replace(source.machine.settings, integration_runs_at_once=2)
    assert source.on(invoke=watching, settings=settings).work() == 4
    assert most[0] <= 2


def test_the_sweep_goes_on_until_nothing_is_left(source, clock, caller):
    source.run(source.integrate())
    clock.turn(days=91)

    sweep(source.machine.invoke, caller, is_stopping=lambda: False)

    assert source.runs() == []


def test_the_schedules_do_what_is_due(source, application):
    source.write([lead(1)])
    source.start(source.integrate())
    work, remove = integrations.schedules(
        source.machine.invoke, application.settings, source.machine.hold
    )

    tick = Tick(system_clock(), lambda _name, function, *given: function(*given), threading.Event())
    work.function(tick)
    remove.function(tick)

    assert source.runs()[0]["Status"] == "COMPLETE"


@pytest.mark.parametrize("name", ["EndIntegrationRun", "PostponeIntegrationRun"])
def test_only_who_is_at_a_run_ends_it(source, name):
    run_id = source.start(source.integrate())
    more = {"Status": "COMPLETE", "Message": None, "RetryAfter": None}

    with pytest.raises(Exception, match="taken over"):
        source.own(name, RunId=run_id, Runner="nobody", **more)


def test_a_run_whose_integration_is_gone_cannot_begin(source, database):
    uri = source.integrate()
    run_id = source.start(uri)
    with database.transaction() as transaction:
        transaction.send("delete from integrations where uri = %s", [uri])

    source.work()

    run = source.look(run_id)
    assert (run["Status"], run["Error"]) == ("FAILED", "What the run belongs to was deleted")


def test_a_source_that_only_sends_cannot_be_pulled(source, database):
    uri = source.integrate()
    run_id = source.start(uri)
    with database.transaction() as transaction:
        for table, more in (("integrations", ", flow = null"), ("integration_runs", "")):
            transaction.send(f"update {table} set uri = 'x' {more} where uri = %s", [uri])

    source.work()

    assert "sends by itself" in source.look(run_id)["Error"]


def test_the_sweep_takes_a_batch_at_a_time(source, clock, caller, monkeypatch):
    monkeypatch.setattr(step_operations, "ROWS_AT_ONCE", 1)
    source.write([lead(number) for number in range(3)])
    uri = source.integrate()
    for _ in range(3):
        source.run(uri)
    clock.turn(days=91)

    sweep(source.machine.invoke, caller, is_stopping=lambda: False)

    assert source.runs() == []


def test_a_source_that_hangs_does_not_hold_up_a_worker_that_stops(source):
    source.write([lead(1)])
    run_id = source.start(source.integrate())
    source.feel("slow", "6")
    began = time.monotonic()

    source.on(is_stopping=lambda: time.monotonic() - began > 0.5).work()

    assert time.monotonic() - began < 5
    assert source.look(run_id)["Status"] == "IN_PROGRESS"


def test_buckets_are_where_the_service_has_them(source):
    settings = replace(source.machine.settings, s3_endpoint_url="http://127.0.0.1:9")
    uri = source.integrate(flow())
    run_id = source.start(uri)

    source.on(settings=settings).work()

    run = source.look(run_id)
    assert run["Status"] in ("RETRY", "FAILED")
    assert "drop" in run["Error"]
