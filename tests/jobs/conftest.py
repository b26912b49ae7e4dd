"""A database of its own for each test of jobs: workers of one database share their ticks."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from openprofiles.jobs import worker
from openprofiles.storage.embedded import EmbeddedServer


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers in this process ask for ticks so often that no test waits for it."""
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.5)
    monkeypatch.setattr(worker, "SLOW_POLL_SECONDS", 0.5)


@pytest.fixture
def conninfo(server: EmbeddedServer) -> Iterator[str]:
    """A fresh database with a table `said` in which jobs leave traces."""
    name = f"jobs_{uuid.uuid4().hex}"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        own = make_conninfo(server.conninfo, dbname=name)
        with psycopg.connect(own, autocommit=True) as table:
            table.execute("create table said (worker text, word text, at timestamptz)")
        yield own
        connection.execute(f"drop database {name} with (force)")
