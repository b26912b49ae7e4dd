"""Which profiles match by which rules (core reference §8.5)."""

from contextlib import closing
from typing import Any

import pytest

from openprofiles.app import client_of, open_application
from openprofiles.core import paging
from openprofiles.core.clock import system_clock

pytestmark = pytest.mark.sealed_too

ANN = {"FirstName": "Ann", "LastName": "Lee"}
HOME = {"Address1": "1 Oak St", "City": "Salem", "PostalCode": "97301"}


def _are_matched(world, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two new profiles match."""
    before = set(world.match_ids())
    world.create(**one)
    world.create(**other)
    return set(world.match_ids()) != before


def test_profiles_match_as_soon_as_the_second_is_written(ruled, groups):
    world = ruled("EmailAddress LastName")
    one = world.create(EmailAddress="ann@example.com", **ANN)
    assert world.match_ids() == []

    other = world.create(EmailAddress="ann@example.com", **ANN)

    (match_id,) = world.match_ids()
    group = groups.of_match(world, match_id)
    assert group.level == 1
    assert set(group.profile_ids) == {one, other}
    assert groups.of_profile(world, one) == group == groups.of_profile(world, other)


def test_other_workers_see_a_match_at_once(ruled, application):
    world = ruled("EmailAddress")
    with closing(open_application(application.settings)) as other_worker:
        elsewhere = client_of(other_worker.wsgi, other_worker.settings)
        for n in range(10):
            for _ in range(2):
                world.create(EmailAddress=f"{n}@x.org")
            found = elsewhere.list_rule_based_matches(DomainName=world.name)
            assert len(found["MatchIds"]) == n + 1


def test_a_put_object_matches_when_the_put_returns(ruled):
    world = ruled("EmailAddress")
    world.define(
        "Order",
        {"id": "", "mail": "_profile.EmailAddress"},
        {"order": (["UNIQUE", "PROFILE"], ["id"])},
    )
    world.put("Order", {"id": "1", "mail": "ann@example.com"})
    world.put("Order", {"id": "2", "mail": "ann@example.com"})

    assert len(world.match_ids()) == 1


def test_all_attributes_of_a_level_must_be_equal_and_present(ruled):
    world = ruled("EmailAddress LastName")
    mail = {"EmailAddress": "ann@example.com"}

    assert not _are_matched(world, {**mail, "LastName": "Lee"}, {**mail, "LastName": "Law"})
    assert not _are_matched(world, {**mail, "FirstName": "Ann"}, {**mail, "FirstName": "Ann"})
    assert not _are_matched(world, {"LastName": "Lee"}, {"LastName": "Lee"})
    assert _are_matched(world, mail, {**mail, "LastName": "Law"})


@pytest.mark.parametrize(
    ("attribute", "field", "values", "equal"),
    [
        ("EmailAddress", "EmailAddress", ("Ann@Example.com", " ann@example.COM "), True),
        ("PhoneNumber", "PhoneNumber", ("(206) 555-0100", "+12065550100"), True),
        ("FirstName", "FirstName", ("José  María", "jose\u0301 mari\u0301a"), True),
        ("BusinessName", "BusinessName", ("Acme Inc", "ACME INC"), True),
        ("Gender", "GenderString", ("female", "FEMALE"), True),
        ("AccountNumber", "AccountNumber", ("a1", "A1"), False),
        ("BirthDate", "BirthDate", ("1990-01-02", "1990-01-02"), True),
        ("BirthDate", "BirthDate", ("1990-01-02", "02.01.1990"), False),
    ],
)
def test_values_are_equal_in_their_one_form(ruled, attribute, field, values, equal):
    world = ruled(attribute)
    one, other = values

    assert _are_matched(world, {field: one}, {field: other}) is equal


@pytest.mark.parametrize("value", [" ", "   \t"])
def test_a_blank_value_is_none(ruled, value):
    world = ruled("FirstName")

    assert not _are_matched(world, {"FirstName": value}, {"FirstName": value})


def test_a_phone_number_without_digits_is_none(ruled):
    world = ruled("PhoneNumber")

    assert not _are_matched(world, {"PhoneNumber": "none"}, {"PhoneNumber": "none"})


def test_custom_attributes_match_as_they_are(ruled):
    world = ruled("Attributes.card")

    assert _are_matched(world, {"Attributes": {"card": "7"}}, {"Attributes": {"card": "7"}})
    assert not _are_matched(world, {"Attributes": {"card": "x"}}, {"Attributes": {"card": "X"}})


def test_any_field_of_a_type_meets_any_other_unless_they_are_chosen(ruled):
    world = ruled("EmailAddress")

    one, other = {"EmailAddress": "a@example.com"}, {"BusinessEmailAddress": "a@example.com"}
    assert _are_matched(world, one, other)


def test_many_to_many_meets_any_chosen_field(ruled):
    world = ruled(
        "PhoneNumber",
        AttributeTypesSelector={
            "AttributeMatchingModel": "MANY_TO_MANY",
            "PhoneNumber": ["PhoneNumber", "MobilePhoneNumber"],
        },
    )
    number = "+12065550100"

    assert not _are_matched(world, {"PhoneNumber": number}, {"HomePhoneNumber": number})
    assert _are_matched(world, {"MobilePhoneNumber": number}, {})


def test_one_to_one_meets_the_same_field_only(ruled):
    world = ruled(
        "PhoneNumber LastName", AttributeTypesSelector={"AttributeMatchingModel": "ONE_TO_ONE"}
    )
    number = "+12065550100"

    one = {"PhoneNumber": number, "LastName": "Lee"}
    other = {"HomePhoneNumber": number, "LastName": "Lee"}
    assert not _are_matched(world, one, other)
    assert _are_matched(world, {**other, "PhoneNumber": number}, {})


def test_the_address_of_a_rule_is_its_four_lines(ruled):
    world = ruled("Address.Address")

    assert not _are_matched(world, {"Address": HOME}, {"Address": {**HOME, "Address2": "Flat 2"}})
    assert _are_matched(world, {"Address": {**HOME, "City": "Bend"}}, {})
    assert not _are_matched(world, {"Address": {"City": "Bend"}}, {"Address": {"City": "Bend"}})


def test_all_that_a_rule_wants_of_addresses_is_of_one_address(ruled):
    world = ruled("Address.City Address.PostalCode")
    mixed = {
        "Address": {"City": "Salem", "PostalCode": "1"},
        "BillingAddress": {"City": "Bend", "PostalCode": "97301"},
    }

    assert not _are_matched(world, {"Address": HOME}, mixed)
    assert _are_matched(world, {"ShippingAddress": HOME}, {})


@pytest.mark.parametrize(
    ("chosen", "member"),
    [
        ("MaillingAddress", "MailingAddress"),
        ("BusinessAddress", "BillingAddress"),
        ("ShippingAddress", "ShippingAddress"),
    ],
)
def test_addresses_are_chosen_by_their_documented_names(ruled, chosen, member):
    world = ruled(
        "Address.Address",
        AttributeTypesSelector={"AttributeMatchingModel": "ONE_TO_ONE", "Address": [chosen]},
    )

    assert not _are_matched(world, {"Address": HOME}, {"Address": HOME})
    assert _are_matched(world, {member: HOME}, {member: HOME})


def test_levels_beyond_the_limit_for_matching_do_not_count(ruled):
    world = ruled("AccountNumber", "LastName", MaxAllowedRuleLevelForMatching=1)

    assert not _are_matched(world, ANN, ANN)
    assert _are_matched(world, {"AccountNumber": "1"}, {"AccountNumber": "1"})


def test_default_rules_match_on_three_levels(client, ruled, groups):
    world = ruled()
    client.update_domain(DomainName=world.name, RuleBasedMatching={"Enabled": True})
    mail, phone = {"EmailAddress": "a@example.com"}, {"PhoneNumber": "+12065550100"}
    world.create(**mail)
    world.create(**mail)
    assert world.match_ids() == []

    for _ in range(2):
        world.create(AccountNumber="1")
        world.create(**mail, **ANN)
        world.create(**phone, **ANN)

    assert [level for level, _ in groups.all(world)] == [1, 2, 3]


def test_a_profile_is_in_the_group_of_its_best_level(ruled, groups):
    world = ruled("AccountNumber", "EmailAddress")
    mail = {"EmailAddress": "a@example.com"}
    one = world.create(AccountNumber="1", **mail)
    other = world.create(**mail)
    assert groups.all(world) == [(2, {one, other})]

    third = world.create(AccountNumber="1")

    assert groups.all(world) == [(1, {one, third}), (2, {one, other})]
    assert groups.of_profile(world, one).level == 1
    assert groups.of_profile(world, other).level == 2

    world.update(other, AccountNumber="1")
    assert groups.all(world) == [(1, {one, other, third})]


def test_profiles_hang_together_through_others(ruled, groups):
    world = ruled("EmailAddress")
    ids = [
        world.create(EmailAddress=mine, BusinessEmailAddress=shared)
        for mine, shared in (("a@x.org", "b@x.org"), ("b@x.org", "c@x.org"), ("c@x.org", "d@x.org"))
    ]
    assert groups.all(world) == [(1, set(ids))]

    world.client.delete_profile(DomainName=world.name, ProfileId=ids[1])
    assert groups.all(world) == []


def test_an_update_moves_a_profile_from_one_match_to_another(ruled, groups):
    world = ruled("EmailAddress")
    a1, a2 = (world.create(EmailAddress="a@x.org") for _ in range(2))
    b = world.create(EmailAddress="b@x.org")

    world.update(a2, EmailAddress="b@x.org")
    assert groups.all(world) == [(1, {a2, b})]
    world.update(a2, EmailAddress="")

    assert groups.all(world) == []
    assert groups.of_profile(world, a1) is None


def test_a_match_id_is_good_until_the_group_is_gone(ruled, groups):
    world = ruled("EmailAddress")
    a, b = (world.create(EmailAddress="a@x.org") for _ in range(2))
    (match_id,) = world.match_ids()
    others = [
        world.create(EmailAddress="a@x.org", BusinessEmailAddress=f"{n}@x.org") for n in range(2)
    ]
    assert groups.of_match(world, match_id).profile_ids == tuple(sorted([a, b, *others]))

    for profile_id in (b, *others):
        world.client.delete_profile(DomainName=world.name, ProfileId=profile_id)

    assert groups.of_match(world, match_id) is None
    world.client.delete_profile(DomainName=world.name, ProfileId=a)
    assert groups.of_match(world, match_id) is None


@pytest.mark.parametrize("match_id", ["", "x", "00" + "0" * 32, "10" + "0" * 32, "02" + "a" * 32])
def test_no_group_has_an_id_that_is_none(ruled, groups, match_id):
    world = ruled("EmailAddress")

    assert groups.of_match(world, match_id) is None


def test_a_group_to_which_nobody_belongs_any_more_has_no_id(ruled, groups):
    world = ruled("AccountNumber", "EmailAddress")
    ids = [world.create(EmailAddress="a@x.org") for _ in range(2)]
    (match_id,) = world.match_ids()

    for profile_id in ids:
        world.update(profile_id, AccountNumber="1")

    assert groups.of_match(world, match_id) is None
    assert groups.all(world) == [(1, set(ids))]


def test_a_value_of_more_than_500_profiles_matches_nobody(ruled, ingest_profiles, groups):
    world = ruled("EmailAddress", "LastName")
    ids = ingest_profiles(world, [{"EmailAddress": "a@x.org"} for _ in range(500)])
    assert groups.all(world) == [(1, set(ids))]

    last = world.create(EmailAddress="a@x.org", LastName="Lee")
    namesake = world.create(LastName="Lee")

    assert groups.all(world) == [(2, {last, namesake})]
    (entry,) = world.unusable()
    assert (entry["RuleLevel"], entry["Values"], entry["Profiles"]) == (1, 1, 501)
    assert entry["Message"] == (
        "All attributes at rule level 1 are associated with more than 500 records."
    )


def test_a_chain_of_too_many_profiles_is_no_match(ruled, ingest_profiles, groups, monkeypatch):
    monkeypatch.setattr("openprofiles.features.rules.components.LARGEST", 30)
    world = ruled("EmailAddress", "LastName")
    chain = [
        {"EmailAddress": f"{n}@x.org", "BusinessEmailAddress": f"{n + 1}@x.org", "LastName": "Lee"}
        for n in range(31)
    ]
    ids = ingest_profiles(world, chain[:30])
    assert groups.all(world) == [(1, set(ids))]

    (last,) = ingest_profiles(world, chain[30:])

    assert groups.all(world) == []
    for profile_id in (ids[0], ids[15], last):
        assert groups.of_profile(world, profile_id) is None
    world.update(last, LastName="Law")
    assert [level for level, _ in groups.all(world)] == [2]


def test_lists_come_in_pages(ruled, ingest_profiles, groups):
    world = ruled("AccountNumber", "EmailAddress")
    pairs = [{"AccountNumber": str(n)} for n in range(30)] + [
        {"EmailAddress": f"{n}@x.org"} for n in range(30)
    ]
    ingest_profiles(world, [*pairs, *pairs])

    pages = list(
        world.client.get_paginator("list_rule_based_matches").paginate(
            DomainName=world.name, PaginationConfig={"PageSize": 7}
        )
    )

    assert max(len(page["MatchIds"]) for page in pages) == 7
    ids = [match_id for page in pages for match_id in page["MatchIds"]]
    assert len(set(ids)) == len(ids) == 60
    assert [groups.of_match(world, match_id).level for match_id in ids] == [1] * 30 + [2] * 30


@pytest.mark.parametrize("remembered", [0, 100_000])
def test_a_large_group_is_found_once_however_the_list_is_cut(
    ruled, ingest_profiles, monkeypatch, remembered
):
    monkeypatch.setattr("openprofiles.features.rules.grouping.MOST_REMEMBERED", remembered)
    world = ruled("EmailAddress")
    ingest_profiles(
        world,
        [
            {"EmailAddress": f"{n}@x.org", "BusinessEmailAddress": f"{n + 1}@x.org"}
            for n in range(120)
        ],
    )

    assert len(world.match_ids()) == 1


def test_a_list_goes_on_beyond_values_that_match_nobody(ruled, ingest_profiles, monkeypatch):
    monkeypatch.setattr("openprofiles.features.rules.grouping.KEYS_SCANNED_AT_ONCE", 10)
    world = ruled("AccountNumber")
    single = [{"AccountNumber": f"s{n}"} for n in range(40)]
    pairs = [{"AccountNumber": f"p{n}"} for n in range(5)] * 2
    crowd = [{"AccountNumber": "c"}] * 15
    ingest_profiles(world, [*single, *pairs, *crowd])

    assert len(world.match_ids()) == 5  # the crowd fills more than a window


@pytest.mark.parametrize("cursor", ["x", "00" + "0" * 32, "01" + "g" * 32])
def test_a_token_of_nothing_is_refused(ruled, client, database, cursor):
    world = ruled("AccountNumber")
    with database.reading() as transaction:
        [(domain_id,)] = transaction.rows(
            "select domain_id from domains where name = %s", [world.name]
        )
    forged = paging.encode(("ListRuleBasedMatches", domain_id), cursor, system_clock())

    with pytest.raises(client.exceptions.BadRequestException, match="NextToken"):
        client.list_rule_based_matches(DomainName=world.name, NextToken=forged)


def test_a_domain_without_rules_lists_nothing(client, ruled):
    world = ruled()
    world.create(EmailAddress="a@x.org")

    assert world.match_ids() == []
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.list_rule_based_matches(DomainName="nowhere")
