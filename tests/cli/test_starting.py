"""The database of a service is opened in a thread, while the service is loaded."""

import signal

import psycopg
import pytest

from openprofiles.cli.starting import DatabaseStart
from openprofiles.core.settings import Settings
from openprofiles.core.stopping import Stop
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.errors import CannotStart


def test_told_to_stop_it_does_not_migrate_but_leaves_in_order(tmp_path):
    stop = Stop()
    stop.note(signal.SIGTERM, None)
    start = DatabaseStart(Settings(data_dir=tmp_path), stop)

    start.begin()
    start.wait()
    start.close()

    with EmbeddedServer(tmp_path) as server, psycopg.connect(server.conninfo) as connection:
        found = connection.execute("select to_regclass('alembic_version')").fetchone()
    assert found == (None,)


def test_what_keeps_the_database_from_starting_is_told_to_who_waits():
    start = DatabaseStart(Settings(database_url="nonsense"), Stop())

    start.begin()

    with pytest.raises(CannotStart, match="no PostgreSQL URL"):
        start.wait()
    start.close()
