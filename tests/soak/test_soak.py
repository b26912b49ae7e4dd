"""A moment of it; `make soak` takes an hour."""

import pytest

from tests.soak.soaking import Crowd, soak


@pytest.mark.usefixtures("untraced_processes")
def test_a_crowd_leaves_honest_callers_their_answers(tmp_path):
    crowd = Crowd(idle=50, busy=10, pause=0.5, slow_headers=5, slow_readers=5, honest=2)

    outcome = soak(tmp_path, seconds=10, seed=1, crowd=crowd, say=lambda _: None)

    # First what would explain that somebody had no answer.
    assert (outcome.log_errors, outcome.anew, outcome.problems) == ([], [], [])
    assert outcome.seen["honest"].statuses.keys() <= {"200", "429"}
    assert outcome.seen["honest"].statuses["200"] > 0
    assert outcome.seen["visitor"].statuses.keys() <= {"200", "429"}
    assert "web worker 2" in outcome.memory
