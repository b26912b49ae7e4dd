"""A database of the first schema becomes one of the newest: nothing in it is lost, and the API
answers as it did.
"""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from openprofiles.app import Application, client_of, open_application
from openprofiles.core.ids import FIRST
from openprofiles.core.operation import Caller
from openprofiles.core.settings import Settings
from openprofiles.features.matching.online import filling
from openprofiles.storage.backups.taking import count_rows
from openprofiles.storage.migrating import MIGRATIONS, current_version, migrate, newest_version
from tests.acceptance.service import wait_until
from tests.features.profiles.consistency import check_domain

DATA = Path(__file__).parent.parent / "data" / "schema_0001.sql"
ANN, ZOE = "01a22525471776cb84ae16ee3863b899", "01a2252547df7489ae7aa369003cede4"

MIGRATE = "import sys; from openprofiles.storage.migrating import migrate; migrate(sys.argv[1])"


@pytest.fixture
def old(server) -> Iterator[str]:
    """How to connect to a database of schema 0001, as the code of that time filled it."""
    name = f"old_{uuid.uuid4().hex}"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(f"create database {name} template template0")
        conninfo = make_conninfo(server.conninfo, dbname=name)
        with psycopg.connect(conninfo) as filling:
            filling.execute((MIGRATIONS / "0001_core.sql").read_bytes())
            # As Alembic makes it.
            filling.execute(
                "create table alembic_version (version_num varchar(32) not null,"
                " constraint alembic_version_pkc primary key (version_num))"
            )
            filling.execute("insert into alembic_version values ('0001')")
            filling.execute(DATA.read_bytes())
        yield conninfo
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def upgraded(old) -> Iterator[Application]:
    """The service on that database."""
    application = open_application(Settings(database_url=old))
    yield application
    application.close()


@pytest.fixture
def api(upgraded) -> Any:
    """Its client."""
    return client_of(upgraded.wsgi, upgraded.settings)


def rows_of(conninfo: str) -> dict[str, int]:
    with psycopg.connect(conninfo) as connection:
        return count_rows(connection)


def find(client: Any, key: str, value: str) -> Any:
    (found,) = client.search_profiles(DomainName="shop", KeyName=key, Values=[value])["Items"]
    return found


def test_no_row_is_lost(old):
    before = rows_of(old)

    migrate(old)

    after = rows_of(old)
    assert before["profiles"] == 7
    assert {table: after[table] for table in before} == before


def test_profiles_are_found_by_all_their_keys(api):
    assert find(api, "accountKey", "1")["ProfileId"] == ANN
    assert find(api, "accountKey", "3")["ProfileId"] == ANN
    assert find(api, "_email", "ANN@example.com")["Attributes"] == {"tier": "gold"}
    found = find(api, "_phone", "+41446681801")
    assert (found["ProfileId"], found["FirstName"], found["Address"]) == (
        ZOE,
        "Zoë",
        {"City": "Bern"},
    )


def test_domains_types_and_objects_are_as_they_were(api):
    domain = api.get_domain(DomainName="shop")
    listed = api.list_profile_objects(DomainName="shop", ObjectTypeName="Purchase", ProfileId=ANN)[
        "Items"
    ]

    assert domain["Tags"] == {"team": "blue"}
    assert (domain["Stats"]["ProfileCount"], domain["Stats"]["ObjectCount"]) == (5, 7)
    assert domain["Matching"]["JobSchedule"] == {"DayOfTheWeek": "SUNDAY", "Time": "03:00"}
    assert [item["DomainName"] for item in api.list_domains()["Items"]] == ["other", "shop"]
    assert {json.loads(item["Object"])["order"] for item in listed} == {"P1", "P2"}
    described = api.get_profile_object_type(DomainName="shop", ObjectTypeName="Account")
    assert described["Tags"] == {"kind": "crm"}


def test_everything_in_it_fits_together(upgraded):
    assert check_domain(upgraded.database, "shop")["objects"] == 7
    assert check_domain(upgraded.database, "other")["profiles"] == 1


def test_it_is_written_to_as_ever(api, upgraded):
    document = json.dumps({"id": "1", "mail": "ann@example.org", "tier": "platinum"})

    api.put_profile_object(DomainName="shop", ObjectTypeName="Account", Object=document)
    api.merge_profiles(DomainName="shop", MainProfileId=ANN, ProfileIdsToBeMerged=[ZOE])

    assert find(api, "_email", "ann@example.org")["ProfileId"] == ANN
    assert find(api, "_phone", "+41446681801")["Attributes"] == {"tier": "platinum", "shoe": "42"}
    check_domain(upgraded.database, "shop")


def test_what_was_rejected_is_still_known(upgraded):
    caller = Caller(account_id="000000000000", region="us-east-1", principal="test", request_id="1")
    listed = upgraded.invoke("ListRejectedObjects", {"DomainName": "shop"}, caller)["Items"]

    assert [item["ObjectTypeName"] for item in listed] == ["Purchase"]


@pytest.fixture
def matching_before(old) -> None:
    """A domain with matching, of which values are kept as they were read before schema 0021."""
    with closing(open_application(Settings(database_url=old))) as before:
        api = client_of(before.wsgi, before.settings)
        api.create_domain(DomainName="town", DefaultExpirationDays=30, Matching={"Enabled": True})
        api.create_profile(DomainName="town", FirstName="John Jr", LastName="Smith")
    with psycopg.connect(old) as connection:
        connection.execute('update match_index set features = \'{"first_name": "john jr"}\'')
        connection.execute("update alembic_version set version_num = '0020'")


def kept_after_upgrading(conninfo: str) -> list[Any]:
    """What is kept when all that is noted is done."""
    with closing(open_application(Settings(database_url=conninfo))) as after:
        caller = Caller(account_id="0" * 12, region="us-east-1", principal="test", request_id="1")
        filling.work_off(after.invoke, caller)
    with psycopg.connect(conninfo) as connection:
        assert connection.execute("select from match_index_work").fetchall() == []
        return [row[0] for row in connection.execute("select features from match_index")]


@pytest.mark.usefixtures("matching_before")
def test_values_kept_for_matching_are_read_anew(old):
    [features] = kept_after_upgrading(old)

    assert (features["first_name"], features["generation"]) == ("john", "jr")


@pytest.mark.usefixtures("matching_before")
def test_what_is_being_emptied_is_not_filled_again(old):
    with psycopg.connect(old) as connection:
        connection.execute(
            "insert into match_index_work (domain_id, empties, fills, position)"
            f" select domain_id, true, false, '{FIRST}' from match_index"
        )

    assert kept_after_upgrading(old) == []


def test_two_processes_that_start_at_once_upgrade_it_once(old):
    arguments = [sys.executable, "-c", MIGRATE, old]
    processes = [subprocess.Popen(arguments) for _ in range(2)]

    assert [process.wait(120) for process in processes] == [0, 0]

    with psycopg.connect(old) as connection:
        assert current_version(connection) == newest_version()


def test_an_upgrade_that_is_killed_changes_nothing_and_can_be_done_again(old):
    before = rows_of(old)
    with psycopg.connect(old) as connection, psycopg.connect(old, autocommit=True) as watching:
        # It has made tables already when it comes to this one.
        connection.execute("lock table domains in access exclusive mode")
        process = subprocess.Popen([sys.executable, "-c", MIGRATE, old])
        wait_until(lambda: count_sessions(watching, waiting=True) == 1)

        process.kill()

        process.wait()
        connection.rollback()
        wait_until(lambda: count_sessions(watching) == 1)
        assert current_version(watching) == "0001"
        assert count_rows(watching) == before
    migrate(old)
    assert {table: count for table, count in rows_of(old).items() if table in before} == before


def count_sessions(connection: psycopg.Connection, *, waiting: bool = False) -> int:
    """How many others use the same database, or wait for a lock in it."""
    row = connection.execute(
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and pid <> pg_backend_pid() and (not %s or wait_event_type = 'Lock')",
        [waiting],
    ).fetchone()
    return int(row[0]) if row else 0
