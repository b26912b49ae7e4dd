"""What a job finds, and how it is read (core reference §8.1, §8.3, §8.4)."""

from datetime import timedelta
from typing import Any

import pytest

from openprofiles.core import paging
from tests.features.matching.conftest import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN


@pytest.mark.sealed_too
def test_a_job_finds_those_who_are_one(town):
    anna, bela, other_anna, other_bela, _ = town.settle(
        ANNA, BELA, ANNA_AGAIN, BELA_AGAIN, {"FirstName": "Zoe", "LastName": "Unique"}
    )

    job = town.run()

    assert job["Status"] == "COMPLETED"
    assert job["JobStats"] == {
        "NumberOfProfilesReviewed": 5,
        "NumberOfMatchesFound": 2,
        "NumberOfMergesDone": 0,
    }
    assert sorted(map(sorted, town.matches())) == sorted(
        [sorted([anna, other_anna]), sorted([bela, other_bela])]
    )


def test_matches_say_when_and_how_sure(town, client):
    town.settle(ANNA, ANNA_AGAIN)
    job = town.run()

    answer = client.get_matches(DomainName=town.name)

    [match] = answer["Matches"]
    assert answer["MatchGenerationDate"] <= job["JobEndTime"]
    assert 0.5 <= match["ConfidenceScore"] <= 1


@pytest.mark.parametrize("people", [(), (ANNA,)])
def test_a_job_on_hardly_anybody_finds_nothing(town, people):
    town.settle(*people)

    job = town.run()

    assert job["Status"] == "COMPLETED"
    assert job["JobStats"]["NumberOfProfilesReviewed"] == len(people)
    assert town.matches() == []


def test_before_the_first_run_there_are_no_matches(town, client):
    answer = client.get_matches(DomainName=town.name)

    assert (answer["PotentialMatches"], answer["Matches"]) == (0, [])
    assert "MatchGenerationDate" not in answer


def test_matches_come_in_pages(town, client):
    town.settle(*(who for who in people_in_pairs(5) for _ in range(2)))
    town.run()

    pages = []
    token: Any = {}
    while True:
        page = client.get_matches(DomainName=town.name, MaxResults=2, **token)
        pages.append(page["Matches"])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}

    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({match["MatchId"] for page in pages for match in page}) == 5
    scores = [match["ConfidenceScore"] for page in pages for match in page]
    assert scores == sorted(scores, reverse=True)


def test_a_page_of_an_earlier_result_is_refused(town, client):
    town.settle(*(who for who in people_in_pairs(2) for _ in range(2)))
    town.run()
    token = client.get_matches(DomainName=town.name, MaxResults=1)["NextToken"]
    town.run()

    with pytest.raises(client.exceptions.BadRequestException, match="a job has run"):
        client.get_matches(DomainName=town.name, NextToken=token)


@pytest.mark.parametrize("cursor", ["x", f"{'0' * 32}-1", f"{'0' * 32}-1 x"])
def test_a_broken_page_of_matches_is_refused(town, client, clock, settings, cursor):
    town.run()
    token = paging.encode(("GetMatches", settings.account_id, town.name), cursor, clock())

    with pytest.raises(client.exceptions.BadRequestException, match="not a token"):
        client.get_matches(DomainName=town.name, NextToken=token)


def test_groups_lose_those_who_are_gone(town, client):
    first, second, third = town.settle(ANNA, ANNA_AGAIN, ANNA)
    town.run()
    assert town.matches() == [{first, second, third}]

    client.delete_profile(DomainName=town.name, ProfileId=second)
    assert town.matches() == [{first, third}]

    client.delete_profile(DomainName=town.name, ProfileId=third)
    assert town.matches() == []


def test_only_the_last_result_is_kept(town, client, database):
    _, again = town.settle(ANNA, ANNA_AGAIN)
    town.run()
    client.delete_profile(DomainName=town.name, ProfileId=again)
    bela, other = town.settle(BELA, BELA_AGAIN)
    job = town.run()

    assert town.matches() == [{bela, other}]
    for table in ("match_groups", "match_models", "match_values"):
        with database.reading() as transaction:
            rows = transaction.rows(
                f"select distinct job_id from {table} join domains using (domain_id)"
                " where name = %s",
                [town.name],
            )
        assert {row[0] for row in rows} <= {job["JobId"]}, table


def test_results_expire_after_seven_days(town, clock):
    town.settle(ANNA, ANNA_AGAIN)
    job = town.run()
    assert job["JobExpirationTime"] - job["JobEndTime"] == timedelta(days=7)

    clock.turn(days=7, minutes=1)

    assert town.matches() == []


def test_similar_profiles_are_those_of_the_group(town, client):
    first, second, alone = town.settle(ANNA, ANNA_AGAIN, BELA)
    town.run()
    [match] = client.get_matches(DomainName=town.name)["Matches"]

    by_profile = similar(client, town, "_profileId", first)
    by_match = similar(client, town, "matchid", match["MatchId"])

    assert (
        by_profile
        == by_match
        == {
            "ProfileIds": sorted([first, second]),
            "MatchId": match["MatchId"],
            "MatchType": "ML_BASED_MATCHING",
            "ConfidenceScore": match["ConfidenceScore"],
        }
    )
    assert similar(client, town, "profileId", alone) == {
        "ProfileIds": [],
        "MatchType": "ML_BASED_MATCHING",
    }


def test_similar_profiles_come_in_pages(town, client):
    ids = town.settle(ANNA, ANNA_AGAIN, ANNA)
    town.run()
    pages = client.get_paginator("get_similar_profiles").paginate(
        DomainName=town.name,
        MatchType="ML_BASED_MATCHING",
        SearchKey="profileId",
        SearchValue=ids[0],
        PaginationConfig={"PageSize": 2},
    )

    assert [page["ProfileIds"] for page in pages] == [sorted(ids)[:2], sorted(ids)[2:]]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("matchId", "nothing"),
        ("matchId", f"{'0' * 32}-0"),
        ("profileId", "0" * 32),
        ("profileId", "nobody"),
    ],
)
def test_what_is_similar_to_nothing_is_not_found(town, client, key, value):
    town.settle(ANNA, ANNA_AGAIN)
    town.run()

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        similar(client, town, key, value)


def test_before_the_first_run_nobody_is_similar(town, client):
    [anna] = town.settle(ANNA)

    assert similar(client, town, "profileId", anna)["ProfileIds"] == []


def test_a_search_key_is_a_match_or_a_profile(town, client):
    with pytest.raises(client.exceptions.BadRequestException, match="matchId or profileId"):
        similar(client, town, "_email", "a.kraw@kraw.net")


def similar(client, town, key: str, value: str) -> dict[str, Any]:
    """What GetSimilarProfiles says of the ML matches."""
    answer = client.get_similar_profiles(
        DomainName=town.name, MatchType="ML_BASED_MATCHING", SearchKey=key, SearchValue=value
    )
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def people_in_pairs(number: int) -> list[dict[str, str]]:
    """People who have nothing to do with one another."""
    names = ["Anneliese", "Bogdan", "Cosima", "Dagobert", "Elfriede"]
    return [
        {
            "FirstName": name,
            "LastName": f"{name[::-1].capitalize()}owski",
            "EmailAddress": f"{name.lower()}{place}@mail.net",
        }
        for place, name in enumerate(names[:number])
    ]


def test_profiles_are_similar_by_rule(town, client):
    client.update_domain(
        DomainName=town.name,
        RuleBasedMatching={"Enabled": True, "MatchingRules": [{"Rule": ["EmailAddress"]}]},
    )
    ids = town.settle(ANNA, ANNA_AGAIN, BELA)

    def similar(key: str, value: str) -> Any:
        return client.get_similar_profiles(
            DomainName=town.name,
            MatchType="RULE_BASED_MATCHING",
            SearchKey=key,
            SearchValue=value,
        )

    found = similar("profileId", ids[0])
    assert found["ProfileIds"] == sorted(ids[:2])
    assert (found["MatchType"], found["RuleLevel"]) == ("RULE_BASED_MATCHING", 1)
    assert "ConfidenceScore" not in found
    assert similar("matchId", found["MatchId"])["ProfileIds"] == found["ProfileIds"]
    assert similar("profileId", ids[2])["ProfileIds"] == []
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        similar("matchId", "nothing")
