"""Putting, listing and deleting profile objects (core reference §2.5, §4, §11)."""

import json

import pytest
from botocore.exceptions import ClientError

FIELDS = {
    "id": "",
    "account": "_profile.AccountNumber",
    "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
}
KEYS = {"id": ["UNIQUE"], "_account": (["PROFILE"], ["account"])}


def code_of(failure):
    return failure.value.response["Error"]["Code"]


@pytest.fixture
def typed(world):
    """The world with a type `T`: unique id, profile by account."""
    world.define("T", FIELDS, KEYS)
    return world


def put_text(world, text, type_name="T"):
    return world.client.put_profile_object(
        DomainName=world.name, ObjectTypeName=type_name, Object=text
    )


@pytest.mark.parametrize(
    "text", ["{", "[]", '"text"', "1", "null", "{} {}", '{"a": NaN}', "[" * 9999]
)
def test_what_is_not_one_json_object_is_refused(typed, text):
    with pytest.raises(ClientError) as failure:
        put_text(typed, text)

    assert code_of(failure) == "BadRequestException"
    assert "Object" in failure.value.response["Error"]["Message"]


def test_an_object_larger_than_the_limit_is_refused(typed):
    with pytest.raises(ClientError) as failure:
        put_text(
            typed, json.dumps({"id": "1", "account": "1", "x": "é" * 130_000}, ensure_ascii=False)
        )

    assert code_of(failure) == "BadRequestException"


def test_an_unknown_type_and_an_unknown_domain_are_not_found(typed):
    for domain, type_name in ((typed.name, "U"), ("nowhere", "T")):
        with pytest.raises(ClientError) as failure:
            typed.client.put_profile_object(
                DomainName=domain, ObjectTypeName=type_name, Object="{}"
            )
        assert code_of(failure) == "ResourceNotFoundException"


def test_the_document_comes_back_as_it_was_sent(typed):
    text = '{"account": "1",  "id":1.50, "nested": {"b": [1, null], "a": "\\u00e9"}, "id": "7"}'

    key = put_text(typed, text)["ProfileObjectUniqueKey"]

    profile_id = typed.only("_account", "1")["ProfileId"]
    assert typed.items("T", profile_id) == [
        {"ObjectTypeName": "T", "ProfileObjectUniqueKey": key, "Object": text}
    ]


def test_the_unique_key_is_that_of_the_value_and_44_characters(typed):
    first = typed.put("T", {"id": "1", "account": "1"})

    assert len(first) == 44
    assert typed.put("T", {"id": "1", "account": "2"}) == first
    assert typed.put("T", {"id": "2", "account": "1"}) != first


def test_an_object_whose_profile_key_changed_moves_with_its_keys(typed):
    typed.put("T", {"id": "1", "account": "1", "mail": "a@example.com"})
    former = typed.only("_account", "1")["ProfileId"]
    typed.put("T", {"id": "1", "account": "2"})

    later = typed.search("id", "1")

    assert [profile["AccountNumber"] for profile in later] == ["2"]
    assert typed.objects("T", former) == []
    # Standard fields that it wrote stay, and what follows from them (§4.9).
    assert typed.only("_email", "a@example.com")["ProfileId"] == former
    assert typed.stats()["ObjectCount"] == 1


def test_objects_are_listed_the_newest_first_in_pages(typed):
    for number in range(5):
        typed.put("T", {"id": str(number), "account": "1"})
    typed.put("T", {"id": "1", "account": "1", "again": True})
    profile_id = typed.only("_account", "1")["ProfileId"]

    page = {
        "DomainName": typed.name,
        "ObjectTypeName": "T",
        "ProfileId": profile_id,
        "MaxResults": 3,
    }
    first = typed.client.list_profile_objects(**page)
    second = typed.client.list_profile_objects(**page, NextToken=first["NextToken"])

    ids = [json.loads(item["Object"])["id"] for item in first["Items"] + second["Items"]]
    assert ids == ["1", "4", "3", "2", "0"]
    assert "NextToken" not in second


def test_a_filter_keeps_the_objects_that_hold_one_of_the_values(typed):
    for number in range(3):
        typed.put("T", {"id": str(number), "account": "1"})
    profile_id = typed.only("_account", "1")["ProfileId"]

    kept = typed.objects("T", profile_id, ObjectFilter={"KeyName": "id", "Values": ["0", "2", "9"]})

    assert [item["id"] for item in kept] == ["2", "0"]


@pytest.mark.parametrize(
    "key", [{"KeyName": "unheard", "Values": ["1"]}, {"KeyName": "id", "Values": []}]
)
def test_a_filter_that_cannot_be_meant_is_refused(typed, key):
    profile_id = typed.create()

    with pytest.raises(ClientError) as failure:
        typed.objects("T", profile_id, ObjectFilter=key)

    assert code_of(failure) == "BadRequestException"


def test_listing_needs_a_known_type_and_profile(typed):
    profile_id = typed.create()

    for type_name, owner in (("U", profile_id), ("T", "0" * 32)):
        with pytest.raises(ClientError) as failure:
            typed.objects(type_name, owner)
        assert code_of(failure) == "ResourceNotFoundException"
    assert typed.objects("Salesforce-Account", profile_id) == []
    assert typed.objects("_asset", profile_id) == []


def test_a_deleted_object_takes_its_keys_and_leaves_the_fields(typed):
    key = typed.put("T", {"id": "1", "account": "1", "mail": "a@example.com"})
    profile_id = typed.only("_account", "1")["ProfileId"]
    place = {
        "DomainName": typed.name,
        "ObjectTypeName": "T",
        "ProfileId": profile_id,
        "ProfileObjectUniqueKey": key,
    }

    assert typed.client.delete_profile_object(**place)["Message"] == "OK"

    assert typed.search("id", "1") == []
    assert typed.only("_email", "a@example.com")["AccountNumber"] == "1"
    assert typed.objects("T", profile_id) == []
    assert typed.stats()["TotalSize"] == 0
    with pytest.raises(ClientError) as failure:
        typed.client.delete_profile_object(**place)
    assert code_of(failure) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "changed",
    [
        {"ProfileId": "0" * 32},
        {"ObjectTypeName": "U"},
        {"ProfileObjectUniqueKey": "no key"},
        {"ProfileObjectUniqueKey": "YWJj"},
    ],
)
def test_deleting_what_is_not_there_is_not_found(typed, changed):
    key = typed.put("T", {"id": "1", "account": "1"})
    profile_id = typed.only("_account", "1")["ProfileId"]
    place = {
        "DomainName": typed.name,
        "ObjectTypeName": "T",
        "ProfileId": profile_id,
        "ProfileObjectUniqueKey": key,
        **changed,
    }

    with pytest.raises(ClientError) as failure:
        typed.client.delete_profile_object(**place)

    assert code_of(failure) == "ResourceNotFoundException"


def test_a_batch_takes_each_item_by_itself_in_order(typed):
    items = [
        {"Id": "good", "Object": '{"id": "1", "account": "1"}'},
        {"Id": "bad", "Object": "{"},
        {"Id": "keyless", "Object": "{}"},
        {"Id": "again", "Object": '{"id": "1", "account": "1", "n": 2}'},
    ]

    answer = typed.client.batch_put_profile_object(
        DomainName=typed.name, ObjectTypeName="T", Items=items
    )

    assert [item["Id"] for item in answer["Successful"]] == ["good", "again"]
    assert [(item["Id"], item["Code"]) for item in answer["Failed"]] == [
        ("bad", 400),
        ("keyless", 400),
    ]
    profile_id = typed.only("_account", "1")["ProfileId"]
    assert typed.objects("T", profile_id) == [{"id": "1", "account": "1", "n": 2}]
    assert typed.stats()["ObjectCount"] == 1


def test_a_batch_with_an_id_twice_or_an_unknown_type_is_refused_whole(typed):
    item = {"Id": "1", "Object": '{"id": "1", "account": "1"}'}

    for type_name, items, code in (
        ("T", [item, item], "BadRequestException"),
        ("U", [item], "ResourceNotFoundException"),
    ):
        with pytest.raises(ClientError) as failure:
            typed.client.batch_put_profile_object(
                DomainName=typed.name, ObjectTypeName=type_name, Items=items
            )
        assert code_of(failure) == code
    assert typed.stats()["ObjectCount"] == 0


def test_a_batch_decides_each_object_on_what_those_before_it_did(typed):
    items = [
        {"Id": str(number), "Object": json.dumps({"id": str(number), "account": "1"})}
        for number in range(10)
    ]

    typed.client.batch_put_profile_object(DomainName=typed.name, ObjectTypeName="T", Items=items)

    profile_id = typed.only("_account", "1")["ProfileId"]
    assert len(typed.objects("T", profile_id)) == 10
    assert typed.stats()["ProfileCount"] == 1


def test_objects_beyond_the_bytes_of_a_profile_are_rejected_and_kept(
    typed, client_with, rejections
):
    small = type(typed)(client_with(object_bytes_per_profile=100), typed.name)

    small.put("T", {"id": "1", "account": "1"})
    small.put("T", {"id": "2", "account": "1", "x": "y" * 100})

    assert [reason for _, _, reason in rejections()] == [
        "The profile's objects would be larger than 100 bytes"
    ]
    assert small.stats()["ObjectCount"] == 1


def test_a_profile_counts_again_for_each_hundred_objects(typed):
    for start in range(0, 101, 10):
        items = [
            {"Id": str(n), "Object": json.dumps({"id": str(n), "account": "1"})}
            for n in range(start, min(start + 10, 101))
        ]
        typed.client.batch_put_profile_object(
            DomainName=typed.name, ObjectTypeName="T", Items=items
        )

    stats = typed.stats()

    assert (stats["ProfileCount"], stats["MeteringProfileCount"], stats["ObjectCount"]) == (
        1,
        2,
        101,
    )
    assert stats["TotalSize"] == sum(
        len(json.dumps({"id": str(n), "account": "1"})) for n in range(101)
    )


def test_a_full_profile_without_the_incoming_type_gives_up_one_of_the_largest(typed, client_with):
    small = type(typed)(client_with(objects_per_profile=2), typed.name)
    small.define("U", {"account": ""}, {"_account": ["PROFILE", "UNIQUE"]})
    for number in range(2):
        small.put("T", {"id": str(number), "account": "1"})
    profile_id = small.only("_account", "1")["ProfileId"]

    small.put("U", {"account": "1"})

    assert [item["id"] for item in small.objects("T", profile_id)] == ["1"]
    assert len(small.objects("U", profile_id)) == 1


def test_an_inferred_profile_gets_email_and_phone_but_targets_win(world):
    world.define(
        "T",
        {
            "id": "",
            "mail": ("", "EMAIL_ADDRESS"),
            "phone": ("", "PHONE_NUMBER"),
            "real": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
        },
        {"id": ["PROFILE", "UNIQUE"]},
    )

    world.put("T", {"id": "1", "mail": "a@example.com", "phone": "2063457890"})
    world.put("T", {"id": "2", "mail": "a@example.com", "real": "b@example.com"})

    assert world.only("id", "1")["EmailAddress"] == "a@example.com"
    assert world.only("_phone", "+12063457890")["PhoneNumber"] == "2063457890"
    assert world.only("id", "2")["EmailAddress"] == "b@example.com"


def test_source_timestamps_hold_back_older_values_only_when_asked_to(world, client_with):
    strict = type(world)(client_with(respect_source_timestamp=True), world.name)
    strict.define(
        "T",
        {
            "id": "",
            "first": "_profile.FirstName",
            "when": "_profile.SourceLastUpdatedTimestamp",
        },
        {"id": ["PROFILE", "UNIQUE"]},
        SourceLastUpdatedTimestampFormat="EPOCHMILLI",
    )
    strict.put("T", {"id": "1", "first": "new", "when": 2000})

    strict.put("T", {"id": "1", "first": "old", "when": 1000})
    assert strict.only("id", "1")["FirstName"] == "new"

    world.put("T", {"id": "1", "first": "old", "when": 1000})
    assert world.only("id", "1")["FirstName"] == "old"


def test_an_object_that_makes_its_profile_too_large_is_rejected(world, rejections):
    world.define(
        "T",
        {"id": "", **{f"f{n}": f"_profile.Attributes.a{n}" for n in range(200)}},
        {"id": ["PROFILE", "UNIQUE"]},
    )
    world.create()
    profile_id = world.create(Attributes={f"key{n}": "x" * 255 for n in range(900)})
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=profile_id, KeyName="id", Values=["1"]
    )

    world.put("T", {"id": "1", **{f"f{n}": "y" * 255 for n in range(200)}})

    assert [reason for _, _, reason in rejections()] == [
        "The profile would be larger than 256000 bytes"
    ]
    assert world.objects("T", profile_id) == []


def test_a_type_that_is_not_there_cannot_be_deleted(world):
    with pytest.raises(ClientError) as failure:
        world.client.delete_profile_object_type(DomainName=world.name, ObjectTypeName="U")

    assert code_of(failure) == "ResourceNotFoundException"


def test_deleting_a_template_that_nobody_defined_drops_its_data(world):
    world.put("Salesforce-Account", {"Id": "1", "Name": "Acme"})
    profile_id = world.only("_salesforceAccountId", "1")["ProfileId"]

    answer = world.client.delete_profile_object_type(
        DomainName=world.name, ObjectTypeName="Salesforce-Account"
    )

    assert answer["Message"] == "OK"
    assert world.get(profile_id) == {"ProfileId": profile_id}
    assert world.objects("Salesforce-Account", profile_id) == []
