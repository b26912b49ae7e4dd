"""A child process ends with its parent, however that ends."""

import subprocess
import sys

import psutil
import pytest

from openprofiles.cli.ending import how_it_ended
from tests.acceptance.service import wait_until

CHILD = """
import os, sys, time
from openprofiles.cli.ending import die_with_parent
sys.platform = sys.argv[1]
die_with_parent(int(sys.argv[2]))
print(os.getpid(), flush=True)
time.sleep(60)
"""

PARENT = f"""
import os, subprocess, sys
subprocess.Popen([sys.executable, "-c", {CHILD!r}, sys.argv[1], str(os.getpid())])
sys.stdin.read()
"""


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_it_ends_when_its_parent_is_killed(platform):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, platform], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not is_gone(child)

        parent.kill()

        wait_until(lambda: is_gone(child))


def test_it_ends_at_once_when_its_parent_is_gone_already():
    orphan = subprocess.run(
        [sys.executable, "-c", CHILD, "linux", "1"], capture_output=True, check=False
    )

    assert orphan.returncode == -9
    assert orphan.stdout == b""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (3, "ended with 3"),
        (-15, "was ended by SIGTERM"),
        (-9, "was ended by SIGKILL (by somebody, or by the system because memory ran out)"),
        (-99, "was ended by signal 99"),
        (None, "ended, nobody knows how"),
    ],
)
def test_the_log_says_how_a_process_ended(code, said):
    assert how_it_ended(code) == said
