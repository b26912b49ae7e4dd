"""Which processor a web worker keeps to."""

import os
from multiprocessing import get_context

import pytest

from openprofiles.cli.processors import available, kept_to, processor_of


@pytest.mark.parametrize(
    ("workers", "processors", "kept"),
    [
        (2, [0, 1], [0, 1]),
        (4, [2, 5], [2, 5, 2, 5]),
        (2, [0, 1, 2], [None, None]),
        (2, [0], [None, None]),
        (1, [], [None]),
    ],
    ids=["each its own", "in turn", "room to spare", "nothing to choose", "no choice known"],
)
def test_workers_are_kept_apart_when_they_occupy_the_machine(workers, processors, kept):
    found = [
        processor_of(number, workers=workers, processors=processors) for number in range(workers)
    ]

    assert found == kept


def test_a_process_keeps_to_its_processor():
    last = available()[-1]
    with get_context("spawn").Pool(1) as pool:
        assert pool.apply(kept_to, (last, available)) == [last]


def test_all_that_the_system_leaves_us_are_available():
    assert set(available()) == os.sched_getaffinity(0)
