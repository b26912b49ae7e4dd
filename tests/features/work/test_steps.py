"""At which of its steps a job is, or ended."""

from datetime import UTC, datetime

import pytest

from openprofiles.features.work.job import Job, Kind, State

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def job(kind, state, step, *, has_begun=True, **numbers) -> Job:
    return Job(
        kind=kind,
        id="0" * 32,
        domain_name="shop",
        subject="Customer",
        cause="dry run",
        state=state,
        step=step,
        done=None,
        total=None,
        numbers=numbers,
        message=None,
        attempts=None,
        moment=NOW,
        began_at=NOW if has_begun else None,
        updated_at=NOW,
        ended_at=None,
        is_apart=False,
    )


@pytest.mark.parametrize(
    ("of", "states"),
    [
        (job(Kind.IDENTITY_RESOLUTION, State.RUNNING, "MERGING"), "DONE DONE DONE AT_HAND"),
        (job(Kind.IDENTITY_RESOLUTION, State.COMPLETED, "COMPLETED"), "DONE DONE DONE DONE"),
        (job(Kind.IDENTITY_RESOLUTION, State.PARTIAL, "PARTIAL_SUCCESS"), "DONE DONE DONE DONE"),
        (
            job(Kind.IDENTITY_RESOLUTION, State.FAILED, "FAILED", has_begun=False),
            "FAILED TO_COME TO_COME TO_COME",
        ),
        (
            job(Kind.IDENTITY_RESOLUTION, State.FAILED, "FAILED"),
            "DONE UNKNOWN UNKNOWN TO_COME",
        ),
        (
            job(Kind.IDENTITY_RESOLUTION, State.FAILED, "FAILED", Reviewed=3),
            "DONE DONE DONE FAILED",
        ),
        (job(Kind.REPLAY, State.STOPPED, "STOPPED"), "FAILED"),
        (job(Kind.INTEGRATION_RUN, State.WAITING, "RETRY"), "DONE AT_HAND"),
        (job(Kind.ERASURE, State.RUNNING, "LOOKING_THROUGH_REJECTED_OBJECTS"), "DONE AT_HAND"),
    ],
)
def test_each_step_is_told(of, states):
    assert [step["State"] for step in of.steps()] == states.split()


def test_a_replay_is_done_again_as_it_was():
    again = job(Kind.REPLAY, State.FAILED, "FAILED").retry()

    assert again == {
        "Operation": "StartReplay",
        "Parameters": {"DomainName": "shop", "ObjectTypeName": "Customer", "DryRun": True},
    }
