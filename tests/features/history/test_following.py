"""ListFieldChanges and GetProfileTimeline: what a field was, and when what happened."""

import pytest

from tests.own import Own


@pytest.fixture
def own(application, domain) -> Own:
    return Own(application.wsgi, domain)


@pytest.fixture
def ann(world):
    world.put("Order", {"id": "1", "mail": "ann@example.com", "name": "Ann"})
    return world.only("_email", "ann@example.com")["ProfileId"]


def changes(own: Own, profile_id: str, path: str, **members: int):
    return own.get(f"/profiles/{profile_id}/field-changes", Path=path, **members)


def test_a_field_tells_what_wrote_it_and_what_it_replaced(world, own, ann):
    world.update(ann, FirstName="Anna", LastName="Lee")

    edit, put = changes(own, ann, "FirstName")["Items"]

    assert (edit["Value"], edit["ValueBefore"], edit["IsUpdate"]) == ("Anna", "Ann", True)
    assert (put["Value"], put["ActionType"], put["ObjectTypeName"]) == ("Ann", "INGESTED", "Order")
    assert put["ValueBefore"] is None
    assert not put["IsUpdate"]


def test_changes_beyond_what_was_asked_for_are_more(world, own, ann):
    for number in range(3):
        world.update(ann, LastName=f"Lee{number}")

    answer = changes(own, ann, "LastName", MaxResults=2)

    assert [item["Value"] for item in answer["Items"]] == ["Lee2", "Lee1"]
    assert answer["HasMore"]
    assert changes(own, ann, "MiddleName") == {"Items": [], "HasMore": False}


def test_a_field_of_one_who_was_merged_away_is_told_to_its_end(world, own, ann, client):
    other = world.create(FirstName="Anne")
    client.merge_profiles(DomainName=own.domain, MainProfileId=ann, ProfileIdsToBeMerged=[other])

    (made,) = changes(own, other, "FirstName")["Items"]

    assert (made["Value"], made["ActionType"]) == ("Anne", "CREATED")


def test_a_timeline_has_objects_by_type_and_what_was_done(world, own, ann):
    world.put("Order", {"id": "2", "mail": "ann@example.com"})
    world.update(ann, LastName="Lee")

    told = own.get(f"/profiles/{ann}/timeline")

    (orders,) = told["Objects"]
    assert (orders["ObjectTypeName"], len(orders["Moments"])) == ("Order", 2)
    assert [done["ActionType"] for done in told["Changes"]] == ["UPDATED"]


def test_nobody_has_a_timeline_who_is_not_known(own):
    assert own.reply("GET", f"/profiles/{'0' * 32}/timeline").status == 404
    assert own.reply("GET", f"/profiles/{'0' * 32}/field-changes", {"Path": "x"}).status == 404
