"""Matches as people look at them: in which order they wait, and what is decided about them."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from openprofiles.core import paging
from openprofiles.core.errors import AccessDenied, BadRequest, ResourceNotFound
from openprofiles.core.policies import read
from openprofiles.features.matching.review import Place, gain_of, read_place
from tests.features.matching.conftest import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN

RULES = {
    "Enabled": True,
    "MatchingRules": [{"Rule": ["EmailAddress"]}, {"Rule": ["PhoneNumber"]}],
    "MaxAllowedRuleLevelForMatching": 2,
}


def queue(town, **members):
    """The groups that wait, all on a page; how many they are is told right."""
    answer = town.own("ListReviews", **members)
    assert answer["Total"] in (None, len(answer["Items"]))
    return answer["Items"]


def decide(town, review, **members):
    return town.own("DecideReview", MatchId=review["MatchId"], **members)


def merging(main, *others, **members):
    return {"MainProfileId": main, "ProfileIdsToBeMerged": list(others), **members}


def test_what_takes_away_most_waits_first(town):
    belas = town.settle(BELA, BELA_AGAIN, BELA)
    annas = town.settle(ANNA, ANNA_AGAIN)
    town.run()

    first, second = queue(town)
    assert (set(first["ProfileIds"]), set(second["ProfileIds"])) == (set(belas), set(annas))
    assert first["Gain"] == pytest.approx(2 * first["ConfidenceScore"])
    assert (first["Kind"], first["RuleLevel"]) == ("MODEL", None)


def test_a_queue_goes_on_page_by_page_and_knows_its_length(town):
    town.settle(ANNA, ANNA_AGAIN, BELA, BELA_AGAIN)
    town.run()
    both = queue(town)

    one = town.own("ListReviews", MaxResults=1)
    other = town.own("ListReviews", MaxResults=1, NextToken=one["NextToken"])

    assert [*one["Items"], *other["Items"]] == both
    assert (one["Total"], other["Total"], other["NextToken"]) == (2, 2, None)


def test_a_queue_has_bounds(town):
    town.settle(ANNA, ANNA_AGAIN)
    town.run()
    [review] = queue(town)
    confidence = round(review["ConfidenceScore"], 4)

    assert queue(town, MinConfidence=confidence - 0.001) == [review]
    assert queue(town, MinConfidence=1.0) == []
    assert queue(town, BelowConfidence=confidence - 0.001) == []
    assert town.own("GetReview", MatchId=review["MatchId"])["NextMatchId"] is None


def test_nothing_waits_before_the_first_run(town):
    town.settle(ANNA, ANNA_AGAIN)

    answer = town.own("ListReviews")

    assert (answer["Items"], answer["Total"], answer["NextToken"]) == ([], 0, None)


def test_a_review_knows_its_neighbours(town):
    town.settle(BELA, BELA_AGAIN, BELA, ANNA, ANNA_AGAIN)
    town.run()
    first, second = queue(town)

    shown = town.own("GetReview", MatchId=first["MatchId"])
    other = town.own("GetReview", MatchId=second["MatchId"])

    assert (shown["PreviousMatchId"], shown["NextMatchId"]) == (None, second["MatchId"])
    assert (other["PreviousMatchId"], other["NextMatchId"]) == (first["MatchId"], None)
    assert (shown["Attributes"], shown["NotSame"]) == ([], [])


def test_groups_of_rules_wait_level_by_level(town):
    town.client.update_domain(DomainName=town.name, RuleBasedMatching=RULES)
    town.settle(BELA, BELA_AGAIN, ANNA, ANNA_AGAIN)

    page = town.own("ListReviews", Kind="RULES", MaxResults=1)
    rest = town.own("ListReviews", Kind="RULES", NextToken=page["NextToken"])

    by_email, by_phone = page["Items"] + rest["Items"]
    assert (by_email["RuleLevel"], by_phone["RuleLevel"]) == (1, 2)
    assert (by_email["Gain"], by_email["ConfidenceScore"], page["Total"]) == (1.0, None, None)
    shown = town.own("GetReview", MatchId=by_phone["MatchId"])
    assert (shown["Attributes"], shown["NextMatchId"]) == (["PhoneNumber"], None)


def test_a_group_of_rules_knows_who_is_next(town):
    town.client.update_domain(DomainName=town.name, RuleBasedMatching=RULES)
    town.settle(ANNA, ANNA_AGAIN, {"EmailAddress": "x@y.example"}, {"EmailAddress": "x@y.example"})

    one, other = queue(town, Kind="RULES")

    assert town.own("GetReview", MatchId=one["MatchId"])["NextMatchId"] == other["MatchId"]


def test_what_is_merged_from_a_review_says_so(town):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.run()
    [review] = queue(town)

    done = decide(
        town, review, Merge=merging(again, anna, FieldSourceProfileIds={"LastName": anna})
    )

    receipt = town.own("GetMerge", MergeId=done["MergeId"])
    detail = receipt["CauseDetail"]
    assert (receipt["Cause"], receipt["MainProfileId"]) == ("review", again)
    assert (detail["MatchId"], detail["ConfidenceScore"]) == (
        review["MatchId"],
        review["ConfidenceScore"],
    )
    assert detail["ModelVersion"]
    assert receipt["LostValues"]["LastName"] == {again: ANNA_AGAIN["LastName"]}
    assert queue(town) == []


def test_what_is_merged_from_a_group_of_rules_says_which_rule(town):
    town.client.update_domain(DomainName=town.name, RuleBasedMatching=RULES)
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    [review] = queue(town, Kind="RULES")

    done = decide(town, review, Merge=merging(anna, again))

    detail = town.own("GetMerge", MergeId=done["MergeId"])["CauseDetail"]
    assert (detail["RuleLevel"], detail["Attributes"]) == (1, ["EmailAddress"])


def test_a_group_that_is_decided_apart_waits_no_more_and_is_told(town):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.run()
    [review] = queue(town)

    answer = decide(town, review, NotSame=[[again, anna]])

    assert answer == {"MergeId": None, "NotSame": [[anna, again]]}
    assert queue(town) == []
    assert town.own("GetReview", MatchId=review["MatchId"])["NotSame"] == [[anna, again]]
    town.own("WithdrawDecision", ProfileId=anna, OtherProfileId=again)
    assert queue(town) == [review]


def test_a_group_that_loses_a_profile_stands_where_what_is_left_of_it_belongs(town):
    belas = town.settle(BELA, BELA_AGAIN, BELA)
    town.settle(ANNA, ANNA_AGAIN)
    town.run()
    first, second = queue(town)

    town.client.delete_profile(DomainName=town.name, ProfileId=belas[0])
    town.client.delete_profile(DomainName=town.name, ProfileId=second["ProfileIds"][0])

    [left] = queue(town)
    assert left["ProfileIds"] == sorted(belas[1:])
    assert left["MatchId"] == first["MatchId"]
    assert left["Gain"] == pytest.approx(left["ConfidenceScore"])


def test_of_three_a_group_waits_until_all_pairs_are_apart(town):
    one, two, three = town.settle(BELA, BELA_AGAIN, BELA)
    town.run()
    [review] = queue(town)

    decide(town, review, NotSame=[[one, two], [one, three]])
    assert queue(town) == [review]
    decide(town, review, NotSame=[[two, three]])
    assert queue(town) == []
    town.own("WithdrawDecision", ProfileId=one, OtherProfileId=two)

    assert queue(town) == [review]


def test_one_of_three_is_left_out_while_the_others_are_merged(town):
    main, other, stranger = town.settle(BELA, BELA_AGAIN, BELA)
    town.run()
    [review] = queue(town)

    decide(
        town,
        review,
        Merge=merging(main, other),
        NotSame=[[stranger, main], [stranger, other]],
    )

    assert queue(town) == []
    [[one, two]] = town.own("GetReview", MatchId=review["MatchId"])["NotSame"]
    assert {one, two} == {main, stranger}


def test_the_second_who_merges_the_same_is_told_and_nothing_is_done_twice(town):
    main, other, third = town.settle(BELA, BELA_AGAIN, BELA)
    town.run()
    [review] = queue(town)
    decide(town, review, Merge=merging(main, other))

    with pytest.raises(BadRequest, match=f"{other} is not there any more"):
        decide(town, review, Merge=merging(third, main, other))

    assert len(town.own("ListMerges")["Items"]) == 1


def test_of_two_who_decide_at_the_same_moment_one_is_told(town):
    main, other = town.settle(ANNA, ANNA_AGAIN)
    town.run()
    [review] = queue(town)
    decisions = [{"Merge": merging(main, other)}, {"NotSame": [[main, other]]}] * 3

    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(decide, town, review, **decision) for decision in decisions]

    refused = [future.exception() for future in waiting if future.exception() is not None]
    merges, apart = town.own("ListMerges")["Items"], town.own("ListDecisions")["Items"]
    assert all(isinstance(refusal, (BadRequest, ResourceNotFound)) for refusal in refused)
    assert (len(merges), len(apart)) in ((1, 0), (0, 1))
    assert len(refused) == (5 if merges else 3)


def test_the_second_who_merges_what_was_parted_is_told(town):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.run()
    [review] = queue(town)
    decide(town, review, NotSame=[[anna, again]])

    with pytest.raises(BadRequest, match="decided not to be the same"):
        decide(town, review, Merge=merging(anna, again))

    assert town.own("ListMerges")["Items"] == []


def test_a_group_that_is_gone_is_not_found(town):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.run()
    [review] = queue(town)
    decide(town, review, Merge=merging(anna, again))
    of_rules = f"01{'0' * 32}"

    for match_id in (review["MatchId"], of_rules, f"{'0' * 32}-1", "f" * 42):
        with pytest.raises(ResourceNotFound, match="no such match any more"):
            town.own("GetReview", MatchId=match_id)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({}, "Neither Merge nor NotSame"),
        ({"NotSame": [[0, 0]]}, "the same as itself"),
        ({"Merge": (0, 0)}, "MainProfileId is among"),
        ({"Merge": (0, 1), "NotSame": [[1, 0]]}, "two profiles that are to be merged"),
        ({"Merge": (0, 2)}, "not in this match any more"),
    ],
)
def test_what_contradicts_itself_is_refused(town, members, said):
    ids = town.settle(ANNA, ANNA_AGAIN, BELA)
    town.run()
    [review] = queue(town)
    given = {}
    if "Merge" in members:
        given["Merge"] = merging(*(ids[place] for place in members["Merge"]))
    if "NotSame" in members:
        given["NotSame"] = [[ids[place] for place in pair] for pair in members["NotSame"]]

    with pytest.raises(BadRequest, match=said):
        decide(town, review, **given)


@pytest.mark.parametrize("kind", ["MODEL", "RULES"])
def test_a_broken_token_is_refused(town, kind):
    town.settle(ANNA, ANNA_AGAIN)
    town.run()
    scope = ("ListReviews", town.machine.caller.account_id, town.name, kind, 0.0, 2.0)
    now = town.own("ListReviews")["MatchGenerationDate"]
    token = paging.encode(scope, "nothing", now)

    with pytest.raises(BadRequest, match="NextToken"):
        town.own("ListReviews", Kind=kind, NextToken=token)


def test_a_place_is_read_as_it_was_written():
    place = Place(2 * 0.9876543, 17)

    assert read_place(place.as_cursor()) == place
    assert gain_of(3, None) == 2.0


@pytest.mark.parametrize("denied", ["MergeProfiles", "DecideNotSame"])
def test_a_decision_needs_the_permission_for_what_it_does(town, denied):
    one, other = town.settle(ANNA, ANNA_AGAIN)
    town.run()
    [review] = queue(town)
    statements = [
        {"Effect": "Allow", "Action": "profile:*", "Resource": "*"},
        {"Effect": "Deny", "Action": f"profile:{denied}", "Resource": "*"},
    ]
    policies = (read(json.dumps({"Version": "2012-10-17", "Statement": statements})),)
    bounded = town.on(caller=replace(town.machine.caller, policies=policies))
    members = {
        "MergeProfiles": {"Merge": merging(one, other)},
        "DecideNotSame": {"NotSame": [[one, other]]},
    }

    with pytest.raises(AccessDenied, match=f"not authorized to perform: profile:{denied}"):
        decide(bounded, review, **members[denied])

    assert queue(town) == [review]
