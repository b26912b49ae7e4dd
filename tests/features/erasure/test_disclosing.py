"""All that is held on a person, handed over."""

import json

import pytest

from openprofiles.features.erasure import PERSONAL
from tests.features.erasure.conftest import MAIL, PHONE, VALUES

pytestmark = pytest.mark.sealed_too

KINDS = {
    "profiles": "Profiles",
    "profile_keys": "Keys",
    "profile_objects": "Objects",
    "standard_records": "StandardRecords",
    "record_keys": "Keys",
    "former_objects": "FormerObjects",
    "journal": "History",
    "merges": "Merges",
    "rule_keys": "Matches",
    "rule_merges_due": "Matches",
    "match_groups": "Matches",
    "match_index": "Profiles",
    "match_keys": "Profiles",
    "match_values": "Profiles",
    "match_decisions": "Decisions",
    "rejected_objects": "RejectedObjects",
    "dead_letters": "DeadLetters",
}
"""Table -> the kind that tells of it; what follows from the profile's fields is told with them."""


def test_each_table_with_people_is_told_of():
    assert KINDS.keys() == PERSONAL.keys()


def test_all_that_is_held_is_told(town, zebulon):
    ids = [zebulon, *(item["ProfileId"] for item in town.search("_phone", PHONE))]

    told = town.own("DiscloseProfile", ProfileIds=ids)

    assert [kind for kind in KINDS.values() if not told[kind]] == []
    profile = told["Profiles"][0]
    assert profile["Profile"]["EmailAddress"] == MAIL
    assert profile["Provenance"]["EmailAddress"]["ObjectTypeName"] == "Order"
    assert profile["Provenance"]["LastName"]["ObjectTypeName"] is None
    assert told["Objects"][0]["Object"]["mail"] == MAIL
    assert told["Integrations"] == [
        {"Uri": f"arn:aws:example:::{town.name}", "ObjectTypeName": "Order"}
    ]
    assert json.loads(told["RejectedObjects"][0]["Object"])["mail"] == MAIL
    match = next(item for item in told["Matches"] if item["MatchType"] == "ML_BASED_MATCHING")
    assert match["Explanations"][0]["Text"]
    assert all(record["Content"] is not None for record in told["History"])


def test_who_asked_for_it_is_in_the_journal(town):
    profile_id = town.create(FirstName="Zebulon")

    town.own("DiscloseProfile", ProfileIds=[profile_id])

    told = town.own("DiscloseProfile", ProfileIds=[profile_id])
    assert told["History"][0]["Kind"] == "profile.disclosed"


def test_keys_and_ends_are_told_with_what_was_there(town, client):
    main_id, other_id = town.create(FirstName="Zebulon"), town.create(LastName="Quixley")
    client.add_profile_key(DomainName=town.name, ProfileId=main_id, KeyName="order", Values=["7"])
    client.merge_profiles(
        DomainName=town.name, MainProfileId=main_id, ProfileIdsToBeMerged=[other_id]
    )

    told = town.own("DiscloseProfile", ProfileIds=[main_id])["History"]

    contents = {record["ActionType"]: record["Content"] for record in told}
    assert contents["ADDED_PROFILE_KEY"] == [["order", "7"]]
    assert contents["DELETED_BY_MERGE"] == {"LastName": "Quixley"}
    assert contents["MERGED"] == {"FirstName": "Zebulon", "LastName": "Quixley"}


def test_decisions_are_told_while_they_stand(town):
    one, other = town.create(FirstName="A"), town.create(FirstName="B")
    town.own("DecideNotSame", ProfileId=one, OtherProfileId=other)

    told = town.own("DiscloseProfile", ProfileIds=[other])

    assert told["Decisions"] == [{"ProfileId": min(one, other), "OtherProfileId": max(one, other)}]


@pytest.mark.usefixtures("zebulon")
def test_a_person_is_disclosed_and_erased_in_a_domain_with_a_key(town, client):
    everybody = [item["ProfileId"] for item in town.search("_phone", PHONE)]
    before = town.own("DiscloseProfile", ProfileIds=everybody)
    client.update_domain(DomainName=town.name, DefaultEncryptionKey="key")
    sealed = town.traces(*VALUES)

    after = town.own("DiscloseProfile", ProfileIds=everybody)
    receipt = town.own("EraseProfile", ProfileIds=everybody)

    assert sealed == {}
    # The journal has the disclosures themselves; rules are noted under other numbers.
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"DisclosedAt", "History", "Matches"}
    assert town.traces(*everybody).keys() == {"journal", "erasures"}
    counts = town.own("GetErasure", ErasureId=receipt["ErasureId"])["Counts"]
    assert all(counts.values()), counts
