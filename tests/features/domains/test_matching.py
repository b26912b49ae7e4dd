"""Matching blocks are checked, stored and shown with their defaults (core reference §8)."""

import pytest

from openprofiles.features.domains import matching
from openprofiles.features.object_types import standard_objects

ADDRESSES = {"Address", "ShippingAddress", "MailingAddress", "BillingAddress"}


def _updated(client, domain, **blocks):
    client.update_domain(DomainName=domain, **blocks)
    return client.get_domain(DomainName=domain)


def _refusal(client, domain, **blocks):
    with pytest.raises(client.exceptions.BadRequestException) as failure:
        client.update_domain(DomainName=domain, **blocks)
    return failure.value.response["Error"]["Message"]


def _merging(**members):
    return {"Enabled": True, "AutoMerging": {"Enabled": True, **members}}


def test_enabled_matching_runs_on_saturdays_at_midnight(client, domain):
    answer = _updated(client, domain, Matching={"Enabled": True})

    schedule = {"DayOfTheWeek": "SATURDAY", "Time": "00:00"}
    assert answer["Matching"] == {"Enabled": True, "JobSchedule": schedule}


def test_a_matching_block_is_returned_as_given(client_with, domain, tmp_path):
    (tmp_path / "matches").mkdir()
    client = client_with(buckets_url=tmp_path.as_uri())
    block = {
        "Enabled": True,
        "JobSchedule": {"DayOfTheWeek": "MONDAY", "Time": "7:05"},
        "AutoMerging": {
            "Enabled": True,
            "Consolidation": {
                "MatchingAttributesList": [["FirstName", "Address.City"], ["Attributes.tier"]]
            },
            "ConflictResolution": {"ConflictResolvingModel": "SOURCE", "SourceName": "FirstName"},
            "MinAllowedConfidenceScoreForMerging": 0.75,
        },
        "ExportingConfig": {"S3Exporting": {"S3BucketName": "matches", "S3KeyName": "weekly"}},
    }

    assert _updated(client, domain, Matching=block)["Matching"] == block


def test_auto_merging_prefers_the_newest_value_by_default(client, domain):
    answer = _updated(client, domain, Matching=_merging())

    resolution = answer["Matching"]["AutoMerging"]["ConflictResolution"]
    assert resolution == {"ConflictResolvingModel": "RECENCY"}


@pytest.mark.parametrize("name", ["Nickname", "Address", "Address.Planet", "Attributes."])
def test_a_criterion_of_an_unknown_attribute_is_refused(client, domain, name):
    consolidation = {"MatchingAttributesList": [["FirstName", name]]}

    message = _refusal(client, domain, Matching=_merging(Consolidation=consolidation))

    assert "MatchingAttributesList" in message
    assert name not in message


@pytest.mark.parametrize("block", ["Matching", "RuleBasedMatching"])
def test_the_model_source_needs_a_source(client, domain, block):
    source = {"ConflictResolution": {"ConflictResolvingModel": "SOURCE"}}
    given = _merging(**source) if block == "Matching" else {"Enabled": True, **source}

    assert "SourceName" in _refusal(client, domain, **{block: given})


def test_rules_have_defaults_and_are_in_force_at_once_where_there_is_no_profile(client, domain):
    rules = _updated(client, domain, RuleBasedMatching={"Enabled": True})["RuleBasedMatching"]

    assert rules["Status"] == "ACTIVE"
    assert rules["MatchingRules"][0] == {"Rule": ["AccountNumber"]}
    assert len(rules["MatchingRules"]) == 5
    assert rules["MaxAllowedRuleLevelForMatching"] == 3
    assert "MaxAllowedRuleLevelForMerging" not in rules
    assert rules["ConflictResolution"] == {"ConflictResolvingModel": "RECENCY"}


def test_own_rules_are_all_used_for_matching_by_default(client, domain):
    own = [{"Rule": ["EmailAddress"]}, {"Rule": ["Attributes.tier", "Address.Address"]}]

    rules = _updated(client, domain, RuleBasedMatching={"Enabled": True, "MatchingRules": own})[
        "RuleBasedMatching"
    ]

    assert rules["MatchingRules"] == own
    assert rules["MaxAllowedRuleLevelForMatching"] == 2


def test_disabled_rules_have_no_status(client, domain):
    answer = _updated(client, domain, RuleBasedMatching={"Enabled": False})

    assert answer["RuleBasedMatching"] == {"Enabled": False}


@pytest.mark.parametrize("name", ["HomePhoneNumber", "Address.Address1", "Attributes."])
def test_a_rule_of_an_unknown_attribute_is_refused(client, domain, name):
    rules = {"Enabled": True, "MatchingRules": [{"Rule": [name]}]}

    assert "MatchingRules" in _refusal(client, domain, RuleBasedMatching=rules)


@pytest.mark.parametrize(
    ("levels", "named"),
    [
        ({"MaxAllowedRuleLevelForMatching": 3}, "MaxAllowedRuleLevelForMatching"),
        ({"MaxAllowedRuleLevelForMerging": 3}, "MaxAllowedRuleLevelForMerging"),
        (
            {"MaxAllowedRuleLevelForMatching": 1, "MaxAllowedRuleLevelForMerging": 2},
            "MaxAllowedRuleLevelForMerging",
        ),
    ],
)
def test_levels_stay_within_the_rules_and_in_order(client, domain, levels, named):
    own = [{"Rule": ["EmailAddress"]}, {"Rule": ["PhoneNumber"]}]
    given = {"Enabled": True, "MatchingRules": own, **levels}

    assert named in _refusal(client, domain, RuleBasedMatching=given)


def test_fewer_levels_than_rules_are_allowed(client, domain):
    own = [{"Rule": [name]} for name in ("EmailAddress", "PhoneNumber", "BirthDate")]
    levels = {"MaxAllowedRuleLevelForMatching": 2, "MaxAllowedRuleLevelForMerging": 2}
    given = {"Enabled": True, "MatchingRules": own, **levels}

    rules = _updated(client, domain, RuleBasedMatching=given)["RuleBasedMatching"]

    assert levels.items() <= rules.items()


def test_selectors_take_the_documented_spelling_and_the_right_one(client, domain):
    selector = {
        "AttributeMatchingModel": "MANY_TO_MANY",
        "Address": ["BusinessAddress", "MaillingAddress", "MailingAddress", "BillingAddress"],
        "PhoneNumber": ["PhoneNumber", "BusinessPhoneNumber"],
        "EmailAddress": ["EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress"],
    }
    given = {"Enabled": True, "AttributeTypesSelector": selector}

    answer = _updated(client, domain, RuleBasedMatching=given)

    assert answer["RuleBasedMatching"]["AttributeTypesSelector"] == selector


@pytest.mark.parametrize("attribute_type", ["Address", "PhoneNumber", "EmailAddress"])
def test_a_selector_of_another_type_is_refused(client, domain, attribute_type):
    selector = {"AttributeMatchingModel": "ONE_TO_ONE", attribute_type: ["FirstName"]}
    given = {"Enabled": True, "AttributeTypesSelector": selector}

    assert attribute_type in _refusal(client, domain, RuleBasedMatching=given)


def test_the_data_store_says_that_it_is_not_there_yet(client, domain):
    store = _updated(client, domain, DataStore={"Enabled": True})["DataStore"]

    assert store["Enabled"] is True
    assert store["Readiness"]["ProgressPercentage"] == 0
    assert "no data store yet" in store["Readiness"]["Message"]


def test_a_disabled_data_store_has_no_readiness(client, domain):
    assert _updated(client, domain, DataStore={})["DataStore"] == {"Enabled": False}


def test_the_attributes_are_those_of_the_standard_profile():
    named = {name.partition(".")[0] for name in matching.STANDARD_ATTRIBUTES}

    not_comparable = {
        "ProfileId",
        "EngagementPreferences",
        "SourceLastUpdatedTimestamp",
        "Attributes",
    }
    assert named == set(standard_objects.all_objects()["_profile"].fields) - not_comparable
