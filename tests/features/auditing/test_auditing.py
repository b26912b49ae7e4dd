"""Who did what, when."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from openprofiles.features.auditing import IN_JOURNAL
from openprofiles.features.authorizing import ACTIONS
from openprofiles.features.invoke import OPERATIONS
from tests.features.profiles.conftest import World


@pytest.fixture
def world(client, domain) -> World:
    """The domain, with a type of orders."""
    world = World(client, domain)
    world.define(
        "Order",
        {"id": "", "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS")},
        {"order": (["UNIQUE"], ["id"]), "_email": (["PROFILE"], ["mail"])},
    )
    return world


def test_each_operation_that_changes_something_is_told_by_a_note_or_by_the_journal():
    changing = {name for name in ACTIONS.keys() & OPERATIONS.keys() if changes(name)}
    # Calls that are done together are not noted one by one.
    together = {name for name in changing if OPERATIONS[name].group is not None}

    assert together <= IN_JOURNAL <= changing


def changes(name):
    """Whether an operation may change anything."""
    return not OPERATIONS[name].reads_only


def test_changes_of_profiles_and_objects_are_told_by_the_journal(world, kinds, client):
    key = {"KeyName": "order", "Values": ["9"]}
    profile_id = world.create(FirstName="Ann", EmailAddress="ann@example.com")
    world.update(profile_id, LastName="Lee")
    client.add_profile_key(DomainName=world.name, ProfileId=profile_id, **key)
    client.delete_profile_key(DomainName=world.name, ProfileId=profile_id, **key)
    unique = world.put("Order", {"id": "1", "mail": "ann@example.com"})
    client.delete_profile_object(
        DomainName=world.name,
        ProfileId=profile_id,
        ObjectTypeName="Order",
        ProfileObjectUniqueKey=unique,
    )

    assert [kind for kind in kinds() if "." in kind and not kind.startswith("object_type")] == [
        "profile.created",
        "profile.updated",
        "profile.key_added",
        "profile.key_deleted",
        "object.put",
        "object.deleted",
    ]


def test_all_else_is_told_by_its_operation(world, kinds, client, invoke, caller):
    one, other, third = (world.create(FirstName=name) for name in "abc")
    arn = f"arn:aws:profile:{caller.region}:{caller.account_id}:domains/{world.name}"
    client.tag_resource(resourceArn=arn, tags={"a": "b"})
    client.untag_resource(resourceArn=arn, tagKeys=["a"])
    client.update_domain(DomainName=world.name, DefaultExpirationDays=10)
    client.merge_profiles(DomainName=world.name, MainProfileId=one, ProfileIdsToBeMerged=[other])
    (merge,) = invoke("ListMerges", {"DomainName": world.name}, caller)["Items"]
    for operation, members in (
        ("UndoMerge", {"MergeId": merge["MergeId"]}),
        ("DecideNotSame", {"ProfileId": one, "OtherProfileId": other}),
        ("WithdrawDecision", {"ProfileId": one, "OtherProfileId": other}),
        ("DropRejectedObjects", {"All": True}),
        ("RetryRejectedObjects", {"All": True}),
        ("StartReplay", {"ObjectTypeName": "Order"}),
        ("EraseProfile", {"ProfileIds": [third]}),
    ):
        invoke(operation, {"DomainName": world.name, **members}, caller)
    client.put_integration(
        DomainName=world.name, Uri=f"arn:aws:example:::{world.name}", ObjectTypeName="Order"
    )
    client.delete_profile(DomainName=world.name, ProfileId=one)
    client.delete_profile_object_type(DomainName=world.name, ObjectTypeName="Order")

    assert [kind for kind in kinds() if "." not in kind] == [
        "CreateDomain",
        "PutProfileObjectType",
        "TagResource",
        "UntagResource",
        "UpdateDomain",
        "MergeProfiles",
        "UndoMerge",
        "DecideNotSame",
        "WithdrawDecision",
        "DropRejectedObjects",
        "RetryRejectedObjects",
        "StartReplay",
        "EraseProfile",
        "PutIntegration",
        "DeleteProfile",
        "DeleteProfileObjectType",
    ]


def test_what_fails_is_not_told(world, kinds, client):
    before = kinds()

    with pytest.raises(ClientError):
        client.delete_profile(DomainName=world.name, ProfileId="0" * 32)

    assert kinds() == before


def test_a_deleted_domain_is_told_of_in_its_account(client, domain, invoke, caller):
    client.delete_domain(DomainName=domain)

    told = invoke("ListAccountAuditEntries", {"Kind": "DeleteDomain"}, caller)
    token = told["NextToken"]
    assert token is None
    (entry,) = [item for item in told["Items"] if item.get("DomainName") == domain]
    assert entry["PerformedBy"].startswith("arn:aws:")
    assert {"At", "RequestId", "Principal"} <= entry.keys()


def test_no_value_and_no_digest_of_one_is_told(world, audit):
    world.put("Order", {"id": "1", "mail": "zebulon@example.com"})

    (entry,) = audit(Kind="object.put")

    assert entry["Subject"] == "Order"
    assert "zebulon" not in str(audit())


def test_filters_and_pages(world, audit, kinds, invoke, caller):
    for name in "abc":
        world.create(FirstName=name)
    whole = [entry["Id"] for entry in audit()]
    now = datetime.now(UTC)

    request = {"DomainName": world.name, "MaxResults": 2}
    paged = []
    while True:
        answer = invoke("ListAuditEntries", request, caller)
        paged += [entry["Id"] for entry in answer["Items"]]
        if answer["NextToken"] is None:
            break
        request["NextToken"] = answer["NextToken"]

    assert paged == whole == sorted(whole)
    assert kinds(Kind="profile.") == ["profile.created"] * 3
    assert kinds(Principal="nobody") == []
    assert kinds(Principal=audit()[0]["PerformedBy"]) == kinds()
    assert kinds(Since=now + timedelta(hours=1)) == kinds(Until=now - timedelta(days=1)) == []
    assert kinds(Since=now - timedelta(days=1), Until=now + timedelta(hours=1)) == kinds()
