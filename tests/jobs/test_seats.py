"""Seats say which workers are alive."""

import psycopg
import pytest

from openprofiles.jobs.seats import Seat
from openprofiles.storage.sessions import SessionLost


def test_each_worker_gets_the_lowest_free_seat(conninfo):
    first, second = Seat(conninfo), Seat(conninfo)
    first.leave()
    third = Seat(conninfo)

    assert [first.name, second.name, third.name] == ["worker-0", "worker-1", "worker-0"]
    second.leave()
    third.leave()


def test_only_what_a_dead_worker_left_is_taken_over(conninfo):
    alive, own = Seat(conninfo), Seat(conninfo)
    resumed: list[str] = []

    own.take_over([alive.name, own.name, "worker-7"], resumed.append)

    assert resumed == ["worker-7"]
    alive.leave()
    own.leave()


def test_nobody_sits_down_where_work_is_being_taken_over(conninfo):
    own = Seat(conninfo)
    names: list[str] = []

    def resume(_: str) -> None:
        late = Seat(conninfo)
        names.append(late.name)
        late.leave()

    own.take_over(["worker-1"], resume)

    assert names == ["worker-2"]
    own.leave()


def test_a_worker_notices_that_it_lost_its_seat(conninfo):
    seat = Seat(conninfo)
    seat.check()

    with psycopg.connect(conninfo, autocommit=True) as other:
        other.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
            " and database = (select oid from pg_database where datname = current_database())"
        )

    with pytest.raises(SessionLost):
        seat.check()
    seat.leave()
