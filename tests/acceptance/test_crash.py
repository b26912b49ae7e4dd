"""Whatever is killed under load, nothing acknowledged is lost, and the service goes on."""

import json
import os
import signal
import time
import urllib.request
import uuid
from collections.abc import Iterator

import psycopg
import pytest

from openprofiles.cli.processors import available
from tests.acceptance.service import (
    Load,
    Service,
    assert_nothing_is_lost,
    make_domain,
    running,
    wait_until,
)


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Service]:
    """A service that has to live through all kills of this module but its parent's."""
    with running(tmp_path_factory.mktemp("crash") / "data", "--workers", "2") as service:
        yield service


def _alive(service) -> set[int]:
    """The web workers that Health shows."""
    url = f"{service.url}/_openprofiles/v1/service/health"
    with urllib.request.urlopen(url) as answer:  # noqa: S310 (the service under test)
        processes = json.load(answer)["Processes"]
    return {process["ProcessId"] for process in processes if process["Kind"] == "web"}


def test_a_killed_web_worker_is_replaced(service):
    client = service.client()
    domain = make_domain(client, f"crash-{uuid.uuid4().hex}")
    killed = service.web_workers()[0]

    with Load(client, domain) as load:
        load.wait_for(50)
        killed.kill()
        load.wait_for(200)
        wait_until(lambda: len(service.web_workers()) == 2)

    assert killed not in service.web_workers()
    wait_until(lambda: _alive(service) == {worker.pid for worker in service.web_workers()})
    assert "was ended by SIGKILL" in service.log.read_text()
    assert_nothing_is_lost(client, domain, load)


def test_web_workers_keep_to_a_processor_each_where_they_occupy_the_machine(service):
    """Also the one that replaced another."""
    machine = available()
    expected = [machine[:1], machine[1:]] if len(machine) == 2 else [machine, machine]

    # One that a test before this killed may just be starting.
    wait_until(
        lambda: sorted(worker.cpu_affinity() for worker in service.web_workers()) == expected
    )


def test_all_web_workers_killed_again_and_again_are_replaced(service):
    client = service.client()
    domain = make_domain(client, f"crash-{uuid.uuid4().hex}")

    with Load(client, domain) as load:
        for _ in range(2):
            load.wait_for(50)
            for worker in service.web_workers():
                worker.kill()
            wait_until(lambda: len(service.web_workers()) == 2)
        load.wait_for(50)

    assert_nothing_is_lost(client, domain, load)


def test_a_killed_session_of_the_database_loses_nothing(service):
    client = service.client()
    domain = make_domain(client, f"crash-{uuid.uuid4().hex}")

    with Load(client, domain) as load:
        load.wait_for(50)
        with psycopg.connect(service.conninfo()) as connection:
            sessions = connection.execute(
                "select pid from pg_stat_activity"
                " where backend_type = 'client backend' and pid <> pg_backend_pid()"
            ).fetchall()
        os.kill(sessions[0][0], signal.SIGKILL)
        load.wait_for(200)

    assert_nothing_is_lost(client, domain, load)


def test_a_killed_database_is_started_again(service):
    client = service.client()
    domain = make_domain(client, f"crash-{uuid.uuid4().hex}")
    killed = service.postmaster()

    with Load(client, domain) as load:
        load.wait_for(50)
        killed.kill()
        load.wait_for(200)

    assert service.postmaster() != killed
    assert_nothing_is_lost(client, domain, load)


def test_a_killed_job_worker_is_replaced(service):
    wait_until(lambda: service.job_worker() is not None)
    killed = service.job_worker()
    assert killed is not None

    killed.kill()

    wait_until(lambda: service.job_worker() not in (None, killed))


def test_after_the_kill_of_the_parent_the_next_start_goes_on_at_once(data_dir):
    with running(data_dir) as service:
        client = service.client()
        domain = make_domain(client, "crash")
        with Load(client, domain) as load:
            load.wait_for(100)
            service.kill()
        orphan = service.postmaster()

        service.start()

        assert service.postmaster() == orphan
        assert_nothing_is_lost(client, domain, load)


def test_after_the_kill_of_everything_the_next_start_goes_on(data_dir):
    with running(data_dir) as service:
        client = service.client()
        domain = make_domain(client, "crash")
        with Load(client, domain) as load:
            load.wait_for(100)
            service.kill(service.postmaster(), *service.postmaster().children())

        service.start()

        assert_nothing_is_lost(client, domain, load)


def is_waited_for(service: Service) -> bool:
    """Whether a session of the database waits for a lock of another."""
    with psycopg.connect(service.conninfo()) as connection:
        waiting = connection.execute(
            "select 1 from pg_stat_activity"
            " where wait_event_type = 'Lock' and wait_event = 'relation'"
        ).fetchall()
    return bool(waiting)


def test_what_runs_when_the_service_stops_is_finished(data_dir):
    with running(data_dir) as service:
        client = service.client()
        domain = make_domain(client, "stopping")
        with psycopg.connect(service.conninfo()) as connection:
            connection.execute("lock table profiles in access exclusive mode")
            with Load(client, domain, threads=3) as load:
                wait_until(lambda: is_waited_for(service))
                service.parent.terminate()
                time.sleep(0.3)
                connection.commit()
                wait_until(lambda: not load.acknowledged.empty())
        assert service.stop() == 0

        service.start()

        assert_nothing_is_lost(service.client(), domain, load)


def test_every_worker_sees_at_once_what_one_has_written(service):
    client = service.client(user_agent_extra="writer")
    domain = make_domain(client, f"crash-{uuid.uuid4().hex}")
    # Connections go to workers by lot; each request here takes one of its own.
    client.meta.events.register(
        "before-send.customer-profiles",
        lambda request, **_: request.headers.__setitem__("Connection", "close"),
    )

    for number in range(60):
        created = client.create_profile(DomainName=domain, AccountNumber=f"N{number}")
        found = client.search_profiles(DomainName=domain, KeyName="_account", Values=[f"N{number}"])
        assert [item["ProfileId"] for item in found["Items"]] == [created["ProfileId"]]
