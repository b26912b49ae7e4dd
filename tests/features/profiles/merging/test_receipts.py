"""ListMerges and GetMerge: what is known of a merge."""

import pytest

from openprofiles.core.errors import BadRequest
from tests.features.profiles.merging.test_merging import define
from tests.wire.calling import Request, send


def test_a_receipt_tells_who_why_and_what(world, merging, own):
    define(world)
    world.put("T", {"id": "1", "account": "m", "mail": "same@x", "first": "Ann"})
    world.put("T", {"id": "2", "account": "s", "mail": "same@x", "first": "Anne"})
    main, other = (world.only("_account", account)["ProfileId"] for account in "ms")

    merged = merging.by_rule(main, other, model="SOURCE", source_name="T")
    receipt = own("GetMerge", MergeId=merged.id)

    moved_at = receipt.pop("MergedAt")
    assert moved_at.tzinfo is not None
    assert receipt.pop("RequestId")
    assert receipt == {
        "MergeId": merged.id,
        "MainProfileId": main,
        "MergedProfileIds": [other],
        "Cause": "rule",
        "CauseDetail": {"level": 2},
        "Principal": "test",
        "UndoneAt": None,
        "UndoneBy": None,
        "Resolution": {"Model": "SOURCE", "SourceName": "T", "FieldSourceProfileIds": None},
        "AgreeingValues": {"EmailAddress": "same@x"},
        "DifferingValues": {
            "AccountNumber": {main: "m", other: "s"},
            "FirstName": {main: "Ann", other: "Anne"},
        },
        "LostValues": {"AccountNumber": {main: "m"}, "FirstName": {main: "Ann"}},
        "MovedObjectCount": 1,
        "MovedObjects": [
            {
                "ObjectTypeName": "T",
                "ProfileObjectUniqueKey": key_of(world, main, "2"),
                "ProfileId": other,
            }
        ],
        "MovedKeyCount": 2,
        "MovedKeys": [
            {"KeyName": "_account", "Value": "s", "ProfileId": other},
            {"KeyName": "uniqueT", "Value": "2", "ProfileId": other},
        ],
        "KeptKeys": [
            {"KeyName": "_account", "Value": "m"},
            {"KeyName": "_fullName", "Value": "ann"},
            {"KeyName": "_profileId", "Value": other},
        ],
    }
    assert merged.lost == receipt["LostValues"]


def key_of(world, profile_id, object_id):
    """The unique key of an object of type T."""
    return next(
        item["ProfileObjectUniqueKey"]
        for item, content in zip(
            world.items("T", profile_id), world.objects("T", profile_id), strict=True
        )
        if content["id"] == object_id
    )


def test_merges_are_listed_newest_first_in_pages_and_by_profile(world, merging, own, clock):
    made = [world.create(AccountNumber=str(n)) for n in range(6)]
    for main, other in ((0, 1), (0, 2), (3, 4)):
        merging.merge(made[main], made[other])
        clock.turn(seconds=1)

    page = own("ListMerges", MaxResults=2)
    rest = own("ListMerges", MaxResults=2, NextToken=page["NextToken"])

    listed = [item["MergedProfileIds"] for item in (*page["Items"], *rest["Items"])]
    assert listed == [[made[4]], [made[2]], [made[1]]]
    assert rest["NextToken"] is None
    assert len(own.merges(ProfileId=made[0])) == 2
    assert len(own.merges(ProfileId=made[4])) == 1
    assert own.merges(ProfileId=made[5]) == []
    with pytest.raises(BadRequest):
        own("ListMerges", ProfileId=made[0], NextToken=page["NextToken"])


def test_merges_of_one_profile_keep_their_order_when_the_clock_goes_back(
    world, merging, own, clock
):
    made = [world.create(AccountNumber=str(n)) for n in range(3)]
    merging.merge(made[0], made[1])
    clock.turn(minutes=-5)
    merging.merge(made[0], made[2])

    times = {item["MergedProfileIds"][0]: item["MergedAt"] for item in own.merges()}

    assert times[made[1]] < times[made[2]]


def test_merges_are_read_and_undone_over_http(world, merging, application):
    main, other = world.create(FirstName="A"), world.create(FirstName="B")
    merging.merge(main, other)
    path = f"/_openprofiles/v1/domains/{world.name}/merges"

    listed = send(application.wsgi, Request("GET", f"{path}?ProfileId={other}&MaxResults=1"))
    merge_id = listed.content["Items"][0]["MergeId"]
    shown = send(application.wsgi, Request("GET", f"{path}/{merge_id}"))
    previewed = send(application.wsgi, Request("GET", f"{path}/{merge_id}/undo"))
    undone = send(application.wsgi, Request("POST", f"{path}/{merge_id}/undo"))
    again = send(application.wsgi, Request("POST", f"{path}/{merge_id}/undo"))

    assert shown.content["LostValues"] == {"FirstName": {other: "B"}}
    assert previewed.content == undone.content
    assert world.get(other)["FirstName"] == "B"
    assert (again.status, send(application.wsgi, Request("GET", f"{path}/x")).status) == (400, 400)
    missing = Request("GET", f"{path}/{'0' * 32}")
    assert send(application.wsgi, missing).status == 404
