"""Databases to back up and to restore to."""

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from openprofiles.storage.migrating import migrate


def _make(conninfo: str) -> str:
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template template0").format(sql.Identifier(name))
        )
    return make_conninfo(conninfo, dbname=name)


@pytest.fixture
def filled(server) -> Iterator[str]:
    """How to connect to a migrated database with a domain."""
    conninfo = _make(server.conninfo)
    migrate(conninfo)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "insert into domains (account_id, name, configuration, created_at, updated_at)"
            " values ('1', 'kept', '{}', now(), now())"
        )
        yield conninfo


@pytest.fixture
def empty(server) -> str:
    """How to connect to an empty database."""
    return _make(server.conninfo)
