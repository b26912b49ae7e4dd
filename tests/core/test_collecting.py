"""What is there when a program has started is set apart from garbage."""

import gc

import pytest

from openprofiles.core.collecting import set_apart


@pytest.fixture(autouse=True)
def put_back():
    yield
    gc.unfreeze()


class Knot:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.own = self


def test_what_is_there_is_not_looked_at_again():
    set_apart()

    assert gc.get_freeze_count() > 10_000
    assert gc.get_count()[2] == 0


def test_garbage_of_later_is_still_given_back():
    set_apart()
    made = [Knot() for _ in range(100)]
    del made

    assert gc.collect() >= 100
