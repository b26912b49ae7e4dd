"""The ingestion vectors of the core reference, §12, one test each."""

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.sealed_too

ACCOUNT_FIELDS = {"account": "_profile.AccountNumber", "email": ("", "EMAIL_ADDRESS")}
ACCOUNT_KEYS_ONLY = {"_account": (["PROFILE", "UNIQUE"], ["account"])}
ACCOUNT_KEYS = {**ACCOUNT_KEYS_ONLY, "_email": []}
TICKET_FIELDS = {
    "email": ("", "EMAIL_ADDRESS"),
    "timestamp": "",
}
TICKET_KEYS = {
    "_email": ["PROFILE", "LOOKUP_ONLY"],
    "ticketEmail": (["PROFILE", "SECONDARY", "NEW_ONLY"], ["email"]),
    "uniqueTicket": (["UNIQUE"], ["email", "timestamp"]),
}
MAIL = "jo@example.com"


def test_01_a_second_put_replaces_the_object_and_its_search_only_value(world):
    world.define("T1", ACCOUNT_FIELDS, ACCOUNT_KEYS)

    first = world.put("T1", {"account": "1", "email": "a@example.com"})
    second = world.put("T1", {"account": "1", "email": "b@example.com"})

    profile = world.only("_account", "1")
    assert first == second
    assert world.objects("T1", profile["ProfileId"]) == [{"account": "1", "email": "b@example.com"}]
    assert world.only("_email", "B@example.com") == profile
    # The first one became the inferred profile's EmailAddress, so it still finds it.
    assert world.only("_email", "a@example.com") == profile


def test_01_a_search_only_value_that_only_the_replaced_version_held_is_gone(world):
    world.define(
        "T1", {"account": "_profile.AccountNumber", "badge": ""}, {**ACCOUNT_KEYS_ONLY, "badge": []}
    )

    world.put("T1", {"account": "1", "badge": "a"})
    world.put("T1", {"account": "1", "badge": "b"})

    # Our choice (§13 no. 9).
    assert world.search("badge", "a") == []
    assert world.only("badge", "b")["AccountNumber"] == "1"


def test_02_two_accounts_with_one_email_are_both_found_by_it(world):
    world.define("T1", ACCOUNT_FIELDS, ACCOUNT_KEYS)
    world.put("T1", {"account": "1", "email": MAIL})
    world.put("T1", {"account": "2", "email": MAIL})

    items = world.client.search_profiles(DomainName=world.name, KeyName="_email", Values=[MAIL])[
        "Items"
    ]

    assert [item["FoundByItems"] for item in items] == [
        [{"KeyName": "_email", "Values": [MAIL]}]
    ] * 2


def test_03_a_ticket_of_an_unknown_email_makes_an_inferred_profile(world):
    world.define("Ticket", TICKET_FIELDS, TICKET_KEYS)

    world.put("Ticket", {"email": MAIL, "timestamp": "1"})
    world.put("Ticket", {"email": MAIL, "timestamp": "2"})

    profile = world.only("_email", MAIL)
    assert profile["EmailAddress"] == MAIL
    assert len(world.objects("Ticket", profile["ProfileId"])) == 2


def test_03_a_ticket_of_one_known_email_joins_that_profile_and_keeps_no_new_only_key(world):
    world.define("Ticket", TICKET_FIELDS, TICKET_KEYS)
    profile_id = world.create(EmailAddress=MAIL)

    world.put("Ticket", {"email": MAIL, "timestamp": "1"})

    assert len(world.objects("Ticket", profile_id)) == 1
    assert world.search("ticketEmail", MAIL) == []


def test_03_tickets_of_an_email_that_three_profiles_have_meet_on_one_inferred_profile(world):
    world.define("Ticket", TICKET_FIELDS, TICKET_KEYS)
    for _ in range(3):
        world.create(EmailAddress=MAIL)

    world.put("Ticket", {"email": MAIL, "timestamp": "1"})
    world.put("Ticket", {"email": MAIL, "timestamp": "2"})

    inferred = world.only("ticketEmail", MAIL)
    assert len(world.search("_email", MAIL)) == 4
    assert len(world.objects("Ticket", inferred["ProfileId"])) == 2


def test_04_without_leave_to_create_an_unknown_key_is_rejected_but_acknowledged(world, rejections):
    world.define("T1", ACCOUNT_FIELDS, ACCOUNT_KEYS, creates=False)

    assert world.put("T1", {"account": "1"})

    assert world.search("_account", "1") == []
    assert rejections() == [
        ("T1", {"account": "1"}, "No profile found for the keys of this object")
    ]


def test_04_when_every_key_is_ambiguous_the_reason_says_so(world, rejections):
    world.define("T1", ACCOUNT_FIELDS, ACCOUNT_KEYS, creates=False)
    world.create(AccountNumber="1")
    world.create(AccountNumber="1")

    world.put("T1", {"account": "1"})

    assert [reason for _, _, reason in rejections()] == [
        "All keys of this object are binding to more than one profiles"
    ]


@pytest.mark.parametrize(("priority", "expected"), [({}, "A"), ({"SourcePriority": 5}, "B")])
def test_05_06_a_manual_value_yields_only_to_a_type_with_priority(world, priority, expected):
    world.define(
        "T1",
        {"account": "_profile.AccountNumber", "first": "_profile.FirstName"},
        {"_account": ["PROFILE", "UNIQUE"]},
        **priority,
    )
    profile_id = world.create(FirstName="A", AccountNumber="1")

    world.put("T1", {"account": "1", "first": "B"})

    assert world.get(profile_id)["FirstName"] == expected
    assert world.objects("T1", profile_id) == [{"account": "1", "first": "B"}]


@pytest.mark.parametrize("order", [("P1", "P2"), ("P2", "P1")])
def test_07_the_stronger_of_two_types_wins_in_either_order(world, order):
    for priority, name in enumerate(("P1", "P2"), start=1):
        world.define(
            name,
            {"account": "_profile.AccountNumber", "city": "_profile.Address.City"},
            {"_account": ["PROFILE", "UNIQUE"]},
            SourcePriority=priority,
        )

    for name in order:
        world.put(name, {"account": "1", "city": name})

    assert world.only("_account", "1")["Address"] == {"City": "P1"}


def test_08_an_object_without_a_value_never_blanks_the_profile(world):
    world.define(
        "T1",
        {"account": "_profile.AccountNumber", "city": "_profile.Address.City"},
        {"_account": ["PROFILE", "UNIQUE"]},
    )
    world.put("T1", {"account": "1", "city": "Oslo"})
    world.put("T1", {"account": "1", "city": ""})
    world.put("T1", {"account": "1"})

    profile = world.only("_account", "1")
    assert world.objects("T1", profile["ProfileId"]) == [{"account": "1"}]
    assert profile["Address"] == {"City": "Oslo"}


def test_09_an_empty_text_clears_a_field_and_frees_it_for_the_next_object(world):
    world.define(
        "T1",
        {"account": "_profile.AccountNumber", "city": "_profile.Address.City"},
        {"_account": ["PROFILE", "UNIQUE"]},
    )
    profile_id = world.create(AccountNumber="1", Address={"City": "Oslo", "Country": "NO"})

    world.update(profile_id, Address={"City": ""})
    assert world.get(profile_id)["Address"] == {"Country": "NO"}

    world.put("T1", {"account": "1", "city": "Bergen"})
    assert world.get(profile_id)["Address"] == {"City": "Bergen", "Country": "NO"}


def test_10_keys_of_two_profiles_attach_to_the_first_defined_and_merge_nothing(world):
    world.define(
        "T1",
        {"id": "", "email": ("", "EMAIL_ADDRESS"), "phone": ("", "PHONE_NUMBER")},
        {"unique": (["UNIQUE"], ["id"]), "_phone": ["PROFILE"], "_email": ["PROFILE"]},
    )
    by_mail = world.create(EmailAddress=MAIL)
    by_phone = world.create(PhoneNumber="+12063457890")

    world.put("T1", {"id": "1", "email": MAIL, "phone": "206-345-7890"})

    assert len(world.objects("T1", by_phone)) == 1
    assert world.objects("T1", by_mail) == []
    assert world.stats()["ProfileCount"] == 2


def test_11_a_record_key_that_names_two_records_rejects_the_object(world, rejections):
    fields = {
        "id": "",
        "account": "_profile.AccountNumber",
        "serial": "_asset.SerialNumber",
        "name": "_asset.AssetName",
    }
    profile_keys = {"unique": (["UNIQUE"], ["id"]), "_account": ["PROFILE"]}
    world.define("BySerial", fields, {**profile_keys, "serial": ["ASSET"]})
    world.define("ByName", fields, {**profile_keys, "name": ["ASSET"]})
    world.put("BySerial", {"id": "1", "account": "1", "serial": "s1", "name": "Boiler"})
    world.put("BySerial", {"id": "2", "account": "1", "serial": "s2", "name": "Boiler"})
    profile_id = world.only("_account", "1")["ProfileId"]
    world.define("T", fields, {**profile_keys, "_assetName": (["ASSET"], ["name"])})

    world.put("T", {"id": "3", "account": "1", "name": "Boiler"})

    assert world.objects("T", profile_id) == []
    assert [reason for _, _, reason in rejections()] == [
        "The keys of this object are bound to more than one _asset"
    ]


@pytest.mark.parametrize("content", [{}, {"account": ""}, {"account": None}, {"other": "1"}])
def test_12_an_object_without_unique_or_profile_key_is_refused(world, rejections, content):
    world.define("T1", ACCOUNT_FIELDS, ACCOUNT_KEYS)

    with pytest.raises(ClientError) as failure:
        world.put("T1", content)

    assert failure.value.response["Error"]["Code"] == "BadRequestException"
    assert "The UNIQUE key or PROFILE key does not exist in the profile object" in str(
        failure.value
    )
    assert rejections() == []


@pytest.mark.parametrize("name", ["_profile", "_asset", "_order"])
def test_13_a_standard_object_cannot_be_put(world, name):
    with pytest.raises(ClientError) as failure:
        world.put(name, {"ProfileId": "1"})

    assert failure.value.response["Error"]["Code"] == "BadRequestException"


def test_14_deleting_a_type_scrubs_its_fields_and_keeps_manual_ones(world):
    world.define(
        "T1",
        {"account": "_profile.AccountNumber", "first": "_profile.FirstName"},
        {"_account": ["PROFILE", "UNIQUE"]},
    )
    profile_id = world.create(AccountNumber="1", LastName="Doe")
    world.put("T1", {"account": "1", "first": "Jo"})
    world.put("T1", {"account": "2", "first": "Mo"})
    assert world.get(profile_id)["FirstName"] == "Jo"
    emptied = world.only("_account", "2")["ProfileId"]

    world.client.delete_profile_object_type(DomainName=world.name, ObjectTypeName="T1")

    assert world.get(profile_id) == {
        "ProfileId": profile_id,
        "AccountNumber": "1",
        "LastName": "Doe",
    }
    assert world.get(emptied) == {"ProfileId": emptied}
    assert world.search("_account", "2") == []
    assert world.stats()["ObjectCount"] == 0


def test_17_a_full_profile_loses_the_oldest_object_of_the_type_over_its_limit(world, client_with):
    small = type(world)(client_with(objects_per_profile=6), world.name)
    for name, limit in (("A", 1), ("B", 5)):
        small.define(
            name,
            {"id": "", "account": "_profile.AccountNumber"},
            {"_account": ["PROFILE"], f"unique{name}": (["UNIQUE"], ["id"])},
            MaxProfileObjectCount=limit,
        )
    for name, count in (("A", 3), ("B", 3)):
        for number in range(count):
            small.put(name, {"id": f"{name}{number}", "account": "1"})
    profile_id = small.only("_account", "1")["ProfileId"]

    small.put("B", {"id": "B3", "account": "1"})

    assert [item["id"] for item in small.objects("A", profile_id)] == ["A2", "A1"]
    assert [item["id"] for item in small.objects("B", profile_id)] == ["B3", "B2", "B1", "B0"]


def test_18_without_a_type_over_its_limit_the_incoming_type_loses_its_oldest(world, client_with):
    small = type(world)(client_with(objects_per_profile=4), world.name)
    for name in ("A", "B"):
        small.define(
            name,
            {"id": "", "account": "_profile.AccountNumber"},
            {"_account": ["PROFILE"], f"unique{name}": (["UNIQUE"], ["id"])},
        )
        for number in range(2):
            small.put(name, {"id": f"{name}{number}", "account": "1"})
    profile_id = small.only("_account", "1")["ProfileId"]

    small.put("B", {"id": "B2", "account": "1"})

    assert len(small.objects("A", profile_id)) == 2
    assert [item["id"] for item in small.objects("B", profile_id)] == ["B2", "B1"]
    assert small.stats()["ObjectCount"] == 4


def test_19_a_contact_record_goes_where_its_contact_id_was_linked(world):
    profile_id = world.create(FirstName="Jo")
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=profile_id, KeyName="_ctrContactId", Values=["c1"]
    )

    world.put("CTR", {"ContactId": "c1", "CustomerEndpoint": {"Address": "+12063457890"}})

    assert len(world.objects("CTR", profile_id)) == 1
    assert world.stats()["ProfileCount"] == 1


def test_20_contact_records_of_an_unknown_number_meet_on_one_inferred_profile(world):
    for contact in ("c1", "c2"):
        world.put("CTR", {"ContactId": contact, "CustomerEndpoint": {"Address": "+12063457890"}})

    profile = world.only("_phone", "(206) 345-7890")
    assert profile["PhoneNumber"] == "+12063457890"
    assert len(world.objects("CTR", profile["ProfileId"])) == 2
