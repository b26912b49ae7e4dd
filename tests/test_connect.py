"""`openprofiles.connect`: the service in process, for notebooks, tests and embedding."""

import gc
import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from botocore.exceptions import ClientError, InvalidRegionError

import openprofiles
from openprofiles.app import open_application
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.errors import CannotStart
from tests.acceptance.service import wait_until

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient


def test_it_gives_a_boto3_client_of_a_service_in_this_process(server):
    client = openprofiles.connect(server.data_dir, account_id="123456789012")

    name = client.create_domain(DomainName="here", DefaultExpirationDays=30)["DomainName"]

    assert client.get_domain(DomainName=name)["DefaultExpirationDays"] == 30
    client.delete_domain(DomainName=name)
    client.close()


def test_in_process_nobody_has_to_sign(server):
    client = openprofiles.connect(server.data_dir, auth="sigv4", account_id="123456789012")

    assert "Items" in client.list_domains()
    client.close()


def test_closing_it_leaves_the_database_to_others(server):
    client = openprofiles.connect(str(server.data_dir))

    client.close()
    client.close()

    assert server.pid is not None


def test_a_client_that_is_forgotten_ends_its_service(data_dir):
    client = openprofiles.connect(data_dir)
    client.list_domains()
    with EmbeddedServer(data_dir) as server:
        server.close()
        assert server.pid is not None

        del client
        gc.collect()

        assert server.pid is None


def test_it_takes_a_server_by_its_url(server):
    client = openprofiles.connect(database_url=server.conninfo)

    assert "Items" in client.list_domains()
    client.close()


def test_what_cannot_be_opened_is_given_back(data_dir, settings):
    with EmbeddedServer(data_dir) as server, psycopg.connect(server.conninfo) as connection:
        connection.execute("update alembic_version set version_num = '9999'")

    with pytest.raises(CannotStart, match="schema 9999"):
        open_application(replace(settings, data_dir=data_dir))

    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_a_client_that_cannot_be_made_leaves_nothing_open(data_dir):
    with pytest.raises(InvalidRegionError):
        openprofiles.connect(data_dir, region="no region")

    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_its_database_is_started_again_when_it_dies(data_dir):
    client = openprofiles.connect(data_dir)
    pid_file = data_dir / "postgres" / "postmaster.pid"
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)

    wait_until(lambda: answers(client))

    client.close()


def answers(client: "CustomerProfilesClient") -> bool:
    try:
        client.list_domains()
    except ClientError:
        return False
    return True
