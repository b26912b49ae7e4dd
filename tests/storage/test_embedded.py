"""The embedded server: shared by lock, adopted, recovered from whatever was left behind."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.storage.errors import CannotStart

NOBODY = 65534

PRELUDE = """
import os, signal, sys
from pathlib import Path
from openprofiles.storage.embedded import EmbeddedServer
folder = Path(sys.argv[1])
"""

ORPHAN = (
    PRELUDE
    + """
print(EmbeddedServer(folder).pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
)


def leave_orphan(data_dir: Path) -> int:
    """Start the server in a process that is then killed; the postmaster's number."""
    killed = subprocess.run(
        [sys.executable, "-c", ORPHAN, str(data_dir)], capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    return int(killed.stdout)


def kill_postmaster(server: EmbeddedServer) -> int:
    """Kill it and wait until it is gone; the number it had."""
    killed = server.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: server.pid != killed)
    return killed


def answers(server: EmbeddedServer) -> bool:
    try:
        psycopg.connect(server.conninfo, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_it_stores_unicode_and_compares_bytes(data_dir):
    with (
        EmbeddedServer(data_dir) as server,
        psycopg.connect(server.conninfo) as connection,
    ):
        row = connection.execute(
            "select lower('ÄÖ'), 'Z' < 'a', current_setting('server_encoding'),"
            " current_setting('synchronous_commit'), current_setting('fsync')"
        ).fetchone()

    assert row == ("äö", True, "UTF8", "on", "on")


def test_it_listens_on_no_network_address(data_dir):
    with (
        EmbeddedServer(data_dir) as server,
        psycopg.connect(server.conninfo) as connection,
    ):
        assert connection.execute("show listen_addresses").fetchone() == ("",)


def test_the_last_to_leave_stops_it(data_dir):
    first, second = EmbeddedServer(data_dir), EmbeddedServer(data_dir)
    pid = first.pid
    first.close()
    still_there = second.pid
    second.close()

    assert still_there == pid
    assert second.pid is None


def test_closing_twice_does_nothing(data_dir):
    server = EmbeddedServer(data_dir)

    server.close()
    server.close()

    assert server.pid is None


def test_many_that_start_at_once_share_one_server(data_dir):
    servers: list[EmbeddedServer] = []
    threads = [
        threading.Thread(target=lambda: servers.append(EmbeddedServer(data_dir))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pids = {server.pid for server in servers}
    for server in servers:
        server.close()

    assert len(servers) == 4
    assert len(pids) == 1
    assert servers[0].pid is None


def test_an_orphan_is_adopted(data_dir):
    orphan = leave_orphan(data_dir)

    with EmbeddedServer(data_dir) as server:
        assert server.pid == orphan
        assert answers(server)


def test_an_orphan_that_does_not_answer_is_replaced(data_dir):
    orphan = leave_orphan(data_dir)
    os.kill(orphan, signal.SIGSTOP)

    with EmbeddedServer(data_dir, patience=2) as server:
        assert server.pid != orphan
        assert answers(server)


def test_a_server_in_use_that_does_not_answer_is_left_alone(data_dir):
    with EmbeddedServer(data_dir) as server:
        os.kill(server.pid or 0, signal.SIGSTOP)

        with pytest.raises(CannotStart, match="does not answer, and others use it"):
            EmbeddedServer(data_dir, patience=2)

        os.kill(server.pid or 0, signal.SIGCONT)
        assert answers(server)


def test_what_was_committed_survives_the_kill_of_the_postmaster(data_dir):
    server = EmbeddedServer(data_dir)
    connection = psycopg.connect(server.conninfo, autocommit=True)
    connection.execute("create table kept (n integer)")
    connection.execute("insert into kept values (1)")
    kill_postmaster(server)
    # The session's backend lives on for a moment: PostgreSQL must wait for it.

    server.ensure_running()

    with psycopg.connect(server.conninfo) as again:
        assert again.execute("select n from kept").fetchall() == [(1,)]
    connection.close()
    server.close()


def test_a_busy_backend_that_outlives_the_postmaster_is_ended(data_dir):
    server = EmbeddedServer(data_dir)
    connection = psycopg.connect(server.conninfo, autocommit=True)
    connection.execute(
        "create function busy() returns void language plpgsql as "
        "$$ begin loop perform 1; end loop; end $$"
    )

    def be_busy() -> None:
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select busy()")

    run = threading.Thread(target=be_busy)
    run.start()
    time.sleep(0.2)
    kill_postmaster(server)

    server.ensure_running()

    assert answers(server)
    run.join()
    connection.close()
    server.close()


def test_a_kept_server_is_started_again(data_dir):
    with EmbeddedServer(data_dir) as server:
        server.keep_running()
        killed = kill_postmaster(server)

        wait_until(lambda: server.pid not in (None, killed) and answers(server))


def test_two_who_tend_a_server_do_not_wait_for_each_other(data_dir):
    with EmbeddedServer(data_dir) as server:
        killed = kill_postmaster(server)
        with (data_dir / "start.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            server.tend()
            pid_meanwhile = server.pid

        server.tend()

        assert pid_meanwhile is None
        assert server.pid not in (None, killed)


def test_one_that_has_not_written_its_file_yet_is_ended_too(data_dir):
    server = EmbeddedServer(data_dir)
    process = psutil.Process(server.pid)
    (data_dir / "postgres" / "postmaster.pid").unlink()

    server.close()

    wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


def test_a_pid_file_that_names_another_process_is_stale(data_dir):
    cluster = data_dir / "postgres"
    (cluster / "postmaster.pid").write_text(
        f"{os.getpid()}\n{cluster}\n1700000000\n5432\n{cluster}\n\n  1 2\nready   \n"
    )
    (cluster / ".s.PGSQL.5432").touch()
    (cluster / ".s.PGSQL.5432.lock").write_text(
        f"{os.getpid()}\n{cluster}\n1700000000\n5432\n{cluster}\n"
    )

    with EmbeddedServer(data_dir) as server:
        assert answers(server)


def test_an_interrupted_first_start_is_done_again(tmp_path):
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)

    with EmbeddedServer(tmp_path) as server:
        assert answers(server)
    assert not (tmp_path / "postgres.new").exists()


def test_a_path_too_deep_for_a_socket_works(tmp_path):
    with EmbeddedServer(tmp_path / ("deep" * 30)) as server:
        folder = Path(str(psycopg.conninfo.conninfo_to_dict(server.conninfo)["host"]))
        mode = folder.stat().st_mode & 0o777

        assert answers(server)

    assert mode == 0o700
    assert not folder.exists()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path):
    deep = tmp_path / ("deep" * 30)
    with EmbeddedServer(deep) as server:
        folder = Path(str(psycopg.conninfo.conninfo_to_dict(server.conninfo)["host"]))
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)

    try:
        with pytest.raises(CannotStart, match="belongs to somebody else"):
            EmbeddedServer(deep)
    finally:
        folder.rmdir()


def test_a_database_of_a_newer_postgresql_is_refused_with_advice(data_dir):
    (data_dir / "postgres" / "PG_VERSION").write_text("19\n")

    with pytest.raises(CannotStart, match=r"PostgreSQL 19.* brings 18: use the openprofiles"):
        EmbeddedServer(data_dir)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that not even root can write")
def test_a_folder_that_cannot_be_written_is_refused_with_advice():
    with pytest.raises(CannotStart, match="cannot be written"):
        EmbeddedServer(Path("/proc/openprofiles"))


def test_a_cluster_that_does_not_start_says_where_the_reason_is(data_dir):
    (data_dir / "postgres" / "custom.conf").write_text("shared_buffers = nonsense\n")

    with pytest.raises(CannotStart, match=r"does not start; .*postgres.log says why: .*FATAL"):
        EmbeddedServer(data_dir)


def test_settings_of_ones_own_win(data_dir):
    (data_dir / "postgres" / "custom.conf").write_text("work_mem = '17MB'\n")

    with (
        EmbeddedServer(data_dir) as server,
        psycopg.connect(server.conninfo) as connection,
    ):
        assert connection.execute("show work_mem").fetchone() == ("17MB",)


def test_its_log_does_not_grow_for_ever(data_dir):
    with (data_dir / "postgres.log").open("ab") as log:
        log.truncate(11_000_000)

    with EmbeddedServer(data_dir):
        assert (data_dir / "postgres.log").stat().st_size < 100_000
    assert (data_dir / "postgres.old.log").exists()


def test_failing_statements_leave_no_value_in_its_log(data_dir):
    with (
        EmbeddedServer(data_dir) as server,
        psycopg.connect(server.conninfo) as connection,
        pytest.raises(psycopg.DataError),
    ):
        connection.execute("select 'jane@example.com'::integer")

    assert "jane@example.com" not in (data_dir / "postgres.log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_root_hands_the_database_to_a_system_user(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        owner = (tmp_path / "postgres").stat()
        process = Path(f"/proc/{server.pid}").stat()

    assert owner.st_uid != 0
    assert process.st_uid == owner.st_uid
    assert owner.st_mode & 0o077 == 0


def run_as_nobody(program: str, data_dir: Path) -> "subprocess.CompletedProcess[str]":
    """Run a program as an ordinary user, who can reach the folder of the data directory."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    for folder in data_dir.parents:
        folder.chmod(folder.stat().st_mode | 0o001)
    try:
        return subprocess.run(
            [sys.executable, "-c", PRELUDE + program, str(data_dir)],
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
    except PermissionError:
        pytest.skip("only root can run this Python")


def test_an_ordinary_user_needs_no_other(tmp_path):
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    os.chown(data_dir, NOBODY, NOBODY)

    done = run_as_nobody("with EmbeddedServer(folder) as server: print(server.pid)", data_dir)

    assert done.returncode == 0, done.stderr
    assert (data_dir / "postgres").stat().st_uid == NOBODY


def test_an_ordinary_user_is_told_whose_database_it_is(data_dir):
    data_dir.chmod(0o777)
    for lock in data_dir.glob("*.lock"):
        lock.chmod(0o666)

    done = run_as_nobody("EmbeddedServer(folder)", data_dir)

    assert "belongs to the system user" in done.stderr


def test_a_lock_that_is_none_is_reported(data_dir):
    (data_dir / "start.lock").unlink()
    (data_dir / "start.lock").mkdir()

    with pytest.raises(CannotStart, match="cannot be started"):
        EmbeddedServer(data_dir)


def test_one_that_runs_need_not_be_started_again(data_dir):
    with EmbeddedServer(data_dir) as server:
        pid = server.pid
        server.ensure_running()

        assert server.pid == pid


def test_an_orphan_that_dies_while_it_is_asked_is_replaced(data_dir):
    orphan = leave_orphan(data_dir)
    os.kill(orphan, signal.SIGSTOP)
    end = threading.Timer(0.5, os.kill, [orphan, signal.SIGKILL])
    end.start()

    with EmbeddedServer(data_dir, patience=5) as server:
        assert server.pid != orphan
        assert answers(server)
    end.join()


def test_a_kept_server_that_cannot_start_is_tried_again(data_dir, caplog):
    custom = data_dir / "postgres" / "custom.conf"
    with EmbeddedServer(data_dir) as server:
        custom.write_text("shared_buffers = nonsense\n")
        server.keep_running()
        kill_postmaster(server)
        wait_until(lambda: "cannot be started again yet" in caplog.text)

        custom.write_text("")

        wait_until(lambda: answers(server))
