"""A model serves the runs that follow, until it fits no more."""

import pytest

from openprofiles.features.matching.job import MODEL_KEPT
from tests.features.matching.conftest import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN
from tests.features.matching.test_matches import people_in_pairs


@pytest.fixture
def learned(town):
    """A town of ten, and the version of the model that its first run learned."""
    for who in people_in_pairs(5):
        town.settle(who, who)
    return run(town)


def run(town):
    """Have a job run; the version of the model that it used."""
    job_id = town.run()["JobId"]
    return town.own("DescribeIdentityResolutionJob", JobId=job_id)["ModelVersion"]


def test_a_run_uses_the_model_of_the_last_one(town, learned):
    town.settle(ANNA)

    assert run(town) == learned


@pytest.mark.usefixtures("learned")
def test_who_was_one_person_stays_one(town):
    before = town.matches()

    town.settle(BELA)
    town.run()

    assert sorted(map(sorted, town.matches())) == sorted(map(sorted, before))


def test_a_run_on_many_more_profiles_learns_anew(town, learned):
    town.settle(ANNA, ANNA_AGAIN, BELA, BELA_AGAIN)

    assert run(town) != learned


def test_a_run_learns_anew_after_four_weeks(town, learned, clock):
    town.settle(ANNA)

    clock.turn(days=MODEL_KEPT.days - 1)
    assert run(town) == learned
    clock.turn(days=2)
    assert run(town) != learned


def test_a_model_of_another_engine_is_not_used(town, learned, database):
    town.settle(ANNA)
    database.run(
        lambda transaction: transaction.send(
            """
            update match_models set model = jsonb_set(model::jsonb, '{format}', '0')::json
            from domains where domains.domain_id = match_models.domain_id and name = %s
            """,
            [town.name],
        )
    )

    assert run(town) != learned
