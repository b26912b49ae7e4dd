"""CreateProfile, UpdateProfile, DeleteProfile, BatchGetProfile (reference §2.3, §5.1, §11)."""

import uuid

import pytest
from botocore.exceptions import ClientError

EVERY_FIELD = {
    "AccountNumber": "a-1",
    "AdditionalInformation": "x" * 1000,
    "PartyType": "BUSINESS",
    "BusinessName": "Acme",
    "FirstName": "Jo",
    "MiddleName": "Q",
    "LastName": "O'Brien & Söhne",
    "BirthDate": "some day in May",
    "Gender": "FEMALE",
    "PhoneNumber": "not a number",
    "MobilePhoneNumber": "+12063457890",
    "HomePhoneNumber": "1",
    "BusinessPhoneNumber": "2",
    "EmailAddress": "no address",
    "PersonalEmailAddress": "a@example.com",
    "BusinessEmailAddress": "b@example.com",
    "Address": {"Address1": "1 Main", "City": "Oslo", "PostalCode": "0150"},
    "ShippingAddress": {"Address4": "4", "County": "c"},
    "MailingAddress": {"State": "s", "Province": "p"},
    "BillingAddress": {"Country": "NO", "Address2": "2", "Address3": "3"},
    "Attributes": {"tier": "gold", "a.b": "dots are part of a name"},
    "ProfileType": "ACCOUNT_PROFILE",
    "EngagementPreferences": {
        "Phone": [{"KeyName": "_account", "KeyValue": "1", "ContactType": "PhoneNumber"}]
    },
}


def refused(failure):
    return failure.value.response["Error"]["Code"], failure.value.response["Error"]["Message"]


def test_a_profile_gives_back_every_field_as_it_was_given(world):
    profile_id = world.create(**EVERY_FIELD)

    assert world.get(profile_id) == {
        "ProfileId": profile_id,
        **EVERY_FIELD,
        "GenderString": "FEMALE",
        "PartyTypeString": "BUSINESS",
    }


def test_creating_twice_makes_two_profiles(world):
    world.create(AccountNumber="1")
    world.create(AccountNumber="1")

    assert len(world.search("_account", "1")) == 2
    assert world.stats()["ProfileCount"] == 2


@pytest.mark.parametrize(
    "pair",
    [
        {"Gender": "MALE", "GenderString": "male"},
        {"PartyType": "OTHER", "PartyTypeString": "other"},
    ],
)
def test_both_members_of_an_exclusive_pair_are_refused(world, pair):
    with pytest.raises(ClientError) as failure:
        world.create(**pair)

    code, message = refused(failure)
    assert code == "BadRequestException"
    assert all(member in message for member in pair)


@pytest.mark.parametrize(("text", "member"), [("male", "MALE"), ("nonbinary", "nonbinary")])
def test_free_text_shows_in_both_members_in_the_enums_spelling_if_it_is_one(world, text, member):
    profile = world.get(world.create(GenderString=text, PartyTypeString="business"))

    assert (profile["Gender"], profile["GenderString"]) == (member, text)
    assert (profile["PartyType"], profile["PartyTypeString"]) == ("BUSINESS", "business")


def test_an_update_keeps_what_is_absent_and_removes_what_is_empty(world):
    profile_id = world.create(
        FirstName="Jo",
        LastName="Doe",
        Gender="MALE",
        Address={"City": "Oslo", "Country": "NO"},
        Attributes={"tier": "gold", "old": "1"},
    )

    world.update(
        profile_id,
        FirstName="",
        GenderString="",
        Address={"City": ""},
        Attributes={"old": "", "new": "2"},
    )

    assert world.get(profile_id) == {
        "ProfileId": profile_id,
        "LastName": "Doe",
        "Address": {"Country": "NO"},
        "Attributes": {"tier": "gold", "new": "2"},
    }


def test_engagement_preferences_are_replaced_as_a_whole(world):
    phone = [{"ProfileId": "0" * 32, "ContactType": "PhoneNumber"}]
    profile_id = world.create(EngagementPreferences={"Phone": phone})

    world.update(profile_id, EngagementPreferences={"Email": []})

    assert world.get(profile_id)["EngagementPreferences"] == {"Email": []}


@pytest.mark.parametrize("operation", ["update", "delete"])
def test_an_unknown_profile_is_not_found(world, operation):
    call = getattr(world.client, f"{operation}_profile")

    with pytest.raises(ClientError) as failure:
        call(DomainName=world.name, ProfileId=uuid.uuid4().hex)

    assert refused(failure)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
@pytest.mark.parametrize("member", ["FirstName", "Attributes"])
def test_a_character_that_cannot_be_stored_is_refused(world, text, member):
    with pytest.raises(ClientError) as failure:
        world.create(**{member: {text: "x"} if member == "Attributes" else text})

    assert refused(failure)[0] == "BadRequestException"


def test_a_profile_larger_than_the_limit_is_refused(world):
    big = {f"key{number}": "x" * 255 for number in range(900)}
    profile_id = world.create(Attributes=big)

    with pytest.raises(ClientError) as failure:
        world.update(profile_id, Attributes={f"more{number}": "x" * 255 for number in range(200)})

    assert refused(failure) == (
        "BadRequestException",
        "The profile is larger than 256000 bytes",
    )
    assert len(world.get(profile_id)["Attributes"]) == 900


def test_a_deleted_profile_leaves_nothing_behind(world, database):
    world.define(
        "T",
        {"id": "_profile.AccountNumber", "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS")},
        {"_account": (["PROFILE", "UNIQUE"], ["id"])},
    )
    world.put("T", {"id": "1", "mail": "a@example.com"})
    profile_id = world.only("_account", "1")["ProfileId"]
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=profile_id, KeyName="_phone", Values=["+12063457890"]
    )

    answer = world.client.delete_profile(DomainName=world.name, ProfileId=profile_id)

    assert answer["Message"] == "OK"
    assert world.search("_account", "1") == world.search("_profileId", profile_id) == []
    assert world.stats() == {
        "ProfileCount": 0,
        "MeteringProfileCount": 0,
        "ObjectCount": 0,
        "TotalSize": 0,
    }
    with database.reading() as transaction:
        for table in ("profile_keys", "profile_objects", "standard_records", "record_keys"):
            rows = transaction.rows(
                f"select from {table} join domains using (domain_id) where name = %s", [world.name]
            )
            assert rows == []


def test_a_batch_of_profiles_comes_in_order_once_each_with_errors_for_the_unknown(world):
    first, second, unknown = world.create(FirstName="1"), world.create(FirstName="2"), "0" * 32

    answer = world.client.batch_get_profile(
        DomainName=world.name, ProfileIds=[second, unknown, first, second]
    )

    assert [profile["FirstName"] for profile in answer["Profiles"]] == ["2", "1"]
    assert answer["Errors"] == [
        {
            "Code": "ResourceNotFoundException",
            "Message": "Profile not found",
            "ProfileId": unknown,
        }
    ]
