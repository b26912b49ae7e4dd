"""MergeProfiles and merges by rule, through the API on the real database."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from openprofiles.core import ids
from openprofiles.core.errors import ResourceNotFound
from openprofiles.features import profiles
from tests.features.profiles.conftest import World
from tests.features.profiles.consistency import check_domain
from tests.features.profiles.merging.conftest import rows_of
from tests.opened import read_rows

SKIPPED = "profile.merge_skipped"
STAMP = "yyyy-MM-dd HH:mm"


def define(world: World, name: str = "T", **members: Any) -> None:
    """A type with an account as profile key, contact fields, and an asset."""
    world.define(
        name,
        {
            "id": "",
            "account": "_profile.AccountNumber",
            "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
            "first": "_profile.FirstName",
            "serial": "_asset.SerialNumber",
        },
        {
            f"unique{name}": (["UNIQUE"], ["id"]),
            "_account": (["PROFILE"], ["account"]),
            "serial": (["ASSET"], ["serial"]),
        },
        **members,
    )


def refused(merging: Any, *arguments: str, **sources: Any) -> tuple[str, str]:
    """The error of a call: code and text."""
    with pytest.raises(ClientError) as failure:
        merging.merge(*arguments, **sources)
    error = failure.value.response["Error"]
    return error["Code"], error["Message"]


def test_fields_objects_keys_and_records_move_and_the_merged_profile_is_gone(
    world, merging, database
):
    define(world)
    world.put("T", {"id": "1", "account": "a", "mail": "a@x", "first": "Ann"})
    world.put("T", {"id": "2", "account": "b", "mail": "b@x", "serial": "s1"})
    main, other = (world.only("_account", account)["ProfileId"] for account in "ab")
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=other, KeyName="_phone", Values=["2063457890"]
    )

    merging.merge(main, other)

    assert world.get(main) == {
        "ProfileId": main,
        "AccountNumber": "a",
        "EmailAddress": "a@x",
        "FirstName": "Ann",
    }
    assert {item["id"] for item in world.objects("T", main)} == {"1", "2"}
    assert [item["SerialNumber"] for item in world.objects("_asset", main)] == ["s1"]
    found = [
        world.only(*key)["ProfileId"]
        for key in (
            ("_account", "b"),
            ("_email", "B@X"),
            ("_phone", "2063457890"),
            ("serial", "s1"),
        )
    ]
    assert found == [main] * 4
    check_domain(database, world.name)


def test_the_old_id_finds_the_main_profile_and_is_nothing_else(world, merging):
    main, other = world.create(FirstName="A"), world.create(FirstName="B")

    merging.merge(main, other)

    assert world.only("_profileId", other)["ProfileId"] == main
    answer = world.client.batch_get_profile(DomainName=world.name, ProfileIds=[other])
    assert answer["Errors"][0]["Code"] == "ResourceNotFoundException"
    for call in (
        lambda: world.update(other, FirstName="C"),
        lambda: world.items("_asset", other),
        lambda: world.client.delete_profile(DomainName=world.name, ProfileId=other),
    ):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            call()


def test_vector_15_a_put_with_a_key_of_the_merged_profile_attaches_to_the_main_one(world, merging):
    define(world)
    world.put("T", {"id": "1", "account": "m"})
    world.put("T", {"id": "2", "account": "s"})
    main, other = (world.only("_account", account)["ProfileId"] for account in "ms")

    merging.merge(main, other)
    world.put("T", {"id": "3", "account": "s"})

    assert len(world.objects("T", main)) == 3
    assert world.stats()["ProfileCount"] == 1


def test_vector_16_a_named_source_without_a_value_empties_the_field(world, merging, database):
    main, other = world.create(EmailAddress="m@x", FirstName="M"), world.create(FirstName="S")

    merging.merge(main, other, EmailAddress=other, FirstName=other)

    assert world.get(main) == {"ProfileId": main, "FirstName": "S"}
    assert world.only("_email", "m@x")["ProfileId"] == main
    check_domain(database, world.name)


def test_field_sources_of_every_kind_are_followed(world, merging):
    main = world.create(
        Gender="MALE", Address={"City": "A"}, Attributes={"a": "1", "b": "1"}, ProfileType="PROFILE"
    )
    preferences = {"Email": [{"KeyName": "_account", "KeyValue": "1"}]}
    other = world.create(
        GenderString="other",
        Address={"Country": "X"},
        Attributes={"a": "2", "b": "2"},
        EngagementPreferences=preferences,
        ProfileType="ACCOUNT_PROFILE",
    )

    merging.merge(
        main,
        other,
        Gender=other,
        Address=other,
        Attributes={"b": other},
        ProfileType=other,
        EngagementPreferences=other,
    )

    assert world.get(main) == {
        "ProfileId": main,
        "Gender": "other",
        "GenderString": "other",
        "Address": {"Country": "X"},
        "Attributes": {"a": "1", "b": "2"},
        "ProfileType": "ACCOUNT_PROFILE",
        "EngagementPreferences": preferences,
    }


def test_a_chain_of_merges_leads_every_old_id_to_the_last(world, merging, database):
    first, second, third, fourth = (world.create(AccountNumber=str(n)) for n in range(4))

    merging.merge(second, first)
    merging.merge(third, second)
    merging.merge(fourth, third)

    assert {world.only("_profileId", id)["ProfileId"] for id in (first, second, third)} == {fourth}
    assert world.only("_account", "0")["ProfileId"] == fourth
    check_domain(database, world.name)
    world.client.delete_profile(DomainName=world.name, ProfileId=fourth)
    assert all(not rows for table, rows in rows_of(database, world.name).items() if table in KEYED)


KEYED = ("profiles", "profile_keys")


def test_twenty_at_once_and_an_id_twice(world, merging, database):
    main = world.create(AccountNumber="m")
    others = [world.create(AccountNumber=str(n)) for n in range(19)]

    merging.merge(main, *others, others[0])

    assert world.stats()["ProfileCount"] == 1
    assert world.only("_account", "18")["ProfileId"] == main
    check_domain(database, world.name)


def test_metering_follows_the_objects(world, merging, database):
    define(world)
    for account in "ab":
        for n in range(60):
            world.put("T", {"id": f"{account}{n}", "account": account})
    main, other = (world.only("_account", account)["ProfileId"] for account in "ab")
    assert world.stats()["MeteringProfileCount"] == 2

    merging.merge(main, other)

    stats = world.stats()
    assert (stats["ProfileCount"], stats["MeteringProfileCount"], stats["ObjectCount"]) == (
        1,
        2,
        120,
    )
    check_domain(database, world.name)


def test_a_merge_loses_no_object_however_many_there_are(client_with, world, merging, database):
    define(world)
    small = World(client_with(objects_per_profile=3), world.name)
    for account in "ab":
        for n in range(3):
            small.put("T", {"id": f"{account}{n}", "account": account})
    main, other = (world.only("_account", account)["ProfileId"] for account in "ab")

    merging.merge(main, other)

    assert len(world.objects("T", main)) == 6
    small.put("T", {"id": "new", "account": "b"})
    assert len(world.objects("T", main)) == 6
    check_domain(database, world.name)


def test_a_merge_against_the_rules_is_refused(world, merging):
    main, other, third = (world.create(FirstName=name) for name in "abc")
    gone = ids.random_id()

    assert refused(merging, main, main, other)[0] == "BadRequestException"
    assert refused(merging, main, gone) == (
        "ResourceNotFoundException",
        f"Profile {gone} not found in domain {world.name}",
    )
    assert refused(merging, gone, main)[0] == "ResourceNotFoundException"
    code, text = refused(merging, main, other, LastName=third)
    assert code == "BadRequestException"
    assert text.startswith("FieldSourceProfileIds names profile")
    assert refused(merging, main, other, Attributes={"x": third})[0] == "BadRequestException"
    assert world.stats()["ProfileCount"] == 3


def test_a_merge_in_no_domain_is_not_found(client, world):
    main, other = world.create(), world.create()
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.merge_profiles(
            DomainName="nowhere", MainProfileId=main, ProfileIdsToBeMerged=[other]
        )


def test_a_merged_profile_must_fit(world, merging, database):
    def attributes(letter: str) -> dict[str, str]:
        return {f"{letter}{n}": letter * 250 for n in range(500)}

    main, other = (world.create(Attributes=attributes(letter)) for letter in "ab")

    code, text = refused(merging, main, other)

    assert (code, text) == (
        "BadRequestException",
        "The merged profile would be larger than 256000 bytes",
    )
    assert merging.by_rule(main, other) is None
    assert world.stats()["ProfileCount"] == 2
    with database.reading() as transaction:
        rows = read_rows(transaction, world.name, "journal", "entry_id, kind, profile_id, detail")
    skipped = [detail for _, kind, one, detail in rows if (kind, one) == (SKIPPED, main)]
    assert [detail["merged_ids"] for detail in skipped] == [[other]]


def test_the_worked_example_by_objects_with_source_timestamps(world, merging, database):
    fields = {
        "id": "",
        "first": "_profile.FirstName",
        "last": "_profile.LastName",
        "mail": "_profile.EmailAddress",
        "phone": "_profile.PhoneNumber",
        "at": "_profile.SourceLastUpdatedTimestamp",
    }
    world.define(
        "T",
        fields,
        {"unique": (["UNIQUE"], ["id", "at"]), "id": ["PROFILE"]},
        SourceLastUpdatedTimestampFormat=STAMP,
    )
    for name, values in {
        "a": [
            (5, {"first": "John", "last": "Doe", "mail": "d@x"}),
            (7, {"phone": "5550105555"}),
        ],
        "b": [
            (4, {"first": "John", "last": "Doe", "phone": "5550105556"}),
            (6, {"mail": "d@x"}),
        ],
        "c": [
            (6, {"first": "Jane", "last": "Doe", "phone": "5550105555"}),
            (7, {"mail": "d@x"}),
        ],
    }.items():
        for hour, content in values:
            world.put("T", {"id": name, "at": f"2026-01-01 0{hour}:00", **content})
    a, b, c = (world.only("id", name)["ProfileId"] for name in "abc")

    first = merging.by_rule(a, b)
    second = merging.by_rule(a, c)

    assert world.get(a) == {
        "ProfileId": a,
        "FirstName": "Jane",
        "LastName": "Doe",
        "EmailAddress": "d@x",
        "PhoneNumber": "5550105555",
    }
    (row,) = rows_of(database, world.name)["profiles"]
    hours = {
        path: datetime.fromtimestamp(write.effective_time, UTC).hour
        for path, write in row["provenance"].items()
    }
    assert hours == {"FirstName": 6, "LastName": 6, "EmailAddress": 7, "PhoneNumber": 7}
    assert first.lost == {"PhoneNumber": {b: "5550105556"}}
    assert second.lost == {"FirstName": {a: "John"}}
    assert (second.main_id, second.merged_ids) == (a, (c,))
    check_domain(database, world.name)


def test_a_rule_merges_what_is_left(world, merging, database):
    define(world)
    world.put("T", {"id": "1", "account": "big"})
    big = world.only("_account", "big")["ProfileId"]
    small, gone = world.create(FirstName="S"), ids.random_id()

    merged = merging.by_rule(gone, small, big)

    assert (merged.main_id, merged.merged_ids) == (big, (small,))
    assert merging.by_rule(big, gone) is None
    assert merging.by_rule(gone, gone) is None
    check_domain(database, world.name)


def test_the_main_profile_is_that_with_most_objects_then_the_oldest(world, merging):
    define(world)
    oldest, other = world.create(FirstName="A"), world.create(FirstName="B")
    for n in range(2):
        world.put("T", {"id": f"{n}", "account": "two"})
    busy = world.only("_account", "two")["ProfileId"]

    assert merging.run(profiles.choose_main, [other, oldest]) == oldest
    assert merging.run(profiles.choose_main, [other, busy, oldest]) == busy
    with pytest.raises(ResourceNotFound):
        merging.run(profiles.choose_main, [ids.random_id()])


def test_fields_are_read_flat(world, merging):
    one = world.create(FirstName="A", Address={"City": "X"})

    found = merging.run(profiles.read_fields, [one, ids.random_id()])

    assert found == {one: {"FirstName": "A", "Address.City": "X"}}


def test_a_merge_keeps_the_time_of_the_last_write(world, merging, database, clock):
    main = world.create(FirstName="A")
    clock.turn(days=2)
    other = world.create(FirstName="B")
    clock.turn(days=5)
    written = max(row["written_at"] for row in rows_of(database, world.name)["profiles"])

    merging.merge(main, other)

    (row,) = rows_of(database, world.name)["profiles"]
    assert row["written_at"] == written


def test_the_journal_tells_of_a_merge(world, merging, database):
    main, other = world.create(FirstName="A"), world.create(LastName="B")

    merging.merge(main, other)

    with database.reading() as transaction:
        rows = read_rows(transaction, world.name, "journal", "entry_id, kind, profile_id, detail")
    assert [row[1:] for row in rows if row[1].startswith("profile.merged")] == [
        (
            "profile.merged",
            main,
            {"merged_ids": [other], "cause": "call", "fields_before": {"LastName": None}},
        ),
        ("profile.merged_away", other, {"main_id": main, "fields": {"LastName": "B"}}),
    ]


def test_records_with_one_key_from_both_profiles_take_their_objects_further(
    world, merging, database, rejections
):
    define(world)
    for account in "ms":
        world.put("T", {"id": account, "account": account, "serial": "same"})
    main, other = (world.only("_account", account)["ProfileId"] for account in "ms")
    kept = {item["AssetId"] for item in world.objects("_asset", main)}
    merging.merge(main, other)

    world.put("T", {"id": "s", "account": "s", "serial": "same"})
    world.put("T", {"id": "new", "account": "s", "serial": "same"})

    assert rejections() == []
    assert len(world.objects("T", main)) == 3
    assert len(world.objects("_asset", main)) == 2
    with database.reading() as transaction:
        fed = transaction.rows(
            "select record_id, fed_by from standard_records where profile_id = %s", [main]
        )
    assert {len(feeders) for record_id, feeders in fed if record_id in kept} == {2}
    check_domain(database, world.name)
