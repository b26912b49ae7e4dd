"""SearchProfiles (core reference §7, §5.4)."""

import pytest
from botocore.exceptions import ClientError


@pytest.mark.parametrize(
    "member", ["PhoneNumber", "MobilePhoneNumber", "HomePhoneNumber", "BusinessPhoneNumber"]
)
def test_phone_searches_all_four_fields_in_any_format(world, member):
    profile_id = world.create(**{member: "+1 (206) 345-7890"})

    for text in ("2063457890", "+12063457890", "206.345.7890", "1-206-345-7890"):
        assert world.only("_phone", text)["ProfileId"] == profile_id


@pytest.mark.parametrize("member", ["EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress"])
def test_email_searches_all_three_fields_whatever_the_case(world, member):
    profile_id = world.create(**{member: "JOHN_DOE@AnyCompany.com"})

    assert world.only("_email", "john_doe@anycompany.COM")["ProfileId"] == profile_id


def test_full_name_is_first_middle_last_whole(world):
    profile_id = world.create(FirstName="John", MiddleName="Q", LastName="Doe")

    assert world.only("_fullName", " john  q doe ")["ProfileId"] == profile_id
    assert world.search("_fullName", "John Doe") == []


def test_an_account_number_is_compared_exactly(world):
    world.create(AccountNumber="Abc")

    assert world.search("_account", "abc") == []
    assert len(world.search("_account", "Abc")) == 1


def test_an_updated_field_is_found_by_its_new_value_only(world):
    profile_id = world.create(EmailAddress="old@example.com", FirstName="Jo")

    world.update(profile_id, EmailAddress="new@example.com")

    assert world.search("_email", "old@example.com") == []
    assert world.only("_email", "new@example.com")["ProfileId"] == profile_id


def test_or_is_the_default_and_found_by_names_what_matched(world):
    world.create(FirstName="A", EmailAddress="a@example.com", PhoneNumber="+12063457890")
    world.create(FirstName="B", EmailAddress="b@example.com")

    items = world.client.search_profiles(
        DomainName=world.name,
        KeyName="_phone",
        Values=["(206) 345-7890"],
        AdditionalSearchKeys=[{"KeyName": "_email", "Values": ["B@example.com", "a@example.com"]}],
    )["Items"]

    assert {item["FirstName"]: item["FoundByItems"] for item in items} == {
        "A": [
            {"KeyName": "_phone", "Values": ["(206) 345-7890"]},
            {"KeyName": "_email", "Values": ["a@example.com"]},
        ],
        "B": [{"KeyName": "_email", "Values": ["B@example.com"]}],
    }


def test_and_needs_every_key_on_one_profile_whatever_object_brought_it(world):
    world.define(
        "T",
        {"id": "_profile.AccountNumber", "mail": ("", "EMAIL_ADDRESS"), "n": ""},
        {"_account": (["PROFILE"], ["id"]), "mail": [], "object": (["UNIQUE"], ["n"])},
    )
    world.put("T", {"id": "1", "n": "1", "mail": "a@example.com"})
    world.put("T", {"id": "1", "n": "2", "mail": "b@example.com"})
    world.put("T", {"id": "2", "n": "3", "mail": "a@example.com"})

    items = world.client.search_profiles(
        DomainName=world.name,
        KeyName="mail",
        Values=["a@example.com"],
        AdditionalSearchKeys=[{"KeyName": "mail", "Values": ["B@EXAMPLE.com"]}],
        LogicalOperator="AND",
    )["Items"]

    assert [item["AccountNumber"] for item in items] == ["1"]
    assert items[0]["FoundByItems"] == [
        {"KeyName": "mail", "Values": ["a@example.com"]},
        {"KeyName": "mail", "Values": ["B@EXAMPLE.com"]},
    ]


def test_and_with_a_value_that_normalises_to_nothing_finds_nothing(world):
    world.create(EmailAddress="a@example.com")

    found = world.search(
        "_email",
        "a@example.com",
        AdditionalSearchKeys=[{"KeyName": "_phone", "Values": ["---"]}],
        LogicalOperator="AND",
    )

    assert found == []


def test_a_key_over_two_fields_takes_as_many_values_as_one_tuple(world):
    world.define(
        "T",
        {"id": "", "first": ("", "NAME"), "born": ""},
        {"id": ["PROFILE", "UNIQUE"], "person": ([], ["first", "born"])},
    )
    world.put("T", {"id": "1", "first": "Jo", "born": "1990"})
    world.put("T", {"id": "2", "first": "1990", "born": "Jo"})

    assert len(world.search("person", "JO", "1990")) == 1
    assert world.search("person", "Jo") == []


def test_no_hit_is_an_empty_answer(world):
    answer = world.client.search_profiles(DomainName=world.name, KeyName="_email", Values=["x"])

    assert answer["Items"] == []


def test_pages_hold_each_profile_once_in_the_order_of_ids(world):
    created = sorted(world.create(AccountNumber="1") for _ in range(25))

    first = world.client.search_profiles(DomainName=world.name, KeyName="_account", Values=["1"])
    second = world.client.search_profiles(
        DomainName=world.name, KeyName="_account", Values=["1"], NextToken=first["NextToken"]
    )

    assert len(first["Items"]) == 20
    assert [item["ProfileId"] for item in first["Items"] + second["Items"]] == created
    assert "NextToken" not in second


def test_a_token_of_another_search_is_refused(world):
    for _ in range(3):
        world.create(AccountNumber="1")
    token = world.client.search_profiles(
        DomainName=world.name, KeyName="_account", Values=["1"], MaxResults=1
    )["NextToken"]

    for key, values, given in (
        ("_account", ["2"], token),
        ("_email", ["1"], token),
        ("_account", ["1"], "nonsense"),
        ("_account", ["1"], token + "x"),
    ):
        with pytest.raises(ClientError) as failure:
            world.client.search_profiles(
                DomainName=world.name, KeyName=key, Values=values, NextToken=given
            )
        assert failure.value.response["Error"]["Code"] == "BadRequestException"


@pytest.mark.parametrize(
    "request_members",
    [
        {"KeyName": "unheard", "Values": ["x"]},
        {"KeyName": "_email", "Values": []},
        {
            "KeyName": "_email",
            "Values": ["x"],
            "AdditionalSearchKeys": [{"KeyName": "_phone", "Values": ["1"]}] * 5,
        },
        {
            "KeyName": "_email",
            "Values": ["x"],
            "AdditionalSearchKeys": [{"KeyName": "_phone", "Values": []}],
        },
    ],
)
def test_a_search_that_cannot_be_meant_is_refused(world, request_members):
    with pytest.raises(ClientError) as failure:
        world.client.search_profiles(DomainName=world.name, **request_members)

    assert failure.value.response["Error"]["Code"] == "BadRequestException"


def test_searching_a_missing_domain_is_not_found(client):
    with pytest.raises(ClientError) as failure:
        client.search_profiles(DomainName="nowhere", KeyName="_email", Values=["x"])

    assert failure.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_domains_do_not_see_each_other(world, client):
    world.create(AccountNumber="1")
    client.create_domain(DomainName=f"{world.name}2", DefaultExpirationDays=1)

    answer = client.search_profiles(DomainName=f"{world.name}2", KeyName="_account", Values=["1"])

    assert answer["Items"] == []


def test_a_full_name_that_a_mapping_looks_up_decides_where_an_object_goes(world):
    world.define(
        "T",
        {"id": "", "first": ("", "NAME"), "last": ("", "NAME")},
        {"id": ["UNIQUE"], "_fullName": (["PROFILE"], ["first", "last"])},
    )
    profile_id = world.create(FirstName="Jo", LastName="Doe")

    world.put("T", {"id": "1", "first": "JO", "last": "doe"})

    assert len(world.objects("T", profile_id)) == 1
