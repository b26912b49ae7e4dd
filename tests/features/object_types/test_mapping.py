"""What a mapping makes of objects (core reference §3, §4.2 to §4.5); pure, without a database."""

from datetime import UTC, datetime

import pytest

from openprofiles.features.object_types import KeyValue, Unmappable
from openprofiles.features.object_types.mapping import compile_mapping

UNIQUE = {"id": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["id"]}]}
ID = {"id": {"Source": "_source.id"}}


def mapping_of(fields=None, keys=None, **members):
    definition = {"Fields": {**ID, **(fields or {})}, "Keys": {**UNIQUE, **(keys or {})}}
    return compile_mapping("Orders", {**definition, **members})


def map_one(target, value, **field):
    fields = {"x": {"Source": "_source.x", "Target": target, **field}}
    return mapping_of(fields).map({"id": "1", "x": value})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" as it is ", " as it is "),
        (1234, "1234"),
        (12.5, "12.5"),
        (True, "true"),
        (False, "false"),
        ([1, "a"], '[1,"a"]'),
        ({"a": None}, '{"a":null}'),
    ],
)
def test_values_become_text(value, text):
    assert map_one("_profile.FirstName", value).fields == {"FirstName": text}


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_empty_values_are_absent(value):
    assert map_one("_profile.FirstName", value).fields == {}


def test_a_missing_path_is_absent():
    fields = {"x": {"Source": "_source.a.b", "Target": "_profile.FirstName"}}

    assert mapping_of(fields).map({"id": "1"}).fields == {}


def test_gender_and_party_type_are_kept_as_text():
    assert map_one("_profile.Gender", "female").fields == {"GenderString": "female"}
    assert map_one("_profile.PartyTypeString", "club").fields == {"PartyTypeString": "club"}


def test_attributes_are_kept_one_by_one():
    assert map_one("_profile.Attributes.tier", "gold").fields == {"Attributes.tier": "gold"}
    assert map_one("_profile.Attributes.a.b", "x").fields == {"Attributes.a.b": "x"}


def test_a_whole_sub_object_is_copied_member_by_member():
    address = {"City": "Bonn", "Address1": "", "PostalCode": 53111, "Unknown": "x", "State": None}

    mapped = map_one("_profile.Address", address)

    assert mapped.fields == {"Address.City": "Bonn", "Address.PostalCode": "53111"}


def test_what_is_no_object_is_not_copied_into_one():
    assert map_one("_profile.Address", "Bonn").fields == {}
    assert map_one("_profile.Attributes", ["x"]).fields == {}
    assert map_one("_order.OrderItems", "x").records == {}


def test_whole_attributes_are_copied_as_text():
    attributes = {"a": 1, "b": "", "c": {"d": [1]}, "": "x", "long" * 100: "x"}

    mapped = map_one("_profile.Attributes", attributes)

    assert mapped.fields == {"Attributes.a": "1", "Attributes.c": '{"d":[1]}'}


def test_engagement_preferences_are_one_value():
    preferences = {"Phone": [{"KeyName": "k", "KeyValue": "v", "Other": "x"}], "Email": []}

    mapped = map_one("_profile.EngagementPreferences", preferences)

    assert mapped.fields == {
        "EngagementPreferences": {"Phone": [{"KeyName": "k", "KeyValue": "v"}]}
    }


def test_a_field_of_its_own_wins_over_a_whole_sub_object():
    fields = {
        "city": {"Source": "_source.city", "Target": "_profile.Address.City"},
        "address": {"Source": "_source.address", "Target": "_profile.Address"},
    }

    mapped = mapping_of(fields).map({"id": "1", "city": "Bonn", "address": {"City": "Ulm"}})

    assert mapped.fields == {"Address.City": "Bonn"}


def test_records_are_separate_from_the_profile():
    fields = {
        "total": {"Source": "_source.total", "Target": "_order.TotalPrice"},
        "city": {"Source": "_source.city", "Target": "_order.ShippingAddress.City"},
        "items": {"Source": "_source.items", "Target": "_order.OrderItems"},
    }
    document = {
        "id": "1",
        "total": 9.5,
        "city": "Bonn",
        "items": [{"Title": "a", "x": 1}, "b", {"y": 1}],
    }

    mapped = mapping_of(fields).map(document)

    assert mapped.fields == {}
    assert mapped.records == {
        "_order": {
            "TotalPrice": "9.5",
            "ShippingAddress.City": "Bonn",
            "OrderItems": [{"Title": "a"}],
        }
    }


def test_open_objects_take_whatever_they_are_given():
    seat = {"Row": 7, "More": {"Deep": True, "List": [1]}, "Empty": "", "a.b": 1}

    mapped = map_one("_airSegment.Seat", seat)

    assert mapped.records["_airSegment"] == {
        "Seat.Row": "7",
        "Seat.More.Deep": "true",
        "Seat.More.List": [1],
        "Seat.a_b": "1",
    }


def test_a_record_without_values_is_none():
    assert map_one("_asset.AssetName", "Car").records == {"_asset": {"AssetName": "Car"}}
    assert map_one("_asset.AssetName", "").records == {}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        (5.5, 5.5),
        ("5", 5),
        ("-5.50", -5.5),
        ("wide", "wide"),
        ("1.2.3", "1.2.3"),
        ("1_0.5", "1_0.5"),
        ("1" * 40, "1" * 40),
        (True, "true"),
    ],
)
def test_number_fields_hold_numbers_where_they_can(value, number):
    assert map_one("_device.ScreenWidth", value).records["_device"]["ScreenWidth"] == number


def test_a_list_source_feeds_one_text_as_json():
    fields = {"x": {"Source": "_source.items[].id", "Target": "_profile.Attributes.ids"}}

    mapped = mapping_of(fields).map({"id": "1", "items": [{"id": 1}, {"id": 2}]})

    assert mapped.fields == {"Attributes.ids": "[1,2]"}


def test_one_value_feeds_the_first_element_of_a_list():
    mapped = map_one("_order.OrderItems[].Title", "a")

    assert mapped.records == {"_order": {"OrderItems": [{"Title": "a"}]}}


def test_empty_elements_make_no_list():
    fields = {"x": {"Source": "_source.items[].id", "Target": "_order.OrderItems[].Title"}}

    assert mapping_of(fields).map({"id": "1", "items": [{}, {}]}).records == {}


@pytest.mark.parametrize(
    ("target", "limit"),
    [
        ("_profile.FirstName", 255),
        ("_profile.AdditionalInformation", 1000),
        ("_profile.Attributes.x", 255),
        ("_profile.Address.City", 255),
    ],
)
def test_a_value_longer_than_its_field_is_rejected_by_name(target, limit):
    assert map_one(target, "v" * limit).fields

    with pytest.raises(Unmappable) as problem:
        map_one(target, "v" * (limit + 1))

    assert problem.value.reason == f"The value of field x is longer than {limit} characters"


def test_a_too_long_value_inside_a_sub_object_is_rejected():
    with pytest.raises(Unmappable) as problem:
        map_one("_profile.Address", {"City": "v" * 256})

    assert "field x" in problem.value.reason


def test_records_hold_longer_text():
    assert map_one("_webAnalytics.Page.Location", "v" * 5000).records


@pytest.mark.parametrize(
    "value", ["a\0b", "\ud800", {"City": "a\0b"}, ["\ud800"], {"a\0": "x"}, {"a": {"b": "\0"}}]
)
@pytest.mark.parametrize("target", ["_profile.FirstName", "_profile.Address", "_order.OrderItems"])
def test_characters_that_cannot_be_stored_are_rejected_by_name(target, value):
    with pytest.raises(Unmappable) as problem:
        map_one(target, value)

    assert problem.value.reason == "The value of field x holds a character that cannot be stored"


def test_a_template_that_makes_too_much_is_rejected_by_name():
    fields = {"x": {"Source": "{{#each _source.l}}{{#each _source.l}}{{/each}}{{/each}}"}}

    with pytest.raises(Unmappable) as problem:
        mapping_of(fields).map({"id": "1", "l": [0] * 1000})

    assert problem.value.reason == "The value of field x is too large"


NO_KEY = "The UNIQUE key or PROFILE key does not exist in the profile object"


def test_an_object_without_its_unique_key_is_rejected():
    for document in ({}, {"id": ""}, {"id": " "}, {"id": None}):
        with pytest.raises(Unmappable) as problem:
            mapping_of().map(document)

        assert problem.value.reason == NO_KEY


def test_an_object_without_any_profile_key_is_rejected():
    mapping = compile_mapping(
        "Orders",
        {
            "Fields": {**ID, "mail": {"Source": "_source.mail"}},
            "Keys": {
                "id": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["id"]}],
                "mail": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["mail"]}],
            },
        },
    )

    with pytest.raises(Unmappable) as problem:
        mapping.map({"id": "1"})

    assert problem.value.reason == NO_KEY
    assert mapping.map({"id": "1", "mail": "m"}).lookups == (KeyValue("mail", "m"),)


def key(*identifiers, field="x"):
    return [{"StandardIdentifiers": list(identifiers), "FieldNames": [field]}]


def map_keys(keys, **values):
    fields = {name: {"Source": f"_source.{name}"} for name in values}
    return mapping_of(fields, keys).map({"id": "1", **values})


def test_profile_keys_are_looked_up_in_their_order_and_secondary_ones_last():
    keys = {
        "late": key("PROFILE", "SECONDARY", field="a"),
        "first": key("PROFILE", field="b"),
        "second": key("PROFILE", "LOOKUP_ONLY", field="c"),
    }

    mapped = map_keys(keys, a="1", b="2", c="3")

    assert [key.name for key in mapped.lookups] == ["id", "first", "second", "late"]


def test_what_is_stored_follows_the_identifiers():
    keys = {
        "searched": key(),
        "looked": key("PROFILE", "LOOKUP_ONLY"),
        "new": key("PROFILE", "NEW_ONLY"),
        "asset": key("ASSET"),
    }

    mapped = map_keys(keys, x="v")

    assert mapped.stored == (
        KeyValue("id", "1"),
        KeyValue("searched", "v"),
        KeyValue("new", "v", "if_created"),
        KeyValue("asset", "v"),
    )
    assert mapped.record_lookups == {"_asset": (KeyValue("asset", "v"),)}


def test_a_value_under_one_name_is_stored_once_and_as_long_as_any_entry_says():
    keys = {"k": [*key("PROFILE", "NEW_ONLY"), *key(), *key("PROFILE", "SECONDARY", field="y")]}

    mapped = map_keys(keys, x="v", y="w")

    assert [key for key in mapped.stored if key.name == "k"] == [
        KeyValue("k", "v"),
        KeyValue("k", "w"),
    ]


def test_several_entries_of_one_record_are_all_looked_up():
    mapped = map_keys({"a": [*key("ORDER"), *key("ORDER", field="y")]}, x="1", y="2")

    assert mapped.record_lookups == {"_order": (KeyValue("a", "1"), KeyValue("a", "2"))}


def test_keys_with_an_empty_part_are_skipped_unless_unique():
    fields = {"x": {"Source": "_source.x"}, "y": {"Source": "_source.y"}}
    keys = {
        "id": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["id", "x"]}],
        "both": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["x", "y"]}],
    }

    mapped = mapping_of(fields, keys).map({"id": "1", "y": "2"})

    assert [key.name for key in mapped.lookups] == ["id"]


def test_predefined_keys_compare_by_their_own_content_type():
    keys = {"_phone": key(), "_email": key(field="y"), "_account": key(field="z")}
    fields = {
        "x": {"Source": "_source.x"},
        "y": {"Source": "_source.y"},
        "z": {"Source": "_source.z", "ContentType": "NUMBER"},
    }

    mapped = mapping_of(fields, keys).map(
        {"id": "1", "x": "(206) 345-7890", "y": "A@B.example", "z": "007"}
    )

    assert [key.value for key in mapped.stored] == ["1", "+12063457890", "a@b.example", "007"]


def test_a_full_name_in_parts_is_the_name_that_the_profile_is_indexed_under():
    keys = {"_fullName": [{"StandardIdentifiers": [], "FieldNames": ["first", "last"]}]}

    assert map_keys(keys, first="Ann", last="Lee").stored[1] == KeyValue("_fullName", "ann lee")
    assert map_keys(keys, first="", last="Lee").stored[1] == KeyValue("_fullName", "lee")
    assert map_keys(keys, first="", last="").stored == (KeyValue("id", "1"),)


def test_a_phone_number_without_digits_is_no_key():
    assert map_keys({"_phone": key()}, x="unknown").stored == (KeyValue("id", "1"),)


def test_contact_points_are_inferred_from_the_first_field_of_their_type():
    fields = {
        "none": {"Source": "_source.none", "ContentType": "EMAIL_ADDRESS"},
        "mail": {"Source": "_source.mail", "ContentType": "EMAIL_ADDRESS"},
        "other": {"Source": "_source.other", "ContentType": "EMAIL_ADDRESS"},
        "phone": {"Source": "_source.phone", "ContentType": "PHONE_NUMBER"},
    }

    mapped = mapping_of(fields).map(
        {"id": "1", "mail": "A@b.example", "other": "c@d.example", "phone": "5"}
    )

    assert mapped.inferred == {"EmailAddress": "A@b.example", "PhoneNumber": "5"}


def test_a_mapped_contact_point_is_not_inferred():
    mapped = map_one("_profile.EmailAddress", "a@b.example", ContentType="EMAIL_ADDRESS")
    other = map_one("_profile.BusinessEmailAddress", "a@b.example", ContentType="EMAIL_ADDRESS")

    assert mapped.inferred == {}
    assert other.inferred == {"EmailAddress": "a@b.example"}


def test_a_contact_point_too_long_for_its_field_is_not_inferred():
    fields = {"x": {"Source": "_source.x", "ContentType": "EMAIL_ADDRESS"}}

    assert mapping_of(fields).map({"id": "1", "x": "a" * 300}).inferred == {}


@pytest.mark.parametrize("target", ["_profile", "_case"])
def test_the_source_time_is_read_and_never_shown(target):
    fields = {"x": {"Source": "_source.x", "Target": f"{target}.SourceLastUpdatedTimestamp"}}
    mapping = mapping_of(fields, SourceLastUpdatedTimestampFormat="EpochMilli")

    mapped = mapping.map({"id": "1", "x": 1000})

    assert mapped.source_time == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert (mapped.fields, mapped.records) == ({}, {})
    assert mapping.map({"id": "1", "x": "later"}).source_time is None
    assert mapping.map({"id": "1"}).source_time is None


def test_the_profile_says_the_source_time_before_records_do():
    fields = {
        "case": {"Source": "_source.a", "Target": "_case.SourceLastUpdatedTimestamp"},
        "own": {"Source": "_source.b", "Target": "_profile.SourceLastUpdatedTimestamp"},
    }
    mapping = mapping_of(fields, SourceLastUpdatedTimestampFormat="EpochMilli")

    assert mapping.map({"id": "1", "a": 1, "b": 2000}).source_time == datetime(
        1970, 1, 1, 0, 0, 2, tzinfo=UTC
    )


def test_a_mapping_knows_the_members_of_its_type():
    mapping = mapping_of(
        AllowProfileCreation=True, ExpirationDays=7, SourcePriority=2, MaxProfileObjectCount=5
    )

    assert mapping.name == "Orders"
    assert mapping.allows_profile_creation
    assert (mapping.expiration_days, mapping.source_priority) == (7, 2)
    assert (mapping.max_object_count, mapping.key_names) == (5, ("id",))
    assert not mapping_of().allows_profile_creation
