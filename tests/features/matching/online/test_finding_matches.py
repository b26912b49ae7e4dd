"""A profile's matches are known as soon as it is written, by the model of the last run."""

import json
from urllib.parse import urlencode

import pytest

from openprofiles import resolution
from openprofiles.app import wire_of
from openprofiles.core.errors import ResourceNotFound
from openprofiles.features.matching.online import judges, store
from openprofiles.resolution import blocking
from tests.conftest import KEY
from tests.features.matching.conftest import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN
from tests.wire.calling import Request, send

ZOE = {"FirstName": "Zoe", "LastName": "Unique", "EmailAddress": "zoe@unique.org"}


@pytest.fixture
def trained(town):
    """A town with matching, a run behind it, and one pair of profiles that it found."""
    town.enable()
    found = town.settle(ANNA, ANNA_AGAIN)
    town.settle(BELA, ZOE)
    town.run()
    return town, found


def find(town, profile_id):
    return town.own("FindMatches", ProfileId=profile_id)


def test_a_new_profile_is_found_to_belong_to_a_group_of_the_last_run(trained):
    town, (anna, other_anna) = trained

    [third] = town.settle(ANNA)
    answer = find(town, third)

    assert answer["ProfileIds"] == sorted([anna, other_anna, third])
    assert {found["ProfileId"] for found in answer["Candidates"]} == {anna, other_anna}
    weights = [found["Weight"] for found in answer["Candidates"]]
    assert weights == sorted(weights, reverse=True)
    assert answer["ConfidenceScore"] == max(
        found["ConfidenceScore"] for found in answer["Candidates"]
    )
    assert answer["ModelVersion"]


@pytest.mark.clear_only(reason="it is encrypted on the way")
def test_a_look_up_begins_anew_when_the_domain_is_encrypted_meanwhile(trained, client, monkeypatch):
    town, (anna, _) = trained
    send_neighbours, asked = store.send_neighbours, []

    def send_and_encrypt(*arguments):
        asked.append(send_neighbours(*arguments))
        if len(asked) == 1:
            client.update_domain(DomainName=town.name, DefaultEncryptionKey=KEY)
        return asked[-1]

    monkeypatch.setattr(store, "send_neighbours", send_and_encrypt)

    assert find(town, anna)["ProfileId"] == anna
    assert len(asked) == 2


def test_the_score_is_the_one_that_is_explained(trained):
    town, (anna, _) = trained
    [third] = town.settle(ANNA)

    scores = {
        found["ProfileId"]: found["ConfidenceScore"] for found in find(town, third)["Candidates"]
    }
    told = town.own("ExplainPair", ProfileId=third, OtherProfileId=anna)

    assert scores[anna] == pytest.approx(told["ConfidenceScore"], abs=1e-9)


def test_a_profile_that_nobody_knew_matches_one_that_was_alone(trained, client):
    town, _ = trained
    [bela] = [
        item["ProfileId"]
        for item in client.search_profiles(
            DomainName=town.name, KeyName="_fullName", Values=["Bela Tarkowski"]
        )["Items"]
    ]

    [other] = town.settle(BELA_AGAIN)

    assert find(town, other)["ProfileIds"] == sorted([bela, other])
    assert find(town, bela)["ProfileIds"] == sorted([bela, other])


def test_a_change_and_a_deletion_are_seen_at_once(trained, client):
    town, (anna, other_anna) = trained
    [third] = town.settle(ZOE | {"LastName": "Nobody", "EmailAddress": "nobody@nowhere.org"})
    assert find(town, third)["ProfileIds"] == []

    client.update_profile(DomainName=town.name, ProfileId=third, **ANNA)
    assert find(town, third)["ProfileIds"] == sorted([anna, other_anna, third])

    for gone in (anna, other_anna):
        client.delete_profile(DomainName=town.name, ProfileId=gone)
    assert find(town, third)["Candidates"] == []


@pytest.fixture
def among_many(monkeypatch):
    """Each domain is taken for as large as they come."""
    monkeypatch.setattr(blocking, "_MANY_RECORDS", 0)
    resolution.caps.cache_clear()
    yield
    resolution.caps.cache_clear()


NEIGHBOUR = {"FirstName": "Quirin", "LastName": "Abendroth", "Address": {"PostalCode": "90210"}}
OF_ONE_TOWN = {**NEIGHBOUR, "LastName": "Obendrot"}


def test_a_first_name_and_a_postal_code_make_candidates_among_few(trained):
    town, _ = trained
    [one, other] = town.settle(NEIGHBOUR, OF_ONE_TOWN)

    assert [found["ProfileId"] for found in find(town, one)["Candidates"]] == [other]


@pytest.mark.usefixtures("among_many")
def test_a_first_name_and_a_postal_code_make_none_among_many(trained):
    town, _ = trained
    [one, _] = town.settle(NEIGHBOUR, OF_ONE_TOWN)
    [bela_again] = town.settle(BELA_AGAIN)

    assert find(town, one)["Candidates"] == []
    assert len(find(town, bela_again)["Candidates"]) == 1


def test_those_who_were_said_to_be_two_stay_two(trained):
    town, (anna, other_anna) = trained
    [third] = town.settle(ANNA)
    for other in (anna, other_anna):
        town.own("DecideNotSame", ProfileId=third, OtherProfileId=other)

    assert third not in find(town, anna)["ProfileIds"]
    assert find(town, third)["ProfileIds"] == []


def test_a_decision_about_somebody_else_changes_nothing(trained):
    town, (anna, other_anna) = trained
    [third, stranger] = town.settle(ANNA, {"FirstName": "Ottilie", "LastName": "Xanthopoulos"})
    for decided in (third, anna):
        town.own("DecideNotSame", ProfileId=decided, OtherProfileId=stranger)

    assert find(town, third)["ProfileIds"] == sorted([anna, other_anna, third])


def test_a_model_that_was_forgotten_is_read_again(trained, monkeypatch):
    monkeypatch.setattr(judges, "MOST_KEPT", 0)
    town, (anna, _) = trained

    assert find(town, anna) == find(town, anna)


def test_before_the_first_run_nothing_is_known(town):
    town.enable()
    anna, _ = town.settle(ANNA, ANNA_AGAIN)

    assert find(town, anna) == {"ProfileId": anna, "ProfileIds": [], "Candidates": []}


def test_a_run_on_hardly_anybody_has_learned_nothing(town):
    town.enable()
    [anna] = town.settle(ANNA)
    town.run()

    assert find(town, anna)["Candidates"] == []


def test_a_profile_that_is_none_is_not_found(trained):
    town, _ = trained

    with pytest.raises(ResourceNotFound):
        find(town, "0" * 32)


def test_it_is_asked_over_http(trained, invoke, settings):
    town, (anna, other_anna) = trained
    path = f"/_openprofiles/v1/domains/{town.name}/profiles/{anna}/matches"

    reply = send(wire_of(invoke, settings), Request("GET", path))

    assert reply.status == 200
    assert json.loads(reply.body)["ProfileIds"] == sorted([anna, other_anna])
    assert (
        send(wire_of(invoke, settings), Request("GET", path + "?" + urlencode({"X": 1}))).status
        == 400
    )


def test_a_value_that_a_crowd_shares_makes_no_candidates(trained):
    town, _ = trained
    crowd = {"PhoneNumber": "+15550109999"}
    people = town.settle(
        *(crowd | {"FirstName": f"Name{chr(97 + place)}x"} for place in range(20)),
        *(crowd for _ in range(30)),
    )

    assert find(town, people[0])["Candidates"] == []


def similar(client, town, profile_id):
    return client.get_similar_profiles(
        DomainName=town.name,
        MatchType="ML_BASED_MATCHING",
        SearchKey="profileId",
        SearchValue=profile_id,
    )


def test_similar_profiles_of_a_new_profile_are_those_of_the_group_it_joins(trained, client):
    town, (anna, other_anna) = trained
    [third] = town.settle(ANNA)

    answer = similar(client, town, third)

    assert answer["ProfileIds"] == sorted([anna, other_anna, third])
    assert answer["MatchId"] == similar(client, town, anna)["MatchId"]
    assert answer["ConfidenceScore"] > 0.5


def test_a_match_that_no_run_has_found_has_no_id_yet(trained, client):
    town, _ = trained
    people = town.settle(
        *(
            {"FirstName": "Quirin", "LastName": "Obermayr", "EmailAddress": "q.o@obermayr.net"}
            for _ in range(2)
        )
    )

    answer = similar(client, town, people[0])

    assert answer["ProfileIds"] == sorted(people)
    assert "MatchId" not in answer


def test_similar_profiles_of_one_who_is_alone_are_none(trained, client):
    town, _ = trained
    [alone] = town.settle({"FirstName": "Ottilie", "LastName": "Xanthopoulos"})

    assert similar(client, town, alone)["ProfileIds"] == []


def test_without_matching_only_the_last_run_counts(trained, client):
    town, (anna, other_anna) = trained
    client.update_domain(DomainName=town.name, Matching={"Enabled": False})
    [third] = town.settle(ANNA)

    assert similar(client, town, third)["ProfileIds"] == []
    assert similar(client, town, anna)["ProfileIds"] == sorted([anna, other_anna])


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ({"BusinessPhoneNumber": "212-555-0177"}, "office"),
        ({"PhoneNumber": "212-555-0177"}, "household"),
    ],
)
def test_whose_a_phone_is_that_no_run_has_seen_is_told_by_its_holders(trained, values, level):
    town, _ = trained
    [one, other] = town.settle(
        {"FirstName": "Otto", "LastName": "Lindqvist", **values},
        {"FirstName": "Malte", "LastName": "Lindqvist", **values},
    )

    told = town.own("ExplainPair", ProfileId=one, OtherProfileId=other)

    assert level_of(told, "phone") == level


def test_father_and_son_are_told_apart_by_suffixes_behind_their_first_names(trained):
    town, _ = trained
    name = {"LastName": "Lindqvist"}
    [father, son, again] = town.settle(
        *({"FirstName": f"Otto {suffix}", **name} for suffix in ("Sr.", "Jr.", "Jr"))
    )

    told = [town.own("ExplainPair", ProfileId=son, OtherProfileId=id) for id in (father, again)]

    assert [level_of(pair, "generation") for pair in told] == ["different", "same"]
    assert level_of(told[0], "first_name").startswith("full_")
    assert told[0]["ConfidenceScore"] < told[1]["ConfidenceScore"]


def test_an_i_is_the_first_of_a_name_beside_the_second_and_an_initial_elsewhere(trained):
    town, _ = trained
    [first, second, other] = town.settle(
        *({"FirstName": f"Morris {end}", "LastName": "Lindqvist"} for end in ("I", "II", "J"))
    )

    told = [town.own("ExplainPair", ProfileId=first, OtherProfileId=id) for id in (second, other)]

    assert level_of(told[0], "generation") == "different"
    assert "generation" not in {reason["Attribute"] for reason in told[1]["Reasons"]}
    assert told[0]["ConfidenceScore"] < told[1]["ConfidenceScore"]


def test_a_third_holder_tells_of_two_others(trained):
    town, _ = trained
    phone = {"PhoneNumber": "212-555-0177"}
    [one, other] = town.settle(
        {"FirstName": "Otto", "LastName": "Lindqvist", **phone},
        {"FirstName": "Otto", "LastName": "Lindquist", **phone},
    )
    before = town.own("ExplainPair", ProfileId=one, OtherProfileId=other)

    town.settle({"FirstName": "Malte", "LastName": "Lindqvist", **phone})
    after = town.own("ExplainPair", ProfileId=one, OtherProfileId=other)

    assert [level_of(told, "phone") for told in (before, after)] == ["personal", "household"]
    assert after["ConfidenceScore"] < before["ConfidenceScore"]
    [candidate, *_] = [
        found for found in find(town, one)["Candidates"] if found["ProfileId"] == other
    ]
    assert candidate["ConfidenceScore"] == pytest.approx(after["ConfidenceScore"], abs=1e-9)


def level_of(told, attribute):
    [reason] = [reason for reason in told["Reasons"] if reason["Attribute"] == attribute]
    return reason["Level"]
