"""The predefined templates: shipped as they are, readable, and usable for ingestion."""

import re

import pytest

from openprofiles.features.object_types import predefined_key, standard_objects, template
from openprofiles.features.object_types.mapping import compile_mapping

INGESTIBLE = [name for name in template.all_definitions() if not name.startswith("_")]


def test_all_39_templates_are_there():
    assert len(template.all_definitions()) == 39
    assert {"CTR", "Salesforce-Account", "_asset", "_order"} <= template.all_definitions().keys()


@pytest.mark.parametrize("name", INGESTIBLE)
def test_a_template_can_be_ingested_through(name):
    mapping = compile_mapping(name, template.all_definitions()[name])

    assert mapping.key_names == tuple(template.all_definitions()[name]["Keys"])


def test_templates_of_standard_objects_can_only_be_read():
    assert template.find("_asset") is not None
    assert template.find_ingestible("_asset") is None
    assert template.find("Asset") is None


def test_predefined_keys_are_those_of_the_model_and_of_the_templates():
    keys = predefined_key.all_keys()

    assert keys["_phone"] == ("PHONE_NUMBER",)
    assert keys["_email"] == ("EMAIL_ADDRESS",)
    assert keys["_fullName"] == ("NAME",)
    assert keys["_account"] == keys["_ctrContactId"] == keys["_shopifyOrderId"] == ("STRING",)


def test_the_predefined_keys_include_all_that_the_model_lists(client):
    search = client.meta.service_model.operation_model("SearchProfiles")
    listed = re.findall(r"_\w+", search.input_shape.members["KeyName"].documentation)

    assert len(listed) == 21
    assert predefined_key.all_keys().keys() >= set(listed)


def test_the_part_after_a_service_now_link_is_the_key():
    mapping = compile_mapping("Servicenow-task", template.all_definitions()["Servicenow-task"])

    mapped = mapping.map({"sys_id": "t1", "opened_by": {"link": "https://h/api/sys_user/u1"}})
    without_link = mapping.map({"sys_id": "t1", "opened_by": {"link": "u1"}})

    assert mapped.lookups == without_link.lookups
    assert mapped.lookups[0].value == "u1"
    assert mapped.records["_case"]["Attributes.ServiceNowSystemUserId"].startswith("https://")


def test_campaign_events_are_kept_under_their_type():
    mapping = compile_mapping("Campaign-SMS", template.all_definitions()["Campaign-SMS"])
    engagement = {"campaign_event_id": "e", "profile_id": "p", "sms": {"messageType": "T"}}

    mapped = mapping.map({"engagement": {**engagement, "campaign_event_type": "SMS.Sent"}})
    without_type = mapping.map({"engagement": engagement})

    record = mapped.records["_communicationRecord"]
    assert record["Events.SMS_Sent.EventId"] == "e"
    assert record["Events.SMS_Sent.Attributes.MessageType"] == "T"
    events = [path for path in without_type.records["_communicationRecord"] if "Events" in path]
    assert events == []


def test_list_elements_feed_list_elements():
    name = "WebAnalytics-Clickstream"
    mapping = compile_mapping(name, template.all_definitions()[name])

    mapped = mapping.map(
        {
            "EventId": "e",
            "User": {"Id": "u"},
            "EventTimestamp": "1700000000",
            "ItemsList": [{"Title": "a", "Price": 2}, {"Quantity": "3"}],
            "Device": {"ScreenWidth": 10.5, "ScreenHeight": "tall"},
        }
    )

    assert mapped.records["_order"]["OrderItems"] == [
        {"Title": "a", "Price": "2"},
        {"Quantity": "3"},
    ]
    assert mapped.records["_webAnalytics"]["EventTimestamp"] == 1700000000
    assert mapped.records["_device"] == {"ScreenWidth": 10.5, "ScreenHeight": "tall"}
    assert mapping.max_object_count == 100


def test_a_salesforce_account_is_a_business_unless_it_is_a_person():
    name = "Salesforce-Account"
    mapping = compile_mapping(name, template.all_definitions()[name])

    person = mapping.map({"Id": "1", "IsPersonAccount": True})
    business = mapping.map({"Id": "1", "IsPersonAccount": False})

    assert person.fields["PartyTypeString"] == "INDIVIDUAL"
    assert business.fields["PartyTypeString"] == "BUSINESS"


def test_every_standard_object_has_an_identifier_and_an_id():
    for standard_object in standard_objects.all_objects().values():
        assert standard_object.identifier
        assert standard_object.id_field in standard_object.not_targetable


def test_index_keys_follow_the_fields():
    fields = {
        "FirstName": "Ann",
        "LastName": "LEE",
        "PhoneNumber": "(206) 345-7890",
        "HomePhoneNumber": "+12063457890",
        "MobilePhoneNumber": "unknown",
        "BusinessEmailAddress": "Ann@Example.com",
        "AccountNumber": "A-7",
    }

    assert standard_objects.index_keys("_profile", fields) == [
        ("_phone", "+12063457890"),
        ("_email", "ann@example.com"),
        ("_account", "A-7"),
        ("_fullName", "ann lee"),
    ]


def test_index_keys_of_records_follow_theirs():
    fields = {"AssetName": "Car", "SerialNumber": "S1", "Attributes.x": "y"}

    assert standard_objects.index_keys("_asset", fields) == [
        ("_assetName", "Car"),
        ("_serialNumber", "S1"),
    ]
