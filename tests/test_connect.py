"""`openprofiles.connect`: the service in process, for notebooks, tests and embedding."""

import gc
from dataclasses import replace

import pytest

import openprofiles
from openprofiles.app import open_application
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.errors import CannotStart


def test_it_gives_a_boto3_client_of_a_service_in_this_process(server):
    client = openprofiles.connect(server.data_dir, account_id="123456789012")

    name = client.create_domain(DomainName="here", DefaultExpirationDays=30)["DomainName"]

    assert client.get_domain(DomainName=name)["DefaultExpirationDays"] == 30
    client.delete_domain(DomainName=name)
    client.close()


def test_closing_it_leaves_the_database_to_others(server):
    client = openprofiles.connect(str(server.data_dir))

    client.close()
    client.close()

    assert server.pid is not None


def test_a_client_that_is_forgotten_ends_its_service(tmp_path):
    client = openprofiles.connect(tmp_path)
    client.list_domains()
    with EmbeddedServer(tmp_path) as server:
        server.close()
        assert server.pid is not None

        del client
        gc.collect()

        assert server.pid is None


def test_it_takes_a_server_by_its_url(server):
    client = openprofiles.connect(database_url=server.conninfo)

    assert "Items" in client.list_domains()
    client.close()


def test_what_cannot_be_opened_is_given_back(settings, tmp_path):
    (tmp_path / "users.lock").mkdir()

    with pytest.raises(CannotStart):
        open_application(replace(settings, data_dir=tmp_path))
