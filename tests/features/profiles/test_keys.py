"""AddProfileKey and DeleteProfileKey (core reference §2.4, §13 no. 16 and 17)."""

import pytest
from botocore.exceptions import ClientError


def add(world, profile_id, name, *values):
    return world.client.add_profile_key(
        DomainName=world.name, ProfileId=profile_id, KeyName=name, Values=list(values)
    )


def remove(world, profile_id, name, *values):
    return world.client.delete_profile_key(
        DomainName=world.name, ProfileId=profile_id, KeyName=name, Values=list(values)
    )


def test_an_added_value_finds_the_profile_and_is_echoed(world):
    profile_id = world.create()

    answer = add(world, profile_id, "_phone", "(206) 345-7890", "+4420 7946 0958")

    assert answer["KeyName"] == "_phone"
    assert answer["Values"] == ["(206) 345-7890", "+4420 7946 0958"]
    assert world.only("_phone", "+12063457890")["ProfileId"] == profile_id
    assert "PhoneNumber" not in world.get(profile_id)


def test_adding_again_changes_nothing_and_one_removal_is_enough(world):
    profile_id = world.create()
    add(world, profile_id, "_ctrContactId", "c1")
    add(world, profile_id, "_ctrContactId", "c1", "c1")

    remove(world, profile_id, "_ctrContactId", "c1")

    assert world.search("_ctrContactId", "c1") == []


def test_two_profiles_may_hold_one_value(world):
    first, second = world.create(), world.create()

    add(world, first, "_account", "1")
    add(world, second, "_account", "1")

    assert {found["ProfileId"] for found in world.search("_account", "1")} == {first, second}


def test_an_added_key_decides_where_objects_go(world):
    world.define("T", {"id": ""}, {"id": ["PROFILE", "UNIQUE"]})
    profile_id = world.create()
    add(world, profile_id, "id", "1")

    world.put("T", {"id": "1"})

    assert world.objects("T", profile_id) == [{"id": "1"}]


def test_a_value_that_an_object_gave_can_be_removed(world):
    world.define(
        "T",
        {"id": "", "mail": ("", "EMAIL_ADDRESS")},
        {"id": ["PROFILE", "UNIQUE"], "mail": []},
    )
    world.put("T", {"id": "1", "mail": "a@example.com"})
    profile_id = world.only("id", "1")["ProfileId"]

    remove(world, profile_id, "mail", "A@example.com")

    assert world.search("mail", "a@example.com") == []
    assert len(world.objects("T", profile_id)) == 1
    world.client.delete_profile(DomainName=world.name, ProfileId=profile_id)


def test_a_value_that_follows_from_a_field_stays(world):
    profile_id = world.create(EmailAddress="a@example.com")

    assert remove(world, profile_id, "_email", "a@example.com")["Message"] == "OK"

    assert world.only("_email", "a@example.com")["ProfileId"] == profile_id


def test_removing_a_value_that_is_not_there_is_no_error(world):
    assert remove(world, world.create(), "_email", "a@example.com")["Message"] == "OK"


@pytest.mark.parametrize("act", [add, remove])
@pytest.mark.parametrize(
    ("name", "values"),
    [("unheard", ["1"]), ("_profileId", ["1"]), ("_email", []), ("_phone", ["--"])],
)
def test_a_key_that_cannot_be_meant_is_refused(world, act, name, values):
    profile_id = world.create()

    with pytest.raises(ClientError) as failure:
        act(world, profile_id, name, *values)

    assert failure.value.response["Error"]["Code"] == "BadRequestException"


@pytest.mark.parametrize("act", [add, remove])
def test_a_missing_profile_is_not_found(world, act):
    with pytest.raises(ClientError) as failure:
        act(world, "0" * 32, "_email", "a@example.com")

    assert failure.value.response["Error"]["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize("act", [add, remove])
def test_a_value_that_cannot_be_stored_is_refused(world, act):
    profile_id = world.create()

    with pytest.raises(ClientError) as failure:
        act(world, profile_id, "_account", "a\0")

    assert failure.value.response["Error"]["Code"] == "BadRequestException"
