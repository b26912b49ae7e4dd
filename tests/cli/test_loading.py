"""A command loads what it needs: the service takes longer to load than some commands to run."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.usefixtures("untraced_processes")

LOADED = "import sys, openprofiles.cli.{}; print('openprofiles.app' in sys.modules)"


@pytest.mark.parametrize(
    ("name", "needs_service"),
    [("match", False), ("backing_up", False), ("sweeping", True)],
)
def test_the_service_is_loaded_by_commands_that_need_it(name, needs_service):
    program = [sys.executable, "-c", LOADED.format(name)]

    told = subprocess.run(program, capture_output=True, text=True, check=True)

    assert told.stdout.strip() == str(needs_service)
