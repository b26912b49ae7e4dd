"""The link to the database: encrypted and checked where it is asked for, told where it is not."""

import pytest

from openprofiles.app import client_of, open_application
from openprofiles.cli.starting import DatabaseStart
from openprofiles.core.settings import Settings
from openprofiles.core.stopping import Stop
from openprofiles.storage import links
from openprofiles.storage.errors import CannotStart
from openprofiles.storage.migrating import migrate
from tests.storage.tls import make_certificate


def test_the_service_reaches_its_database_over_tls(server, tls):
    application = open_application(Settings(database_url=tls.url_of(server.conninfo)))
    try:
        with application.database.reading() as reading:
            assert links.uses_tls(reading._connection)
        assert client_of(application.wsgi, application.settings).list_domains()["Items"] == []
    finally:
        application.close()


def test_a_server_that_cannot_prove_who_it_is_is_refused(server, tls, tmp_path):
    other, _ = make_certificate(tmp_path, "elsewhere")

    with pytest.raises(CannotStart, match="certificate verify failed"):
        migrate(tls.url_of(server.conninfo, sslrootcert=str(other)))


def test_a_server_of_another_name_is_refused(server, tls):
    with pytest.raises(CannotStart, match='does not match host name "elsewhere'):
        migrate(tls.url_of(server.conninfo, host="elsewhere.example"))


def test_a_server_without_tls_is_refused_where_it_is_asked_for(server):
    # The embedded server has none; on a socket nobody asks for it.
    with pytest.raises(CannotStart, match="cannot be reached"):
        migrate(f"{server.conninfo} hostaddr=127.0.0.1 port=1 sslmode=require")


@pytest.mark.parametrize(
    ("address", "over_tls", "exposed"),
    [
        ("192.0.2.7", False, True),
        ("2001:db8::1", False, True),
        ("192.0.2.7", True, False),
        ("127.0.0.1", False, False),
        ("::1", False, False),
        ("", False, False),
    ],
)
def test_a_link_over_a_network_needs_tls(address, over_tls, exposed):
    assert links.is_exposed(address, over_tls=over_tls) is exposed


def test_the_start_says_when_the_link_can_be_read_by_others(server, caplog, monkeypatch):
    monkeypatch.setattr(links, "is_exposed", lambda _, **__: True)
    start = DatabaseStart(Settings(database_url=server.conninfo), Stop())

    start.begin()
    start.wait()
    start.close()

    assert "The connection to the database is not encrypted: add sslmode=verify-full" in caplog.text


def test_the_start_says_nothing_of_a_socket(server, caplog):
    links.warn_when_exposed(server.conninfo)

    assert "not encrypted" not in caplog.text


@pytest.mark.parametrize(
    ("url", "has"),
    [
        ("postgresql://jane:secret@host/x", True),
        ("host=x password=secret", True),
        ("postgresql://jane@host/x", False),
        ("nonsense", False),
    ],
)
def test_a_password_in_a_url_is_seen(url, has):
    assert links.has_password(url) is has
