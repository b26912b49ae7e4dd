"""`openprofiles sweep`."""

import uuid

import psycopg
from psycopg.conninfo import make_conninfo

from openprofiles.cli.sweeping import sweep


def test_it_says_what_it_removed(server, capsys):
    # A database of its own: a sweep goes through all domains.
    name = f"sweep_{uuid.uuid4().hex}"
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(f"create database {name}")

        code = sweep(database_url=make_conninfo(server.conninfo, dbname=name))

        connection.execute(f"drop database {name} with (force)")
    assert code == 0
    assert capsys.readouterr().out.split("\n")[0] == (
        "Removed 0 expired objects, 0 expired profiles, 0 old records of histories, "
        "0 rows of deleted domains, 0 old entries of the audit"
    )
