"""What a process is tuned to comes and goes, and costs no memory."""

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from openprofiles.features.transfers import tuned_for_batches

TIMES = 200
CYCLES_EACH = 100
"""Fewer than the collector waits for: only over several times do they become enough."""


class Cycle:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def usual_threshold() -> Iterator[None]:
    """The collector as Python begins with it, whatever this process was set to."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("usual_threshold")
def test_garbage_in_cycles_is_given_back_though_a_process_is_tuned_again_and_again():
    made: weakref.WeakSet[Cycle] = weakref.WeakSet()

    for _ in range(TIMES):
        for _ in range(CYCLES_EACH):
            made.add(Cycle())
        with tuned_for_batches():
            pass

    assert len(made) < TIMES * CYCLES_EACH / 4


def test_objects_that_processes_share_stay_frozen():
    gc.freeze()
    frozen = gc.get_freeze_count()

    with tuned_for_batches():
        pass

    assert 0 < gc.get_freeze_count() <= frozen
    gc.unfreeze()


@pytest.mark.usefixtures("usual_threshold")
def test_a_process_is_afterwards_as_it_was():
    before = gc.get_threshold(), sys.getswitchinterval()

    with tuned_for_batches():
        assert gc.get_threshold()[0] > before[0][0]
        assert sys.getswitchinterval() < before[1]

    assert (gc.get_threshold(), sys.getswitchinterval()) == before


@pytest.mark.usefixtures("usual_threshold")
def test_runs_that_overlap_leave_a_process_as_it_was_before_the_first():
    before = gc.get_threshold(), sys.getswitchinterval()
    first, second = tuned_for_batches(), tuned_for_batches()

    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] > before[0][0]
    second.__exit__(None, None, None)

    assert (gc.get_threshold(), sys.getswitchinterval()) == before
