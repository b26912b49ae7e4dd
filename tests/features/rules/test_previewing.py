"""What rules would do, without doing it, and how far those of a domain are."""

import msgspec
import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features.rules import checked_preview
from tests.features.rules import naive
from tests.features.rules.conftest import rule_block

ANN = {"FirstName": "Ann", "LastName": "Lee"}


def _preview(world, *levels: str, **members):
    block = {name: value for name, value in rule_block(*levels).items() if name != "Enabled"}
    return world.ask("PreviewRules", **(block if levels else {}), **members)


def test_a_preview_lists_the_riskiest_groups_first(ruled):
    world = ruled()
    pair = [world.create(EmailAddress="a@x.org", **ANN) for _ in range(2)]
    unlike = [
        world.create(EmailAddress="b@x.org", FirstName=first, BirthDate=born)
        for first, born in (("Bo", "1990-01-01"), ("Cy", "1991-01-01"))
    ]
    three = [world.create(EmailAddress="c@x.org", FirstName=first) for first in ("Di", "DI", "di ")]
    world.create(EmailAddress="d@x.org")

    answer = _preview(world, "EmailAddress")

    assert answer["ProfilesReviewed"] == 8
    assert answer["IsComplete"]
    assert answer["NumberOfGroups"] == 3
    assert answer["NumberOfProfilesWillBeMerged"] == 0
    assert [
        (group["NumberOfProfiles"], group["ProfileIds"], list(group["Disagreements"]))
        for group in answer["Groups"]
    ] == [(3, three, []), (2, unlike, ["FirstName", "BirthDate"]), (2, pair, [])]
    assert world.match_ids() == []


def test_a_preview_counts_by_level_and_what_would_be_merged(ruled):
    world = ruled()
    for n in range(3):
        world.create(AccountNumber="1", EmailAddress=f"{n}@x.org")
    world.create(EmailAddress="0@x.org")

    answer = _preview(world, "AccountNumber", "EmailAddress", MaxAllowedRuleLevelForMerging=1)

    counts = [
        (
            level["RuleLevel"],
            list(level["Attributes"]),
            level["NumberOfGroups"],
            level["NumberOfProfiles"],
        )
        for level in answer["Levels"]
    ]
    assert counts == [(1, ["AccountNumber"], 1, 3), (2, ["EmailAddress"], 1, 2)]
    assert answer["NumberOfProfilesWillBeMerged"] == 2


def test_a_preview_without_rules_is_of_the_default_ones(ruled):
    world = ruled()

    assert len(_preview(world)["Levels"]) == 3


def test_a_preview_has_bounds(ruled, ingest_profiles):
    world = ruled()
    ingest_profiles(world, [{"AccountNumber": str(n % 6)} for n in range(12)])

    some = _preview(world, "AccountNumber", MaxProfiles=8, MaxResults=1)
    assert (some["ProfilesReviewed"], some["IsComplete"]) == (8, False)
    assert (some["NumberOfGroups"], len(some["Groups"])) == (2, 1)
    assert _preview(world, "AccountNumber", MaxProfiles=12)["IsComplete"]


def test_a_preview_names_values_that_are_too_common(ruled, ingest_profiles):
    world = ruled("AccountNumber")
    ingest_profiles(world, [{"AccountNumber": "1"}] * 501)

    answer = _preview(world, "AccountNumber")

    assert answer["NumberOfGroups"] == 0
    assert answer["Levels"][0]["NumberOfUnusableValues"] == 1


def test_a_preview_of_large_groups_names_some_of_their_profiles(ruled, ingest_profiles):
    world = ruled()
    ingest_profiles(world, [{"AccountNumber": "1"}] * 101)

    (group,) = _preview(world, "AccountNumber")["Groups"]
    assert (group["NumberOfProfiles"], len(group["ProfileIds"])) == (101, 100)


def test_a_preview_makes_the_groups_that_the_rules_make(ruled, groups, ingest_profiles):
    world = ruled()
    ids = ingest_profiles(
        world,
        [
            {
                "AccountNumber": str(n % 11 + 1),
                "EmailAddress": f"{n % 7}@x.org",
                "LastName": f"l{n % 3}",
                "PhoneNumber": str(n % 5 + 1),
                "FirstName": f"f{n % 4}",
            }
            for n in range(0, 200, 9)
        ],
    )

    previewed = _preview(world, *naive.LEVELS, MaxResults=100)["Groups"]
    world.set_rules(*naive.LEVELS)

    assert len(ids) > len(previewed) > 0
    assert sorted((group["RuleLevel"], group["ProfileIds"]) for group in previewed) == [
        (level, sorted(profile_ids)) for level, profile_ids in groups.all(world)
    ]


@pytest.mark.parametrize(
    "rules",
    [
        {"MatchingRules": [{"Rule": ["Shoe"]}]},
        {"MatchingRules": [{"Rule": ["LastName"]}], "MaxAllowedRuleLevelForMatching": 2},
        {
            "AttributeTypesSelector": {
                "AttributeMatchingModel": "ONE_TO_ONE",
                "Address": ["Home"],
            }
        },
    ],
)
def test_rules_that_a_domain_could_not_have_have_no_preview(ruled, rules):
    world = ruled()

    with pytest.raises(BadRequest):
        world.ask("PreviewRules", **rules)


def test_a_request_that_is_no_preview_is_refused():
    given = {"DomainName": "shop", "MatchingRules": [{"Rule": []}]}

    with pytest.raises(BadRequest, match="not valid"):
        checked_preview(given)


def test_a_preview_can_be_asked_for_over_http(ruled, application):
    from tests.wire.calling import Request, send

    world = ruled("AccountNumber")
    for _ in range(2):
        world.create(AccountNumber="1")
    path = f"/_openprofiles/v1/domains/{world.name}/rule-matching"
    body = msgspec.json.encode({"MatchingRules": [{"Rule": ["AccountNumber"]}]})

    preview = send(application.wsgi, Request("POST", f"{path}/preview", body=body))
    status = send(application.wsgi, Request("GET", f"{path}?CountsUnusable=true"))

    assert (preview.status, preview.content["NumberOfGroups"]) == (200, 1)
    assert (status.status, status.content["Status"]) == (200, "ACTIVE")
    assert status.content["Unusable"] == []


def test_a_profile_with_another_usable_value_is_not_left_without_a_match(ruled, ingest_profiles):
    world = ruled("EmailAddress")
    ingest_profiles(world, [{"EmailAddress": "a@x.org"}] * 500)
    ingest_profiles(world, [{"EmailAddress": "a@x.org", "BusinessEmailAddress": "b@x.org"}] * 2)

    (entry,) = world.unusable()
    assert (entry["Values"], entry["Profiles"]) == (1, 500)
    assert len(world.match_ids()) == 1


def test_the_status_of_rules_that_are_off_says_so(ruled):
    assert ruled().ask("GetRuleMatchingStatus") == {"Status": "DISABLED"}
