"""Decisions of people, and why two profiles match."""

import pytest

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from tests.features.matching.conftest import ANNA, ANNA_AGAIN, BELA


def test_who_is_decided_apart_is_not_found_again(town):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.run()
    assert town.matches() == [{anna, again}]

    town.own("DecideNotSame", ProfileId=again, OtherProfileId=anna)
    town.run()

    assert town.matches() == []


def test_a_withdrawn_decision_counts_no_more(town):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.own("DecideNotSame", ProfileId=anna, OtherProfileId=again)

    town.own("WithdrawDecision", ProfileId=again, OtherProfileId=anna)
    town.run()

    assert town.matches() == [{anna, again}]
    with pytest.raises(ResourceNotFound):
        town.own("WithdrawDecision", ProfileId=again, OtherProfileId=anna)


def test_deciding_twice_is_deciding_once(town):
    ids = town.settle(ANNA, BELA)
    for one, other in (ids, ids[::-1]):
        town.own("DecideNotSame", ProfileId=one, OtherProfileId=other)

    [decision] = town.own("ListDecisions")["Items"]

    assert [decision["ProfileId"], decision["OtherProfileId"]] == sorted(ids)
    assert decision["DecidedBy"] == "test"


def test_decisions_come_in_pages(town):
    ids = sorted(town.settle(ANNA, BELA, ANNA_AGAIN))
    for one, other in ((0, 1), (0, 2), (1, 2)):
        town.own("DecideNotSame", ProfileId=ids[one], OtherProfileId=ids[other])

    first = town.own("ListDecisions", MaxResults=2)
    second = town.own("ListDecisions", MaxResults=2, NextToken=first["NextToken"])

    pairs = [
        (ids.index(one["ProfileId"]), ids.index(one["OtherProfileId"]))
        for page in (first, second)
        for one in page["Items"]
    ]
    assert pairs == [(0, 1), (0, 2), (1, 2)]
    assert second["NextToken"] is None


def test_a_broken_page_of_decisions_is_refused(town, clock, settings):
    scope = ("ListDecisions", settings.account_id, town.name)

    with pytest.raises(BadRequest, match="not a token"):
        town.own("ListDecisions", NextToken=paging.encode(scope, "x", clock()))


def test_a_decision_needs_two_profiles_that_exist(town):
    [anna] = town.settle(ANNA)

    with pytest.raises(BadRequest, match="are the same"):
        town.own("DecideNotSame", ProfileId=anna, OtherProfileId=anna)
    with pytest.raises(ResourceNotFound):
        town.own("DecideNotSame", ProfileId=anna, OtherProfileId="0" * 32)


def test_a_match_is_explained_as_the_run_saw_it(town, client):
    anna, again, bela = town.settle(ANNA, ANNA_AGAIN, BELA)
    town.run()
    [match] = client.get_matches(DomainName=town.name)["Matches"]

    told = town.own("ExplainPair", ProfileId=anna, OtherProfileId=again)

    assert told["ConfidenceScore"] == pytest.approx(match["ConfidenceScore"], abs=1e-6)
    weights = {reason["Attribute"]: reason["Weight"] for reason in told["Reasons"]}
    assert weights["email"] > weights["last_name"]
    assert "a.kraw@kraw.net" in told["Text"]
    assert sum(told["Relations"].values()) == pytest.approx(1)
    other = town.own("ExplainPair", ProfileId=anna, OtherProfileId=bela)
    assert other["ConfidenceScore"] < 0.01


def test_an_explanation_needs_a_run_and_profiles(town):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    with pytest.raises(BadRequest, match="run an identity-resolution job"):
        town.own("ExplainPair", ProfileId=anna, OtherProfileId=again)
    town.run()

    with pytest.raises(ResourceNotFound):
        town.own("ExplainPair", ProfileId=anna, OtherProfileId="0" * 32)


def test_a_run_over_hardly_anybody_explains_nothing(town):
    [anna] = town.settle(ANNA)
    town.run()

    with pytest.raises(BadRequest, match="run an identity-resolution job"):
        town.own("ExplainPair", ProfileId=anna, OtherProfileId=anna)


def test_a_model_of_another_version_explains_nothing(town, database):
    anna, again = town.settle(ANNA, ANNA_AGAIN)
    town.run()
    with database.transaction() as transaction:
        transaction.rows(
            "update match_models set model = '{\"format\": 0}' where domain_id ="
            " (select domain_id from domains where name = %s) returning 1",
            [town.name],
        )

    with pytest.raises(BadRequest, match="run an identity-resolution job"):
        town.own("ExplainPair", ProfileId=anna, OtherProfileId=again)
