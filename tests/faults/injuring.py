"""What is done to a running service. Each fault leaves a service that can recover by itself."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil
import psycopg

from tests.acceptance.service import Service, wait_until

Fault = Callable[[Service, random.Random], int]
"""Does it; how many processes or connections it hit."""


def _signal(process: psutil.Process | None, number: signal.Signals) -> int:
    if process is None:
        return 0
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return 0
    return 1


def _sessions(service: Service) -> list[psutil.Process]:
    """The database's processes that serve our connections."""
    return _children(service, lambda line: "[local]" in line or "127.0.0.1" in line)


def _children(service: Service, fits: Callable[[str], bool]) -> list[psutil.Process]:
    found = []
    for child in service.postmaster().children():
        with suppress(psutil.NoSuchProcess):
            if fits(" ".join(child.cmdline())):
                found.append(child)
    return found


def kill_web_worker(service: Service, lot: random.Random) -> int:
    return _signal(lot.choice(service.web_workers() or [None]), signal.SIGKILL)


def kill_web_workers(service: Service, _: random.Random) -> int:
    return sum(_signal(worker, signal.SIGKILL) for worker in service.web_workers())


def terminate_web_worker(service: Service, lot: random.Random) -> int:
    return _signal(lot.choice(service.web_workers() or [None]), signal.SIGTERM)


def kill_job_worker(service: Service, _: random.Random) -> int:
    return _signal(service.job_worker(), signal.SIGKILL)


def terminate_job_worker(service: Service, _: random.Random) -> int:
    return _signal(service.job_worker(), signal.SIGTERM)


def kill_postmaster(service: Service, _: random.Random) -> int:
    return _signal(service.postmaster(), signal.SIGKILL)


def stop_database_at_once(service: Service, _: random.Random) -> int:
    """What `pg_ctl stop -m immediate` does."""
    return _signal(service.postmaster(), signal.SIGQUIT)


def kill_session(service: Service, lot: random.Random) -> int:
    return _signal(lot.choice(_sessions(service) or [None]), signal.SIGKILL)


def kill_background_process(service: Service, lot: random.Random) -> int:
    """The one that writes the log, checkpoints, or cleans up."""
    background = _children(service, lambda line: "writer" in line or "checkpointer" in line)
    return _signal(lot.choice(background or [None]), signal.SIGKILL)


def terminate_sessions(service: Service, lot: random.Random) -> int:
    """As an administrator does by pg_terminate_backend: one session, or all."""
    with psycopg.connect(service.conninfo(), autocommit=True) as connection:
        [(count,)] = connection.execute(
            "select count(pg_terminate_backend(pid)) from (select pid from pg_stat_activity where"
            " backend_type = 'client backend' and pid <> pg_backend_pid() limit %s) as sessions",
            [lot.choice([1, 100])],
        ).fetchall()
    return int(count)


def cancel_statements(service: Service, _: random.Random) -> int:
    """As an administrator does by pg_cancel_backend."""
    with psycopg.connect(service.conninfo(), autocommit=True) as connection:
        [(count,)] = connection.execute(
            "select count(pg_cancel_backend(pid)) from pg_stat_activity where state = 'active'"
            " and backend_type = 'client backend' and pid <> pg_backend_pid()"
        ).fetchall()
    return int(count)


def _pause(processes: list[psutil.Process], lot: random.Random) -> int:
    stopped = [process for process in processes if _signal(process, signal.SIGSTOP)]
    time.sleep(lot.uniform(0.2, 1.5))
    return sum(_signal(process, signal.SIGCONT) for process in stopped)


def stop_web_worker(service: Service, lot: random.Random) -> int:
    return _pause(lot.sample(service.web_workers(), 1), lot)


def stop_job_worker(service: Service, lot: random.Random) -> int:
    worker = service.job_worker()
    return _pause([worker] if worker else [], lot)


def stop_parent(service: Service, lot: random.Random) -> int:
    return _pause([service.parent], lot)


def stop_parent_while_workers_die(service: Service, lot: random.Random) -> int:
    """Nobody is there to start them again, for a moment."""
    workers = service.web_workers()
    os.kill(service.parent.pid, signal.SIGSTOP)
    count = sum(_signal(worker, signal.SIGKILL) for worker in workers)
    time.sleep(lot.uniform(0.2, 1.0))
    os.kill(service.parent.pid, signal.SIGCONT)
    return count


def stop_database(service: Service, lot: random.Random) -> int:
    postmaster = service.postmaster()
    return _pause([postmaster, *postmaster.children()], lot)


def kill_parent_and_start(service: Service, _: random.Random) -> int:
    service.kill()
    service.start()
    return 1


def kill_all_and_start(service: Service, _: random.Random) -> int:
    database = [service.postmaster(), *service.postmaster().children()]
    service.kill(*database)
    service.start()
    return 1 + len(database)


def restart(service: Service, _: random.Random) -> int:
    """As an upgrade does: SIGTERM, wait, start."""
    code = service.stop()
    assert code == 0, f"it ended with {code}"
    service.start()
    return 1


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        kill_web_worker,
        kill_web_workers,
        terminate_web_worker,
        kill_job_worker,
        terminate_job_worker,
        kill_postmaster,
        stop_database_at_once,
        kill_session,
        kill_background_process,
        terminate_sessions,
        cancel_statements,
        stop_web_worker,
        stop_job_worker,
        stop_parent,
        stop_parent_while_workers_die,
        stop_database,
        kill_parent_and_start,
        kill_all_and_start,
        restart,
    )
}


def wait_until_whole(service: Service, workers: int) -> None:
    """Wait until all processes are there and the service answers."""
    wait_until(lambda: len(service.web_workers()) == workers)
    wait_until(lambda: service.job_worker() is not None)
    wait_until(lambda: _is_ready(service))


def _is_ready(service: Service) -> bool:
    try:
        return service.status("/_openprofiles/v1/health/ready") == 200
    except OSError:
        return False
