"""Standard records: _asset, _order, _case as objects of their own (core reference §2.5, §3.6, §4.3,
§5.2, §5.3).
"""

import pytest

FIELDS = {
    "id": "",
    "account": "_profile.AccountNumber",
    "serial": "_asset.SerialNumber",
    "name": "_asset.AssetName",
    "colour": "_asset.Attributes.colour",
}
KEYS = {"id": ["UNIQUE"], "_account": (["PROFILE"], ["account"]), "serial": ["ASSET"]}


@pytest.fixture
def garage(world):
    """The world with a type of assets, known by their serial number."""
    world.define("Asset", FIELDS, KEYS)
    return world


def test_a_record_is_a_standard_object_with_id_source_and_attributes(garage):
    garage.put("Asset", {"id": "1", "account": "1", "serial": "s1", "name": "Boiler"})
    profile_id = garage.only("_account", "1")["ProfileId"]

    (record,) = garage.objects("_asset", profile_id)

    record_id = record.pop("AssetId")
    assert len(record_id) == 32
    assert record == {
        "SerialNumber": "s1",
        "AssetName": "Boiler",
        "DataSource": "Asset",
        "Attributes": {},
    }
    for key, value in (("_assetId", record_id), ("_assetName", "Boiler"), ("_serialNumber", "s1")):
        assert garage.only(key, value)["ProfileId"] == profile_id


def test_objects_with_one_record_key_feed_one_record(garage):
    garage.put("Asset", {"id": "1", "account": "1", "serial": "s1", "name": "Boiler"})
    garage.put("Asset", {"id": "2", "account": "1", "serial": "s1", "colour": "red"})
    garage.put("Asset", {"id": "3", "account": "1", "serial": "s2"})
    profile_id = garage.only("_account", "1")["ProfileId"]

    records = garage.objects("_asset", profile_id)

    assert [record["SerialNumber"] for record in records] == ["s2", "s1"]
    assert records[1]["AssetName"] == "Boiler"
    assert records[1]["Attributes"] == {"colour": "red"}


def test_a_record_of_another_profile_counts_as_not_found(garage):
    garage.put("Asset", {"id": "1", "account": "1", "serial": "s1"})
    garage.put("Asset", {"id": "2", "account": "2", "serial": "s1"})

    for account in ("1", "2"):
        profile_id = garage.only("_account", account)["ProfileId"]
        assert len(garage.objects("_asset", profile_id)) == 1


def test_a_filter_finds_records_by_their_own_and_their_objects_keys(garage):
    for number in ("1", "2"):
        garage.put(
            "Asset", {"id": number, "account": "1", "serial": f"s{number}", "name": "Boiler"}
        )
    profile_id = garage.only("_account", "1")["ProfileId"]

    def serials(key, *values):
        object_filter = {"KeyName": key, "Values": list(values)}
        records = garage.objects("_asset", profile_id, ObjectFilter=object_filter)
        return [record["SerialNumber"] for record in records]

    assert serials("_assetName", "Boiler") == ["s2", "s1"]
    assert serials("_serialNumber", "s1") == ["s1"]
    assert serials("id", "2", "1") == ["s2", "s1"]
    assert serials("serial", "s2") == ["s2"]
    assert serials("_assetName", "Car") == []


def test_a_record_goes_with_the_last_object_that_feeds_it(garage):
    first = garage.put("Asset", {"id": "1", "account": "1", "serial": "s1", "name": "Boiler"})
    second = garage.put("Asset", {"id": "2", "account": "1", "serial": "s1"})
    profile_id = garage.only("_account", "1")["ProfileId"]

    def delete(key):
        garage.client.delete_profile_object(
            DomainName=garage.name,
            ObjectTypeName="Asset",
            ProfileId=profile_id,
            ProfileObjectUniqueKey=key,
        )

    delete(first)
    assert len(garage.objects("_asset", profile_id)) == 1

    delete(second)
    assert garage.objects("_asset", profile_id) == []
    assert garage.search("_assetName", "Boiler") == []


def test_a_record_follows_its_object_to_another_profile(garage):
    garage.put("Asset", {"id": "1", "account": "1", "serial": "s1", "name": "Boiler"})
    former = garage.only("_account", "1")["ProfileId"]
    (before,) = garage.objects("_asset", former)

    garage.put("Asset", {"id": "1", "account": "2", "serial": "s1"})

    later = garage.only("_account", "2")["ProfileId"]
    assert garage.objects("_asset", former) == []
    assert garage.objects("_asset", later) == [before]
    assert garage.only("_assetName", "Boiler")["ProfileId"] == later


def test_a_record_that_others_feed_stays_when_one_object_moves(garage):
    for number in ("1", "2"):
        garage.put("Asset", {"id": number, "account": "1", "serial": "s1", "name": "Boiler"})
    former = garage.only("_account", "1")["ProfileId"]

    garage.put("Asset", {"id": "1", "account": "2", "serial": "s1"})

    later = garage.only("_account", "2")["ProfileId"]
    assert [record["AssetName"] for record in garage.objects("_asset", former)] == ["Boiler"]
    assert [record.get("AssetName") for record in garage.objects("_asset", later)] == [None]


def test_an_object_whose_record_key_changes_to_another_record_feeds_that_one(garage):
    garage.put("Asset", {"id": "1", "account": "1", "serial": "s1", "name": "Boiler"})
    garage.put("Asset", {"id": "2", "account": "1", "serial": "s2", "name": "Car"})

    garage.put("Asset", {"id": "1", "account": "1", "serial": "s2"})

    profile_id = garage.only("_account", "1")["ProfileId"]
    assert [record["AssetName"] for record in garage.objects("_asset", profile_id)] == ["Car"]


def test_an_object_whose_record_key_changes_to_a_new_value_keeps_its_record(garage):
    garage.put("Asset", {"id": "1", "account": "1", "serial": "s1", "name": "Boiler"})

    garage.put("Asset", {"id": "1", "account": "1", "serial": "s9"})

    profile_id = garage.only("_account", "1")["ProfileId"]
    (record,) = garage.objects("_asset", profile_id)
    assert (record["SerialNumber"], record["AssetName"]) == ("s9", "Boiler")
    assert garage.search("_serialNumber", "s1") == []


def test_an_evicted_object_takes_its_record_along(garage, client_with):
    small = type(garage)(client_with(objects_per_profile=1), garage.name)
    small.put("Asset", {"id": "1", "account": "1", "serial": "s1"})
    small.put("Asset", {"id": "2", "account": "1", "serial": "s2"})

    profile_id = small.only("_account", "1")["ProfileId"]
    records = small.objects("_asset", profile_id)
    assert [record["SerialNumber"] for record in records] == ["s2"]


def test_a_template_of_assets_finds_its_profile_by_the_account(world):
    world.put("Salesforce-Account", {"Id": "acc1", "Name": "Acme"})
    world.put("Salesforce-Asset", {"Id": "a1", "AccountId": "acc1", "SerialNumber": "s1"})

    profile_id = world.only("_salesforceAccountId", "acc1")["ProfileId"]

    (record,) = world.objects("_asset", profile_id)
    assert (record["SerialNumber"], record["DataSource"]) == ("s1", "Salesforce-Asset")


def test_records_are_listed_in_pages(garage):
    for number in range(3):
        garage.put("Asset", {"id": str(number), "account": "1", "serial": f"s{number}"})
    profile_id = garage.only("_account", "1")["ProfileId"]

    page = {"DomainName": garage.name, "ObjectTypeName": "_asset", "ProfileId": profile_id}
    first = garage.client.list_profile_objects(**page, MaxResults=2)
    second = garage.client.list_profile_objects(**page, MaxResults=2, NextToken=first["NextToken"])

    assert len(first["Items"]) == 2
    assert len(second["Items"]) == 1
    assert len({item["ProfileObjectUniqueKey"] for item in first["Items"] + second["Items"]}) == 3


@pytest.mark.parametrize("rows", [(7, {"Number": 7}), ({"Number": 7}, 7)])
def test_objects_that_disagree_about_an_open_member_show_its_members(world, rows):
    fields = {"id": "", "account": "_profile.AccountNumber", "seat": "_airSegment.Seat"}
    world.define("Seat", fields, {"id": ["UNIQUE", "AIR_SEGMENT"], "_account": ["PROFILE"]})

    for row in rows:
        world.put("Seat", {"id": "1", "account": "1", "seat": {"Row": row}})

    (record,) = world.objects("_airSegment", world.only("_account", "1")["ProfileId"])
    assert record["Seat"] == {"Row": {"Number": "7"}}
