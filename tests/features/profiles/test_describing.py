"""DescribeProfile, and UndoProfileUpdate: where values came from, and taking an edit back."""

import pytest

from tests.own import Own

SHOP = {
    "id": "",
    "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
    "name": "_profile.FirstName",
    "city": "_profile.Address.City",
}
KEYS = {"shopId": (["PROFILE", "UNIQUE"], ["id"]), "_email": ([], ["mail"])}


@pytest.fixture
def own(application, domain) -> Own:
    return Own(application.wsgi, domain)


@pytest.fixture
def ann(world):
    """A profile that a shop made."""
    world.define("Shop", SHOP, KEYS)
    world.put("Shop", {"id": "1", "mail": "ann@example.org", "name": "Ann", "city": "Bonn"})
    return world.only("_email", "ann@example.org")["ProfileId"]


def described(own: Own, profile_id: str):
    return own.get(f"/profiles/{profile_id}/description")


def origin(own: Own, profile_id: str, path: str):
    """The type that a field came from; None for one that was written by hand."""
    fields = {field["Path"]: field["Origin"] for field in described(own, profile_id)["Fields"]}
    return fields[path]["ObjectTypeName"] if path in fields else "nothing"


def last_update(world, profile_id: str) -> str:
    """The id of the record of the last UpdateProfile."""
    records = world.client.list_profile_history_records(
        DomainName=world.name, ProfileId=profile_id, ObjectTypeName="_profile"
    )
    return records["ProfileHistoryRecords"][0]["Id"]


def undo(own: Own, profile_id: str, record_id: str):
    return own.reply("POST", f"/profiles/{profile_id}/history/{record_id}/undo")


def test_each_field_says_where_it_came_from(world, own, ann):
    world.update(ann, LastName="Lee")

    fields = {field["Path"]: field for field in described(own, ann)["Fields"]}

    assert fields["FirstName"]["Value"] == "Ann"
    assert fields["Address.City"]["Origin"]["ObjectTypeName"] == "Shop"
    assert len(fields["FirstName"]["Origin"]["ProfileObjectUniqueKey"]) == 44
    assert fields["LastName"]["Origin"]["ObjectTypeName"] is None


def test_keys_say_who_holds_them(world, own, ann):
    world.client.add_profile_key(
        DomainName=own.domain, ProfileId=ann, KeyName="shopId", Values=["9"]
    )

    told = described(own, ann)

    keys = {(key["KeyName"], key["Value"]): key for key in told["Keys"]}
    assert told["KeyCount"] == len(keys)
    assert keys["_email", "ann@example.org"]["IsOfFields"]
    assert keys["shopId", "9"]["IsAdded"]
    (group,) = keys["shopId", "1"]["Objects"]
    assert (group["ObjectTypeName"], group["ObjectCount"]) == ("Shop", 1)
    assert told["ObjectCounts"] == {"Shop": 1}


def test_a_former_id_leads_to_the_profile(world, own, ann):
    other = world.create(FirstName="Anne")
    world.client.merge_profiles(
        DomainName=own.domain, MainProfileId=ann, ProfileIdsToBeMerged=[other]
    )

    told = described(own, other)

    assert (told["ProfileId"], told["FormerProfileIds"]) == (ann, [other])


def test_nobody_is_described_who_is_not_there(own):
    assert own.reply("GET", f"/profiles/{'0' * 32}/description").status == 404


def test_an_update_is_undone_with_where_values_came_from(world, own, ann):
    world.update(ann, FirstName="Anna", LastName="Lee", Address={"City": ""})
    before = described(own, ann)
    edit = last_update(world, ann)

    answer = undo(own, ann, edit).content

    assert set(answer["RestoredFields"]) == {"FirstName", "LastName", "Address.City"}
    assert world.get(ann)["Address"] == {"City": "Bonn"}
    assert "LastName" not in world.get(ann)
    assert before["Fields"] != described(own, ann)["Fields"]
    assert origin(own, ann, "FirstName") == "Shop"
    world.put("Shop", {"id": "1", "mail": "ann@example.org", "name": "Anita", "city": "Bonn"})
    assert world.get(ann)["FirstName"] == "Anita"


def test_an_undo_is_undone_too(world, own, ann):
    world.update(ann, FirstName="Anna")
    undo(own, ann, last_update(world, ann))

    assert undo(own, ann, last_update(world, ann)).status == 200
    assert world.get(ann)["FirstName"] == "Anna"
    assert origin(own, ann, "FirstName") is None


def test_what_was_written_since_is_left(world, own, ann):
    world.update(ann, FirstName="Anna", LastName="Lee")
    edit = last_update(world, ann)
    world.update(ann, FirstName="Annika")

    answer = undo(own, ann, edit).content

    assert (answer["RestoredFields"], answer["LeftFields"]) == (["LastName"], ["FirstName"])
    assert world.get(ann)["FirstName"] == "Annika"
    again = undo(own, ann, edit)
    assert again.status == 400
    assert "nothing is left of it" in again.content["Message"]


@pytest.mark.clear_only(reason="it changes in the table what is an object there")
def test_of_an_update_from_before_origins_were_kept_the_values_come_back(world, own, ann, database):
    world.update(ann, FirstName="Anna")
    edit = last_update(world, ann)
    with database.transaction() as transaction:
        transaction.send(
            "update journal set detail = detail - 'origins_before' where entry_id = %s", [edit]
        )

    undo(own, ann, edit)

    assert world.get(ann)["FirstName"] == "Ann"
    assert origin(own, ann, "FirstName") is None


def test_only_updates_of_the_profile_can_be_undone(world, own, ann):
    (put, *_) = world.client.list_profile_history_records(
        DomainName=own.domain, ProfileId=ann, ActionType="INGESTED"
    )["ProfileHistoryRecords"]

    assert undo(own, ann, put["Id"]).status == 400
    assert undo(own, ann, "0" * 32).status == 404
    assert undo(own, world.create(FirstName="Bo"), put["Id"]).status == 404


def test_an_update_whose_values_were_taken_away_cannot_be_undone(world, own, ann, database):
    world.update(ann, FirstName="Anna")
    edit = last_update(world, ann)
    with database.transaction() as transaction:
        transaction.send(
            "update journal set detail = '{\"fields_before\": {}}' where entry_id = %s", [edit]
        )

    assert "no longer knows" in undo(own, ann, edit).content["Message"]
