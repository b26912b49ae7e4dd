"""Auto-merging at the end of a job, and what is said of it before (core reference §8.2)."""

from typing import Any

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features import matching
from tests.features.matching.conftest import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN
from tests.opened import read_rows

BY_NAME = {"MatchingAttributesList": [["FirstName"]]}
BY_PHONE = {"MatchingAttributesList": [["PhoneNumber"]]}


def merging(consolidation: Any = None, **members: Any) -> dict[str, Any]:
    """An AutoMerging block."""
    return {"Enabled": True, "Consolidation": consolidation or BY_NAME, **members}


def run_scheduled(town, clock) -> dict[str, Any]:
    """Let the scheduled job run."""
    clock.turn(hours=24)
    assert matching.run_due(town.machine) == 1
    _, done = town.jobs()
    return town.job(done["JobId"])


def ids_of(town) -> set[str]:
    """The profiles of the domain whose first name is Anneliese."""
    answer = town.client.search_profiles(
        DomainName=town.name, KeyName="_email", Values=["a.kraw@kraw.net"]
    )
    return {profile["ProfileId"] for profile in answer["Items"]}


def test_matches_that_agree_are_merged(town, clock):
    anna, again, bela, other = town.settle(ANNA, ANNA_AGAIN, BELA, {**BELA_AGAIN, "FirstName": "B"})
    town.enable(AutoMerging=merging())

    job = run_scheduled(town, clock)

    assert (job["Status"], job["JobStats"]["NumberOfMergesDone"]) == ("COMPLETED", 1)
    assert job["AutoMerging"]["Consolidation"] == BY_NAME
    assert ids_of(town) == {anna}
    assert town.matches() in ([], [{bela, other}])
    [profile] = town.client.search_profiles(
        DomainName=town.name, KeyName="_profileId", Values=[again]
    )["Items"]
    assert profile["ProfileId"] == anna
    assert profile["LastName"] == ANNA_AGAIN["LastName"]


def test_a_merge_keeps_why_it_was_done(town, clock, database):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.enable(AutoMerging=merging())
    job = run_scheduled(town, clock)

    with database.reading() as transaction:
        [(_, main_id, merged_ids, cause, receipt, _)] = read_rows(
            transaction,
            town.name,
            "merges",
            "merge_id, main_id, merged_ids, cause, receipt, before",
        )

    detail = receipt["detail"]
    assert (main_id, list(merged_ids), cause) == (anna, [again], "matching")
    assert detail["JobId"] == job["JobId"]
    assert detail["MatchId"].startswith(job["JobId"])
    assert detail["ModelVersion"]
    assert 0.5 < detail["ConfidenceScore"] <= 1
    assert (detail["Criterion"], detail["AgreeingValues"]) == (1, {"FirstName": "Anneliese"})


def test_a_match_that_is_not_sure_enough_stays(town, clock):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.enable(AutoMerging=merging(MinAllowedConfidenceScoreForMerging=1.0))

    job = run_scheduled(town, clock)

    assert job["JobStats"]["NumberOfMergesDone"] == 0
    assert town.matches() == [{anna, again}]


def test_what_was_decided_apart_is_neither_found_nor_merged(town, clock):
    anna, again, third = town.settle(ANNA, ANNA_AGAIN, ANNA)
    town.own("DecideNotSame", ProfileId=anna, OtherProfileId=again)
    town.own("DecideNotSame", ProfileId=third, OtherProfileId=again)
    town.enable(AutoMerging=merging())

    job = run_scheduled(town, clock)

    assert job["JobStats"]["NumberOfMergesDone"] == 1
    assert ids_of(town) == {anna, again}


def test_a_decision_holds_for_what_was_merged_since(town, client):
    anna, again, third = town.settle(ANNA, ANNA_AGAIN, ANNA)
    town.own("DecideNotSame", ProfileId=anna, OtherProfileId=again)
    client.merge_profiles(DomainName=town.name, MainProfileId=third, ProfileIdsToBeMerged=[anna])

    job = town.run()

    assert job["JobStats"]["NumberOfMatchesFound"] == 0


def test_a_merge_that_was_undone_is_not_done_again(town, clock):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.enable(AutoMerging=merging())
    run_scheduled(town, clock)
    [merge] = town.own("ListMerges")["Items"]
    town.own("UndoMerge", MergeId=merge["MergeId"])

    clock.turn(days=8)
    assert matching.run_due(town.machine) == 1

    assert ids_of(town) == {anna, again}


def test_a_decision_made_while_the_job_runs_is_heeded(town, clock):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.enable(AutoMerging=merging())
    clock.turn(hours=24)

    def decide(job: Any) -> None:
        if job.status == "MERGING" and not job.progress.done:
            town.own("DecideNotSame", ProfileId=anna, OtherProfileId=again)

    matching.run_due(town.on(watch=decide).machine)

    assert ids_of(town) == {anna, again}


def test_merging_that_is_switched_off_while_the_job_runs_stops(town, clock):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.enable(AutoMerging=merging())
    clock.turn(hours=24)

    def switch_off(job: Any) -> None:
        if job.status == "MERGING":
            town.enable(AutoMerging={"Enabled": False})

    matching.run_due(town.on(watch=switch_off).machine)

    assert ids_of(town) == {anna, again}


def test_more_than_a_call_may_name_are_merged_in_rounds(town, clock):
    town.settle(*[ANNA] * 45)
    town.enable(AutoMerging=merging())

    job = run_scheduled(town, clock)

    assert job["JobStats"]["NumberOfMergesDone"] == 44
    assert len(ids_of(town)) == 1


def test_a_merge_that_would_be_too_large_is_left_and_said(town, clock):
    large = [{f"key{number}{half}": "x" * 255 for number in range(500)} for half in "ab"]
    anna, again = town.settle(
        {**ANNA, "Attributes": large[0]}, {**ANNA_AGAIN, "Attributes": large[1]}
    )
    town.enable(AutoMerging=merging())

    job = run_scheduled(town, clock)

    assert job["Status"] == "PARTIAL_SUCCESS"
    assert "1 matches could not be merged" in job["Message"]
    assert ids_of(town) == {anna, again}


def test_a_preview_counts_and_merges_nothing(town, client):
    town.settle(ANNA, ANNA_AGAIN, ANNA, BELA, BELA_AGAIN)
    town.run()

    def preview(consolidation: Any, **more: Any) -> tuple[int, ...]:
        answer = client.get_auto_merging_preview(
            DomainName=town.name,
            Consolidation=consolidation,
            ConflictResolution={"ConflictResolvingModel": "RECENCY"},
            **more,
        )
        assert answer["DomainName"] == town.name
        return (
            answer["NumberOfMatchesInSample"],
            answer["NumberOfProfilesInSample"],
            answer["NumberOfProfilesWillBeMerged"],
        )

    assert preview(BY_NAME) == (2, 5, 3)
    assert preview(BY_PHONE) == (2, 5, 0)
    assert preview(BY_NAME, MinAllowedConfidenceScoreForMerging=1.0) == (0, 0, 0)
    assert len(ids_of(town)) == 3


def test_before_the_first_run_a_preview_has_nothing(town, client):
    answer = client.get_auto_merging_preview(
        DomainName=town.name,
        Consolidation=BY_NAME,
        ConflictResolution={"ConflictResolvingModel": "RECENCY"},
    )

    assert answer["NumberOfMatchesInSample"] == 0


@pytest.mark.parametrize(
    ("consolidation", "resolution"),
    [
        ({"MatchingAttributesList": [["Shoes"]]}, {"ConflictResolvingModel": "RECENCY"}),
        (BY_NAME, {"ConflictResolvingModel": "SOURCE"}),
    ],
)
def test_a_policy_against_a_rule_is_refused(town, client, consolidation, resolution):
    with pytest.raises(client.exceptions.BadRequestException):
        client.get_auto_merging_preview(
            DomainName=town.name, Consolidation=consolidation, ConflictResolution=resolution
        )


def test_a_dry_run_shows_the_riskiest_merges_first(town):
    anna, again, bela, other = town.settle(ANNA, ANNA_AGAIN, BELA, BELA_AGAIN)
    town.run()

    answer = town.own("PreviewAutoMerging", Consolidation=BY_NAME)

    assert answer["NumberOfMatchesWithMerges"] == answer["NumberOfProfilesWillBeMerged"] == 2
    scores = [match["ConfidenceScore"] for match in answer["Matches"]]
    assert scores == sorted(scores)
    [of_bela, of_anna] = [match["Merges"][0] for match in answer["Matches"]]
    assert (of_bela["MainProfileId"], of_bela["ProfileIdsToBeMerged"]) == (bela, [other])
    assert of_anna["Agreeing"] == {"FirstName": "Anneliese"}
    assert of_anna["Conflicts"]["LastName"] == {
        anna: ANNA["LastName"],
        again: ANNA_AGAIN["LastName"],
    }
    assert len(town.own("PreviewAutoMerging", Consolidation=BY_NAME, MaxResults=1)["Matches"]) == 1


def test_a_dry_run_takes_what_the_domain_says(town):
    town.settle(ANNA, ANNA_AGAIN)
    town.run()
    with pytest.raises(BadRequest, match="Consolidation"):
        town.own("PreviewAutoMerging")

    town.enable(AutoMerging=merging())

    assert town.own("PreviewAutoMerging")["NumberOfProfilesWillBeMerged"] == 1
    assert (
        town.own("PreviewAutoMerging", Consolidation=BY_PHONE)["NumberOfProfilesWillBeMerged"] == 0
    )
