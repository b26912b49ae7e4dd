"""How good a run is, in numbers."""

import pytest

from openprofiles.core.errors import ResourceNotFound
from openprofiles.features.matching.operations import quality
from tests.features.matching.conftest import ANNA, ANNA_AGAIN


def test_a_domain_without_a_run_has_no_numbers(town):
    answer = town.own("GetMatchQuality")

    assert answer == {"JobId": None, "MadeAt": None, "Scores": [], "Weights": []}


def test_matches_are_counted_by_how_sure_they_are(town):
    town.settle(ANNA, ANNA_AGAIN)
    job_id = town.run()["JobId"]

    answer = town.own("GetMatchQuality")

    [score] = answer["Scores"]
    assert answer["JobId"] == job_id
    assert score["Matches"] == 1
    assert score["From"] <= score["Confidence"] <= score["To"]


def test_agreement_weighs_more_than_disagreement(town):
    town.settle(ANNA, ANNA_AGAIN)
    town.run()

    weights = town.own("GetMatchQuality")["Weights"]

    of_one = [row["Bits"] for row in weights if row["Attribute"] == weights[0]["Attribute"]]
    assert of_one[0] > 0 > of_one[-1]


def test_a_model_of_another_version_weighs_nothing():
    assert quality._weights(None) == []


def test_a_missing_domain_has_no_quality(town):
    with pytest.raises(ResourceNotFound):
        town.own("GetMatchQuality", DomainName="nowhere")
