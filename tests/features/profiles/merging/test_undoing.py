"""What an undo gives back, and what stays: through the operations on the real database."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from openprofiles.core import ids
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.features import profiles
from tests.features.profiles.conftest import World
from tests.features.profiles.consistency import check_domain
from tests.features.profiles.merging.conftest import rows_of
from tests.features.profiles.merging.test_merging import define

pytestmark = pytest.mark.sealed_too


@pytest.fixture
def pair(world: World) -> tuple[str, str]:
    """Two profiles with an object each, by the accounts m and s."""
    define(world)
    for account in "ms":
        world.put(
            "T", {"id": account, "account": account, "mail": f"{account}@x", "serial": account}
        )
    main, other = (world.only("_account", account)["ProfileId"] for account in "ms")
    return main, other


def ids_of(world: World, profile_id: str) -> set[str]:
    """The ids of a profile's objects."""
    return {item["id"] for item in world.objects("T", profile_id)}


def test_an_undo_at_once_gives_back_every_row(world, merging, own, pair, database):
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=pair[1], KeyName="_phone", Values=["2063457890"]
    )
    before = rows_of(database, world.name)

    merging.merge(*pair, EmailAddress=pair[1], AccountNumber=pair[1])
    undone = own.undo()

    assert rows_of(database, world.name) == before
    assert [item["ProfileId"] for item in undone["RestoredProfiles"]] == [pair[1]]
    assert undone["MainProfile"]["EmailAddress"] == "m@x"
    assert (undone["MovedObjectCount"], undone["StayingObjectCount"]) == (1, 1)
    assert own.merges()[0]["UndoneBy"] == "test"


def test_a_preview_changes_nothing_and_says_what_the_undo_does(world, merging, own, pair, database):
    merging.merge(*pair)
    between = rows_of(database, world.name)
    merge_id = own.merges()[0]["MergeId"]

    preview = own("PreviewUndoMerge", MergeId=merge_id)

    assert rows_of(database, world.name) == between
    assert own("UndoMerge", MergeId=merge_id) == preview
    (moved,) = preview["MovedObjects"]
    assert moved == {
        "ObjectTypeName": "T",
        "ProfileObjectUniqueKey": world.items("T", pair[1])[0]["ProfileObjectUniqueKey"],
        "ProfileId": pair[1],
    }


def test_a_field_written_after_the_merge_stays(world, merging, own, pair, database):
    merging.merge(*pair, EmailAddress=pair[1])
    world.update(pair[0], FirstName="New", EmailAddress="new@x")

    own.undo()

    assert world.get(pair[0]) == {
        "ProfileId": pair[0],
        "AccountNumber": "m",
        "EmailAddress": "new@x",
        "FirstName": "New",
    }
    assert world.get(pair[1])["EmailAddress"] == "s@x"
    check_domain(database, world.name)


def test_objects_that_came_after_go_where_their_keys_point(world, merging, own, pair, database):
    merging.merge(*pair)
    world.put("T", {"id": "m2", "account": "m"})
    world.put("T", {"id": "s2", "account": "s"})

    own.undo()

    assert ids_of(world, pair[0]) == {"m", "m2"}
    assert ids_of(world, pair[1]) == {"s", "s2"}
    check_domain(database, world.name)


def test_an_object_finds_its_profile_through_others_that_came_after(
    world, merging, own, pair, database
):
    world.define(
        "L",
        {"id": "", "account": "", "link": ""},
        {"id": ["UNIQUE"], "_account": (["PROFILE"], ["account"]), "link": ["PROFILE"]},
    )
    merging.merge(*pair)
    world.put("L", {"id": "1", "account": "s", "link": "x"})
    world.put("L", {"id": "2", "link": "x"})
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=pair[0], KeyName="link", Values=["only here"]
    )
    world.put("L", {"id": "3", "link": "only here"})

    own.undo()

    assert [item["id"] for item in world.objects("L", pair[1])] == ["2", "1"]
    assert [item["id"] for item in world.objects("L", pair[0])] == ["3"]
    check_domain(database, world.name)


def test_an_object_whose_type_changed_stays(world, merging, own, pair, database):
    merging.merge(*pair)
    world.put("T", {"id": "new", "account": "s"})
    world.define("T", {"id": "", "other": ""}, {"other": ["UNIQUE"], "id": ["PROFILE"]})

    own.undo()

    assert ids_of(world, pair[0]) == {"m", "new"}
    check_domain(database, world.name)


def test_an_object_of_the_merged_profile_goes_back_though_it_was_put_again(
    world, merging, own, pair, database
):
    merging.merge(*pair)
    world.put("T", {"id": "s", "account": "m", "mail": "later@x"})
    world.put("T", {"id": "m", "account": "m", "first": "Later"})

    own.undo()

    assert ids_of(world, pair[1]) == {"s"}
    assert ids_of(world, pair[0]) == {"m"}
    assert world.get(pair[0])["EmailAddress"] == "m@x"
    assert world.get(pair[0])["FirstName"] == "Later"
    assert world.get(pair[1])["EmailAddress"] == "later@x"
    check_domain(database, world.name)


def test_what_was_deleted_after_the_merge_stays_deleted(world, merging, own, pair, database):
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=pair[1], KeyName="_phone", Values=["2063457890", "5"]
    )
    merging.merge(*pair)
    (unique_key,) = {
        item["ProfileObjectUniqueKey"]
        for item in world.items("T", pair[0])
        if '"s"' in item["Object"]
    }
    world.client.delete_profile_object(
        DomainName=world.name,
        ProfileId=pair[0],
        ObjectTypeName="T",
        ProfileObjectUniqueKey=unique_key,
    )
    world.client.delete_profile_key(
        DomainName=world.name, ProfileId=pair[0], KeyName="_phone", Values=["5"]
    )

    own.undo()

    assert ids_of(world, pair[1]) == set()
    assert world.search("_phone", "5") == []
    assert world.only("_phone", "2063457890")["ProfileId"] == pair[1]
    check_domain(database, world.name)


def test_a_key_added_after_the_merge_stays(world, merging, own, pair, database):
    merging.merge(*pair)
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=pair[0], KeyName="_phone", Values=["2063457890"]
    )

    own.undo()

    assert world.only("_phone", "2063457890")["ProfileId"] == pair[0]
    check_domain(database, world.name)


def test_a_record_fed_from_both_sides_is_split(world, merging, own, pair, database):
    merging.merge(*pair)
    world.put("T", {"id": "m2", "account": "m", "serial": "s"})
    world.put("T", {"id": "s2", "account": "s", "serial": "m"})
    assert len(world.items("_asset", pair[0])) == 2

    own.undo()

    for profile_id in pair:
        assert sorted(item["SerialNumber"] for item in world.objects("_asset", profile_id)) == [
            "m",
            "s",
        ]
    check_domain(database, world.name)


def test_a_split_record_has_again_what_it_had(world, merging, own, database):
    world.define(
        "A",
        {
            "id": "",
            "account": "",
            "serial": "_asset.SerialNumber",
            "name": "_asset.AssetName",
            "status": "_asset.Status",
        },
        {"id": ["UNIQUE"], "_account": (["PROFILE"], ["account"]), "serial": ["ASSET"]},
    )
    world.put("A", {"id": "0", "account": "m"})
    world.put("A", {"id": "1", "account": "s", "serial": "x", "name": "old"})
    main, other = (world.only("_account", account)["ProfileId"] for account in "ms")
    merging.merge(main, other)
    world.put("A", {"id": "2", "account": "m", "serial": "x", "name": "new", "status": "sold"})

    own.undo()

    (restored,), (own_asset,) = (world.objects("_asset", id) for id in (other, main))
    assert (restored["AssetName"], restored.get("Status")) == ("old", None)
    assert (own_asset["AssetName"], own_asset["Status"]) == ("new", "sold")
    assert restored["AssetId"] != own_asset["AssetId"]
    world.put("A", {"id": "2", "account": "m", "serial": "x", "name": "newer"})
    check_domain(database, world.name)


def test_a_record_follows_the_objects_that_still_feed_it(world, merging, own, pair, database):
    merging.merge(*pair)
    world.put("T", {"id": "m", "account": "m", "serial": "s"})
    keys = {item["id"]: key for item, key in keyed(world, pair[0])}
    world.client.delete_profile_object(
        DomainName=world.name,
        ProfileId=pair[0],
        ObjectTypeName="T",
        ProfileObjectUniqueKey=keys["s"],
    )

    own.undo()

    assert [item["SerialNumber"] for item in world.objects("_asset", pair[0])] == ["s"]
    assert world.objects("_asset", pair[1]) == []
    check_domain(database, world.name)


def keyed(world: World, profile_id: str) -> list[tuple[dict[str, Any], str]]:
    items = world.items("T", profile_id)
    contents = world.objects("T", profile_id)
    return [
        (content, item["ProfileObjectUniqueKey"])
        for content, item in zip(contents, items, strict=True)
    ]


def test_a_merge_whose_main_profile_was_merged_later_waits_for_that_undo(
    world, merging, own, pair, database
):
    last = world.create(FirstName="L")
    before = rows_of(database, world.name)
    merging.merge(*pair)
    merging.merge(last, pair[0])
    world.put("T", {"id": "s2", "account": "s"})
    second, first = own.merges()

    with pytest.raises(BadRequest, match=f"undo {second['MergeId']} first"):
        own("UndoMerge", MergeId=first["MergeId"])
    own("UndoMerge", MergeId=second["MergeId"])
    own("UndoMerge", MergeId=first["MergeId"])

    assert ids_of(world, pair[1]) == {"s", "s2"}
    assert world.search("_profileId", pair[1])[0]["ProfileId"] == pair[1]
    world.client.delete_profile_object(
        DomainName=world.name,
        ProfileId=pair[1],
        ObjectTypeName="T",
        ProfileObjectUniqueKey={item["id"]: key for item, key in keyed(world, pair[1])}["s2"],
    )
    after = rows_of(database, world.name)
    for row in (*before["profiles"], *after["profiles"]):
        # Its last object wrote the account number again.
        del row["written_at"], row["provenance"]
    assert after == before


def test_an_earlier_merge_is_undone_as_if_it_had_never_been(world, merging, own, database):
    main = world.create(FirstName="M")
    first = world.create(EmailAddress="one@x", Address={"City": "One"})
    second = world.create(
        EmailAddress="two@x", Address={"City": "Two", "Country": "X"}, PhoneNumber="2063457890"
    )
    merging.merge(main, first)
    merging.merge(main, second)
    assert world.get(main)["EmailAddress"] == "one@x"

    own.undo(1)

    assert world.get(main) == {
        "ProfileId": main,
        "FirstName": "M",
        "EmailAddress": "two@x",
        "Address": {"City": "Two", "Country": "X"},
        "PhoneNumber": "2063457890",
    }
    assert world.only("_email", "one@x")["ProfileId"] == first
    check_domain(database, world.name)
    receipt = own("GetMerge", MergeId=own.merges()[0]["MergeId"])
    assert receipt["LostValues"] == {}
    own.undo()
    assert world.get(main) == {"ProfileId": main, "FirstName": "M"}
    check_domain(database, world.name)


def test_a_key_that_two_merges_gave_stays_until_both_are_undone(world, merging, own, database):
    main = world.create(EmailAddress="m@x")
    others = [world.create(EmailAddress="same@x") for _ in range(2)]
    for other in others:
        merging.merge(main, other)

    own.undo(1)

    assert {item["ProfileId"] for item in world.search("_email", "same@x")} == {main, others[0]}
    own.undo()
    assert {item["ProfileId"] for item in world.search("_email", "same@x")} == set(others)
    check_domain(database, world.name)


def test_what_a_later_merge_brought_stays_when_an_earlier_one_is_undone(
    world, merging, own, pair, database
):
    world.put("T", {"id": "t", "account": "t"})
    third = world.only("_account", "t")["ProfileId"]
    merging.merge(*pair)
    # An object of the merged profile moves away, and comes back with a later merge.
    world.put("T", {"id": "s", "account": "t"})
    merging.merge(pair[0], third)

    own.undo(1)

    assert ids_of(world, pair[0]) == {"m", "s", "t"}
    own.undo()
    assert ids_of(world, third) == {"s", "t"}
    check_domain(database, world.name)


def test_an_undone_merge_cannot_be_undone_again_and_can_be_merged_again(world, merging, own, pair):
    merging.merge(*pair)
    own.undo()

    with pytest.raises(BadRequest, match="is undone already"):
        own.undo()
    merging.merge(*pair)
    own.undo()
    assert world.stats()["ProfileCount"] == 2


def test_an_unknown_merge_is_not_found(own, pair):
    assert pair
    for operation in ("GetMerge", "PreviewUndoMerge", "UndoMerge"):
        with pytest.raises(ResourceNotFound):
            own(operation, MergeId=ids.random_id())


def test_a_deleted_main_profile_takes_its_merges_along(world, merging, own, pair, database):
    last = world.create(FirstName="L")
    merging.merge(*pair)
    merging.merge(last, pair[0])

    world.client.delete_profile(DomainName=world.name, ProfileId=last)

    assert own.merges() == []
    assert world.search("_profileId", pair[1]) == []
    check_domain(database, world.name)


def test_a_deleted_type_does_not_come_back_with_an_undo(world, merging, own, pair, database):
    world.update(pair[1], FirstName="by hand")
    merging.merge(*pair, EmailAddress=pair[1])
    world.client.delete_profile_object_type(DomainName=world.name, ObjectTypeName="T")

    own.undo()

    assert world.get(pair[1]) == {"ProfileId": pair[1], "FirstName": "by hand"}
    assert world.get(pair[0]) == {"ProfileId": pair[0]}
    receipt = own("GetMerge", MergeId=own.merges()[0]["MergeId"])
    assert receipt["MovedObjectCount"] == 0
    assert receipt["LostValues"] == {}
    check_domain(database, world.name)


def test_a_profile_that_would_have_expired_begins_anew(world, merging, own, clock, database):
    old = world.create(FirstName="old")
    clock.turn(days=300)
    main = world.create(FirstName="new")
    merging.merge(main, old)
    clock.turn(days=100)

    own.undo()
    written = {
        row["profile_id"]: row["written_at"] for row in rows_of(database, world.name)["profiles"]
    }
    assert (written[old] - written[main]).days == 100


def test_metering_after_an_undo(world, merging, own, database):
    define(world)
    for account in "ms":
        for n in range(60):
            world.put("T", {"id": f"{account}{n}", "account": account})
    main, other = (world.only("_account", account)["ProfileId"] for account in "ms")
    merging.merge(main, other)
    for n in range(50):
        world.put("T", {"id": f"new{n}", "account": "s"})

    own.undo()

    assert world.stats()["MeteringProfileCount"] == 3
    assert len(ids_of(world, other)) == 100
    check_domain(database, world.name)


def test_pairs_that_were_taken_apart_are_known(merging, own, pair):
    main, other = sorted(pair)
    assert merging.run(profiles.list_parted, pair) == set()
    merging.merge(*pair)
    own.undo()

    assert merging.run(profiles.list_parted, [other]) == {(main, other)}
    assert merging.run(profiles.list_parted, [ids.random_id()]) == set()


def test_the_merged_id_is_free_of_the_main_profile_after_an_undo(world, merging, own, pair):
    merging.merge(*pair)
    own.undo()

    assert world.get(pair[1])["ProfileId"] == pair[1]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        world.update(ids.random_id(), FirstName="x")


def test_an_object_whose_keys_a_third_profile_shares_stays(world, merging, own, pair, database):
    for n in range(2):
        world.create(AccountNumber="s", FirstName=str(n))
    merging.merge(*pair)
    world.define(
        "L",
        {"id": "", "account": "", "link": ""},
        {"id": ["UNIQUE"], "_account": (["PROFILE"], ["account"]), "link": ["PROFILE"]},
    )
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=pair[0], KeyName="link", Values=["x"]
    )
    world.put("L", {"id": "1", "account": "s", "link": "x"})

    own.undo()

    assert [item["id"] for item in world.objects("L", pair[0])] == ["1"]
    check_domain(database, world.name)


def test_what_an_object_wrote_yields_to_what_a_person_wrote(world, merging, own, pair, database):
    world.update(pair[1], FirstName="by hand")
    merging.merge(*pair, AccountNumber=pair[0])
    world.update(pair[0], FirstName="")
    world.put("T", {"id": "s", "account": "s", "first": "by object"})
    assert world.get(pair[0])["FirstName"] == "by object"

    own.undo()

    assert world.get(pair[1])["FirstName"] == "by hand"
    assert "FirstName" not in world.get(pair[0])
    check_domain(database, world.name)


def test_a_key_that_followed_from_a_field_is_kept_for_a_later_merge(world, merging, own, database):
    main = world.create(FirstName="M")
    others = [world.create(EmailAddress="same@x") for _ in range(2)]
    merging.merge(main, others[0])
    merging.merge(main, others[1], EmailAddress=main)

    own.undo(1)

    assert "EmailAddress" not in world.get(main)
    assert {item["ProfileId"] for item in world.search("_email", "same@x")} == {main, others[0]}
    own.undo()
    assert {item["ProfileId"] for item in world.search("_email", "same@x")} == set(others)
    check_domain(database, world.name)


def test_what_later_merges_decided_otherwise_is_not_touched(world, merging, own, database):
    main = world.create(FirstName="M", Address={"City": "M"})
    first = world.create(FirstName="one", LastName="One", BillingAddress={"City": "1"})
    second = world.create(FirstName="two", LastName="Two", BusinessName="2")
    merging.merge(main, first)
    world.update(main, LastName="by hand")
    merging.merge(main, second, FirstName=second)

    own.undo(1)

    assert world.get(main) == {
        "ProfileId": main,
        "FirstName": "two",
        "LastName": "by hand",
        "BusinessName": "2",
        "Address": {"City": "M"},
    }
    check_domain(database, world.name)


def test_a_merge_whose_main_profile_vanished_is_not_found(merging, own, pair, database):
    merging.merge(*pair)
    merge_id = own.merges()[0]["MergeId"]
    with database.transaction() as transaction:
        transaction.send("delete from profiles where profile_id = %s", [pair[0]])

    with pytest.raises(ResourceNotFound):
        own("PreviewUndoMerge", MergeId=merge_id)
