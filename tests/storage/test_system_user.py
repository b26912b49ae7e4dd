"""Which system user the embedded server runs as, told without becoming it."""

import os
import stat
from pathlib import Path

import pytest

from openprofiles.storage import system_user
from openprofiles.storage.errors import CannotStart
from openprofiles.storage.system_user import (
    SystemUser,
    grant_passage,
    grant_reading,
    server_user,
)

OTHER = SystemUser(uid=os.geteuid() + 4711, gid=4711)
OURS = SystemUser(uid=os.geteuid(), gid=os.getegid())


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def as_root(monkeypatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def as_jane(monkeypatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4712)
    monkeypatch.setattr(os, "getegid", lambda: 4713)


@pytest.mark.usefixtures("as_jane")
def test_an_ordinary_user_runs_it_as_herself(tmp_path):
    user = server_user(tmp_path / "postgres")

    assert user == SystemUser(uid=4712, gid=4713)
    assert user.process_options() == {}


@pytest.mark.usefixtures("as_jane")
def test_an_ordinary_user_does_not_get_the_database_of_another(tmp_path):
    with pytest.raises(CannotStart, match="belongs to the system user"):
        server_user(tmp_path)


@pytest.mark.usefixtures("as_root")
def test_root_runs_it_as_its_owner(tmp_path, monkeypatch):
    owned = os.stat_result((0o40700, 1, 1, 1, 4712, 4713, 0, 0, 0, 0))
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setattr(Path, "stat", lambda _: owned)

    user = server_user(tmp_path / "postgres")

    assert user == SystemUser(uid=4712, gid=4713)
    assert user.process_options() == {"user": 4712, "group": 4713, "extra_groups": []}


@pytest.mark.usefixtures("as_root")
def test_root_runs_it_as_our_system_user_or_as_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(system_user, "NAME", "no-such-user-4711")
    monkeypatch.setattr("shutil.which", lambda _: "/bin/false")

    user = server_user(tmp_path / "postgres")

    assert user == SystemUser(uid=65534, gid=65534)


@pytest.mark.usefixtures("as_root")
def test_root_without_any_user_for_it_is_told_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(system_user, "NAME", "no-such-user-4711")
    monkeypatch.setattr(system_user, "FALLBACK", "no-such-user-4712")
    monkeypatch.setattr("shutil.which", lambda _: "/bin/false")

    with pytest.raises(CannotStart, match="add a user called no-such-user-4711"):
        server_user(tmp_path / "postgres")


def test_an_owner_without_a_name_is_told_by_number(tmp_path, monkeypatch):
    owned = os.stat_result((0o40700, 1, 1, 1, 47124712, 1, 0, 0, 0, 0))
    monkeypatch.setattr(os, "geteuid", lambda: 4712)
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setattr(Path, "stat", lambda _: owned)

    with pytest.raises(CannotStart, match="system user 47124712"):
        server_user(tmp_path)


def test_passage_lets_pass_and_not_list(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "a"):
        folder.chmod(0o700)

    grant_passage(OTHER, inner)

    assert mode_of(tmp_path / "a") == 0o701
    assert mode_of(tmp_path) == 0o701


def test_our_own_user_needs_no_passage(tmp_path):
    tmp_path.chmod(0o700)

    grant_passage(OURS, tmp_path / "postgres")

    assert mode_of(tmp_path) == 0o700


def test_an_installation_under_a_tight_umask_becomes_readable(tmp_path):
    program, text, link = tmp_path / "program", tmp_path / "text", tmp_path / "link"
    for path, mode in ((program, 0o700), (text, 0o600)):
        path.touch()
        path.chmod(mode)
    link.symlink_to("nowhere")

    grant_reading(OTHER, tmp_path, program)

    assert (mode_of(program), mode_of(text)) == (0o705, 0o604)


def test_an_installation_that_can_be_read_is_left_alone(tmp_path):
    program, text = tmp_path / "program", tmp_path / "text"
    for path, mode in ((program, 0o755), (text, 0o600)):
        path.touch()
        path.chmod(mode)

    grant_reading(OTHER, tmp_path, program)

    assert mode_of(text) == 0o600


def test_what_is_ours_need_not_be_given(tmp_path, monkeypatch):
    given: list[Path] = []
    monkeypatch.setattr(os, "chown", lambda path, *_: given.append(path))

    OURS.give(tmp_path / "ours")
    OTHER.give(tmp_path / "theirs")

    assert given == [tmp_path / "theirs"]
