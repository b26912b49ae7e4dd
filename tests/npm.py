"""npm packages that tests use, installed where their lock file is."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

SECONDS = 120


def installed(folder: Path) -> Path:
    """The folder of the packages that the lock file in `folder` names."""
    npm = shutil.which("npm")
    if npm is None:
        cannot("npm is not installed")
    # Test processes beside this one would install into the same folder.
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "node_modules" / ".package-lock.json"
        wanted = (folder / "package-lock.json").stat().st_mtime
        if not done.exists() or done.stat().st_mtime < wanted:
            ran = subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            if ran.returncode != 0:
                cannot(f"npm cannot install {folder.name}: {ran.stderr[-500:]}")
    return folder / "node_modules"


def cannot(reason: str) -> NoReturn:
    """Skip on a machine that lacks something; in CI nothing is skipped unseen."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
