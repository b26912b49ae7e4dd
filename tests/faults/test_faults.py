"""A few rounds of each stage; `make faults` does hundreds."""

import os
import subprocess
from typing import Any

import pytest

from tests.faults.rounds import endure

pytestmark = pytest.mark.usefixtures("untraced_processes")

QUICK: dict[str, Any] = {"seed": 1, "lines": 500, "hurries": True, "say": lambda _: None}


def can_mount(folder) -> bool:
    """Whether this user may mount a small disk."""
    if os.geteuid() != 0:
        return False
    options = ["-t", "tmpfs", "-o", "size=1m", "openprofiles", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True).returncode != 0:
        return False
    subprocess.run(["umount", str(folder)], check=True)
    return True


@pytest.mark.parametrize(
    ("stage", "fault", "encrypts"),
    [("processes", "terminate_sessions", False), ("network", "reset_connections", True)],
)
def test_nothing_acknowledged_is_lost_and_no_rule_is_broken(tmp_path, stage, fault, encrypts):
    outcome = endure(tmp_path, stage=stage, rounds=2, names=[fault], encrypts=encrypts, **QUICK)

    assert outcome.failures == []
    assert outcome.acknowledged > 0
    assert outcome.side["lines that were imported"] == QUICK["lines"]


def test_a_full_disk_loses_nothing(tmp_path):
    if not can_mount(tmp_path):
        pytest.skip("only who may mount a disk can fill one")

    outcome = endure(tmp_path, stage="disk", rounds=1, **QUICK)

    assert outcome.failures == []
