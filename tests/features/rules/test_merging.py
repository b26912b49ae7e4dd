"""What rules merge by themselves, up to MaxAllowedRuleLevelForMerging (core reference §8.5)."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from openprofiles.features import profiles
from openprofiles.features.rules import applying
from openprofiles.features.rules.components import Component, mergeable
from tests.opened import read_rows

ANN = {"FirstName": "Ann", "LastName": "Lee"}
MERGING = {"MaxAllowedRuleLevelForMerging": 1}


def _ids(world, *values: str) -> set[str]:
    """The ids of the profiles with an e-mail address."""
    return {item["ProfileId"] for item in world.search("_email", *values)}


def _due(database, world) -> int:
    """How many profiles are noted to be merged."""
    with database.reading() as transaction:
        [(count,)] = transaction.rows(
            "select count(*) from rule_merges_due join domains using (domain_id) where name = %s",
            [world.name],
        )
    return count


def test_profiles_that_match_on_a_merging_level_are_one_when_the_call_returns(ruled, database):
    world = ruled("EmailAddress LastName", **MERGING)
    one = world.create(EmailAddress="ann@example.com", **ANN)
    other = world.create(EmailAddress="Ann@Example.com", PhoneNumber="+12065550100", **ANN)

    (profile,) = world.search("_email", "ann@example.com")

    assert profile["ProfileId"] == one
    assert profile["PhoneNumber"] == "+12065550100"
    assert world.only("_profileId", other)["ProfileId"] == one
    assert world.match_ids() == []
    assert _due(database, world) == 0


def test_without_a_level_for_merging_nothing_is_merged(ruled, database):
    world = ruled("EmailAddress")
    ids = {world.create(EmailAddress="a@x.org") for _ in range(2)}

    assert _ids(world, "a@x.org") == ids
    assert _due(database, world) == 0


def test_levels_beyond_the_merging_level_only_match(ruled, groups):
    world = ruled("AccountNumber", "EmailAddress", **MERGING)
    ids = {world.create(EmailAddress="a@x.org") for _ in range(2)}

    assert _ids(world, "a@x.org") == ids
    assert groups.all(world) == [(2, ids)]


def test_a_merge_that_makes_a_match_is_followed_by_the_next(ruled):
    world = ruled("AccountNumber", "EmailAddress LastName", MaxAllowedRuleLevelForMerging=2)
    world.create(EmailAddress="a@x.org", LastName="Lee")
    world.create(AccountNumber="1", EmailAddress="a@x.org")
    world.create(AccountNumber="1", LastName="Lee")

    assert len(_ids(world, "a@x.org")) == 1
    assert len(world.search("_account", "1")) == 1


def test_an_object_that_makes_two_profiles_match_merges_them(ruled):
    world = ruled("AccountNumber", **MERGING)
    world.define(
        "T",
        {"id": "", "account": "_profile.AccountNumber"},
        {"id": (["UNIQUE", "PROFILE"], ["id"])},
    )
    world.put("T", {"id": "1", "account": "a"})
    world.put("T", {"id": "2", "account": "b"})
    world.put("T", {"id": "2", "account": "a"})

    merged = world.only("id", "1")["ProfileId"]
    assert world.only("id", "2")["ProfileId"] == merged
    assert len(world.objects("T", merged)) == 2


def test_the_profile_with_most_objects_stays_and_newer_values_win(ruled, clock):
    world = ruled("AccountNumber", **MERGING)
    world.define(
        "T",
        {"id": "", "mail": "_profile.EmailAddress"},
        {"id": (["UNIQUE"], ["id"]), "_email": (["PROFILE"], ["mail"])},
    )
    first = world.create(AccountNumber="1", FirstName="Old")
    world.put("T", {"id": "1", "mail": "a@x.org"})
    (busy,) = _ids(world, "a@x.org")
    clock.turn(hours=1)

    world.update(busy, AccountNumber="1", FirstName="New")

    profile = world.only("_account", "1")
    assert (profile["ProfileId"], profile["FirstName"]) == (busy, "New")
    assert world.only("_profileId", first)["ProfileId"] == busy


def test_the_source_of_a_value_can_decide(ruled, clock):
    source = {"ConflictResolvingModel": "SOURCE", "SourceName": "Crm"}
    world = ruled("AccountNumber", ConflictResolution=source, **MERGING)
    for name in ("Crm", "Web"):
        world.define(
            name,
            {"id": "", "first": "_profile.FirstName", "account": "_profile.AccountNumber"},
            {f"{name}Id": (["UNIQUE", "PROFILE"], ["id"])},
        )
    world.put("Crm", {"id": "1", "first": "Ann", "account": "1"})
    clock.turn(hours=1)
    world.put("Web", {"id": "1", "first": "Anne", "account": "1"})

    assert world.only("_account", "1")["FirstName"] == "Ann"


def test_the_receipt_says_which_rule_merged(ruled, database):
    world = ruled("EmailAddress LastName", **MERGING)
    world.create(EmailAddress="a@x.org", LastName="Lee")
    world.create(EmailAddress="a@x.org", LastName="Lee")

    with database.reading() as transaction:
        [(_, cause, receipt, _)] = read_rows(
            transaction, world.name, "merges", "merge_id, cause, receipt, before"
        )
    assert cause == "rule"
    detail = receipt["detail"]
    assert (detail["RuleLevel"], detail["Attributes"]) == (1, ["EmailAddress", "LastName"])
    assert detail["MatchId"].startswith("01")


@pytest.mark.parametrize("count", [25, 100])
def test_existing_profiles_are_merged_when_rules_come_to_them(
    ruled, ingest_profiles, work_off, count
):
    world = ruled()
    ingest_profiles(world, [{"EmailAddress": "a@x.org"}] * count)

    world.set_rules("EmailAddress", **MERGING)
    work_off()

    assert world.status() == "ACTIVE"
    assert len(_ids(world, "a@x.org")) == 1
    assert world.stats()["ProfileCount"] == 1


def test_rules_are_in_force_once_all_is_merged(ruled, ingest_profiles, work_off, monkeypatch):
    monkeypatch.setattr(applying, "PROFILES_AT_ONCE", 5)
    world = ruled()
    ingest_profiles(world, [{"EmailAddress": f"{n % 20}@x.org"} for n in range(40)])
    world.set_rules("EmailAddress", **MERGING)
    assert world.status() == "IN_PROGRESS"

    work_off()

    assert world.status() == "ACTIVE"
    assert world.stats()["ProfileCount"] == 20


def test_profiles_of_a_domain_whose_rules_merge_nobody_become_active(ruled):
    world = ruled()
    world.create(EmailAddress="a@x.org")

    world.set_rules("EmailAddress", **MERGING)

    assert world.status() == "ACTIVE"


def test_what_a_dead_process_left_is_merged_by_the_job(ruled, database, work_off):
    world = ruled("EmailAddress")
    ids = [world.create(EmailAddress="a@x.org") for _ in range(2)]
    with database.transaction() as transaction:
        # As if the process had died between the commit and the merge.
        transaction.send(
            """
            update domains set configuration = jsonb_set(
                configuration, '{RuleBasedMatching,MaxAllowedRuleLevelForMerging}', '1')
            where name = %s
            """,
            [world.name],
        )
        transaction.send(
            "insert into rule_merges_due select domain_id, %s from domains where name = %s",
            [ids[1], world.name],
        )

    work_off()

    assert len(_ids(world, "a@x.org")) == 1
    assert _due(database, world) == 0


def test_notes_of_rules_that_are_off_are_forgotten(ruled, database, work_off):
    world = ruled()
    profile_id = world.create(EmailAddress="a@x.org")
    with database.transaction() as transaction:
        transaction.send(
            "insert into rule_merges_due select domain_id, %s from domains where name = %s",
            [profile_id, world.name],
        )

    work_off()

    assert _due(database, world) == 0


def test_profiles_decided_apart_are_not_merged(ruled, groups):
    world = ruled("EmailAddress", **MERGING)
    one = world.create(EmailAddress="a@x.org")
    other = world.create(EmailAddress="b@x.org")
    world.ask("DecideNotSame", ProfileId=one, OtherProfileId=other)

    world.update(other, EmailAddress="a@x.org")
    assert _ids(world, "a@x.org") == {one, other}
    assert groups.all(world) == []
    assert groups.of_profile(world, one) is None

    third = world.create(EmailAddress="a@x.org")
    assert _ids(world, "a@x.org") == {one, other}
    assert world.only("_profileId", third)["ProfileId"] == one


def test_a_decision_counts_for_the_profile_that_took_its_place(ruled):
    world = ruled("EmailAddress", **MERGING)
    apart, other = world.create(EmailAddress="a@x.org"), world.create(EmailAddress="b@x.org")
    world.ask("DecideNotSame", ProfileId=apart, OtherProfileId=other)
    main = world.create(EmailAddress="c@x.org")
    world.client.merge_profiles(
        DomainName=world.name, MainProfileId=main, ProfileIdsToBeMerged=[apart]
    )

    world.update(other, EmailAddress="c@x.org")

    assert _ids(world, "c@x.org") == {main, other}


def test_a_group_of_whom_some_are_apart_is_still_listed(ruled, groups):
    world = ruled("EmailAddress")
    ids = [world.create(EmailAddress="a@x.org") for _ in range(3)]
    world.ask("DecideNotSame", ProfileId=ids[0], OtherProfileId=ids[1])

    assert groups.all(world) == [(1, set(ids))]


def test_a_pair_apart_on_one_level_can_match_others_on_the_next(ruled, groups):
    world = ruled("AccountNumber", "EmailAddress")
    one, other = (world.create(AccountNumber="1", EmailAddress=f"{n}@x.org") for n in range(2))
    third = world.create(EmailAddress="0@x.org")
    world.ask("DecideNotSame", ProfileId=one, OtherProfileId=other)

    assert groups.all(world) == [(2, {one, third})]
    assert groups.of_profile(world, one).level == 2


def test_a_withdrawn_decision_lets_rules_merge_again(ruled):
    world = ruled("EmailAddress", **MERGING)
    one, other = world.create(EmailAddress="a@x.org"), world.create(EmailAddress="b@x.org")
    world.ask("DecideNotSame", ProfileId=one, OtherProfileId=other)
    world.update(other, EmailAddress="a@x.org")

    world.ask("WithdrawDecision", ProfileId=one, OtherProfileId=other)

    assert len(_ids(world, "a@x.org")) == 1


def test_who_undoes_a_merge_has_decided(ruled, groups, database):
    world = ruled("EmailAddress", **MERGING)
    one = world.create(EmailAddress="a@x.org", FirstName="Ann")
    other = world.create(EmailAddress="a@x.org", FirstName="Bo")
    (merge,) = world.ask("ListMerges")["Items"]

    world.ask("UndoMerge", MergeId=merge["MergeId"])

    assert _ids(world, "a@x.org") == {one, other}
    assert groups.all(world) == []
    assert _due(database, world) == 0


def test_a_withdrawn_decision_about_profiles_that_only_match_changes_nothing(ruled):
    world = ruled("EmailAddress")
    one, other = (world.create(EmailAddress="a@x.org") for _ in range(2))
    world.ask("DecideNotSame", ProfileId=one, OtherProfileId=other)

    world.ask("WithdrawDecision", ProfileId=one, OtherProfileId=other)

    assert _ids(world, "a@x.org") == {one, other}
    assert len(world.match_ids()) == 1


def test_a_batch_is_followed_by_all_its_merges(ruled, ingest_profiles):
    world = ruled("AccountNumber", **MERGING)
    world.define(
        "T",
        {"id": "", "account": "_profile.AccountNumber"},
        {"id": (["UNIQUE", "PROFILE"], ["id"])},
    )
    ingest_profiles(world, [{"AccountNumber": str(n)} for n in range(6)])

    world.client.batch_put_profile_object(
        DomainName=world.name,
        ObjectTypeName="T",
        Items=[
            {"Id": str(n), "Object": json.dumps({"id": str(n), "account": str(n)})}
            for n in range(6)
        ],
    )

    assert [len(world.search("_account", str(n))) for n in range(6)] == [1] * 6


def test_profiles_that_are_too_large_together_stay_apart(ruled, database):
    world = ruled("EmailAddress", **MERGING)
    for half in range(2):
        attributes = {f"a{half}{n}": "x" * 255 for n in range(500)}
        world.create(EmailAddress="a@x.org", Attributes=attributes)

    assert len(_ids(world, "a@x.org")) == 2
    assert _due(database, world) == 0


def test_a_group_whose_profiles_are_gone_is_not_merged(ruled, monkeypatch, database):
    world = ruled("EmailAddress", **MERGING)
    choose = profiles.choose_main

    def choose_among_nobody(context, domain, _):
        return choose(context, domain, ["0" * 32])

    monkeypatch.setattr(profiles, "choose_main", choose_among_nobody)
    ids = {world.create(EmailAddress="a@x.org") for _ in range(2)}

    assert _ids(world, "a@x.org") == ids
    assert _due(database, world) == 0


def test_profiles_written_at_once_are_one_in_the_end(ruled, database, work_off):
    world = ruled("EmailAddress LastName", **MERGING)

    def create(n: int) -> str:
        return world.create(EmailAddress=f"{n % 3}@x.org", LastName="Lee")

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(create, range(48)))
    work_off()

    assert [len(_ids(world, f"{n}@x.org")) for n in range(3)] == [1, 1, 1]
    assert {world.only("_profileId", id)["EmailAddress"] for id in ids} == {
        f"{n}@x.org" for n in range(3)
    }
    assert world.stats()["ProfileCount"] == 3
    assert _due(database, world) == 0


def test_updates_at_once_of_profiles_that_come_to_match_lose_nothing(ruled, work_off):
    world = ruled("AccountNumber", **MERGING)
    ids = [world.create(FirstName=f"n{n}") for n in range(24)]

    def update(n: int) -> Any:
        try:
            return world.update(ids[n], AccountNumber=str(n % 4))
        except world.client.exceptions.ResourceNotFoundException:
            return None  # merged away meanwhile

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(update, range(24)))
    work_off()

    assert [len(world.search("_account", str(n))) for n in range(4)] == [1] * 4
    assert world.stats()["ProfileCount"] == 4


def component(**values: str) -> Component:
    """A component from values and their holders: `component(v="ab", w="bc")`."""
    return Component(
        {one for holders in values.values() for one in holders},
        {value: list(holders) for value, holders in values.items()},
    )


@pytest.mark.parametrize(
    ("values", "apart", "expected"),
    [
        ({"v": "ab", "w": "bc"}, set(), ["abc"]),
        ({"v": "ab"}, {"ab"}, []),
        ({"v": "abc"}, {"ab"}, ["ac"]),
        # b and c share nothing but their ties to a, which they are apart from.
        ({"v": "ab", "w": "ac"}, {"ab", "ac"}, []),
        ({"v": "ab", "w": "bc"}, {"ac"}, ["ab"]),
        ({"v": "ab", "w": "cd", "x": "bc"}, {"ad"}, ["ab", "cd"]),
        ({"v": "ab", "w": "ab"}, set(), ["ab"]),
        ({"v": "abcd"}, {"ab", "cd"}, ["ac", "bd"]),
        ({"v": "cd", "w": "acd"}, {"ac"}, ["cd"]),
    ],
)
def test_sets_to_be_merged_are_tied_and_hold_nobody_apart(values, apart, expected):
    pairs = {(one, other) for one, other in apart}

    assert ["".join(members) for members in mergeable(component(**values), pairs)] == expected
