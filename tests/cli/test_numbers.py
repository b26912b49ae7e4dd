"""The folder for numbers: there while the service runs, gone afterwards, also after a kill."""

import os
import time
from pathlib import Path

import pytest

from openprofiles.cli.numbers import PREFIX, VARIABLE, numbers_folder, remove_stale


@pytest.fixture
def _own_temporary_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))


def make_old(folder: Path) -> None:
    past = time.time() - 3600
    os.utime(folder, (past, past))


@pytest.mark.usefixtures("_own_temporary_folder")
def test_it_is_there_while_it_is_needed():
    with numbers_folder() as folder:
        assert folder.is_dir()
        assert os.environ[VARIABLE] == str(folder)

    assert not folder.exists()
    assert VARIABLE not in os.environ


@pytest.mark.usefixtures("_own_temporary_folder")
def test_what_a_killed_service_left_is_removed(tmp_path):
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / "counter_1.db").touch()
    make_old(left)

    with numbers_folder():
        assert not left.exists()


@pytest.mark.usefixtures("_own_temporary_folder")
def test_what_is_in_use_or_just_begun_stays(tmp_path):
    begun = tmp_path / f"{PREFIX}begun"
    begun.mkdir()

    with numbers_folder() as folder:
        make_old(folder)
        remove_stale(tmp_path)

        assert folder.exists()
    assert begun.exists()


def test_what_is_no_folder_of_ours_stays(tmp_path):
    link = tmp_path / f"{PREFIX}link"
    link.symlink_to(tmp_path)

    remove_stale(tmp_path)

    assert link.is_symlink()
