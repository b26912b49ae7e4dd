"""Batches are under way at once, and end in their order."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from openprofiles.features.transfers.turn import OutOfTurn, Turn


def test_the_second_begins_when_the_first_passes_on_and_ends_when_it_has_ended():
    first, said = Turn(), []
    second = Turn(first)

    def follow() -> None:
        second.begin()
        said.append("second begins")
        second.pass_on()
        second.wait_for_commit()
        said.append("second ends")

    with ThreadPoolExecutor(1) as threads:
        following = threads.submit(follow)
        first.begin()
        said.append("first passes on")
        first.pass_on()
        Turn(second).begin()
        said.append("first ends")
        first.wait_for_commit()
        first.end(is_done=True)
        following.result(10)

    assert said == ["first passes on", "second begins", "first ends", "second ends"]


def test_nothing_is_done_behind_a_batch_that_failed():
    first = Turn()
    second = Turn(first)
    first.begin()
    first.end(is_done=False)

    second.begin()

    with pytest.raises(OutOfTurn, match="before failed"):
        second.wait_for_commit()


def test_a_batch_is_not_begun_twice():
    turn = Turn()
    turn.begin()

    with pytest.raises(OutOfTurn, match="connection broke"):
        turn.begin()
