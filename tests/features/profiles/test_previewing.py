"""An object and its mapping are tried before either is put: PreviewProfileObject."""

import json
from typing import Any

import pytest

from tests.own import Own

TYPE: dict[str, Any] = {
    "Fields": {
        "id": {"Source": "_source.id"},
        "mail": {
            "Source": "_source.mail",
            "Target": "_profile.EmailAddress",
            "ContentType": "EMAIL_ADDRESS",
        },
        "name": {"Source": "_source.name", "Target": "_profile.FirstName"},
        "order": {"Source": "_source.order", "Target": "_order.Name"},
    },
    "Keys": {
        "customer": [{"StandardIdentifiers": ["UNIQUE", "ORDER"], "FieldNames": ["id"]}],
        "_email": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["mail"]}],
    },
    "AllowProfileCreation": True,
}
ANN = {"id": "1", "mail": "Ann@example.com", "name": "Ann", "order": "Boiler"}


@pytest.fixture
def own(application, domain) -> Own:
    """Our own operations on the domain, over the wire."""
    return Own(application.wsgi, domain)


@pytest.fixture
def try_out(own: Own) -> Any:
    """Try an object through a definition, the one above unless members are changed."""

    def preview(content: Any = ANN, name: str = "Customer", **changes: Any) -> Any:
        text = content if isinstance(content, str) else json.dumps(content)
        given = {**TYPE, **changes}
        return own.post(f"/object-types/{name}/preview", Object=text, **given)

    return preview


def put(world: Any, name: str = "Customer", **changes: Any) -> None:
    world.client.put_profile_object_type(
        DomainName=world.name, ObjectTypeName=name, Description="x", **{**TYPE, **changes}
    )


def messages(found: Any) -> dict[str, str]:
    return {problem["Member"]: problem["Message"] for problem in found["Problems"]}


def test_an_object_is_put_as_it_was_previewed(world, try_out):
    found = try_out()
    assert world.stats()["ProfileCount"] == 0
    put(world)
    key = world.put("Customer", ANN)
    made = world.only("_email", "ann@example.com")

    assert found["Problems"] == []
    assert (found["Result"], found["ProfileObjectUniqueKey"]) == ("CREATED", key)
    assert {"ProfileId": made["ProfileId"], **found["Profile"]} == made
    assert found["FieldValues"] == {"id": "1", "mail": "Ann@example.com"} | {
        "name": "Ann",
        "order": "Boiler",
    }
    [record] = found["Records"]
    assert record == {"ObjectTypeName": "_order", "Fields": {"Name": "Boiler"}, "IsNew": True}
    assert world.objects("_order", made["ProfileId"])[0]["Name"] == "Boiler"


def test_keys_are_told_with_their_values_and_those_without(try_out):
    keys = {**TYPE["Keys"], "card": [{"StandardIdentifiers": [], "FieldNames": ["name"]}]}
    found = try_out({"id": "1", "mail": "Ann@example.com"}, Keys=keys)

    assert [(key["KeyName"], key.get("Value")) for key in found["Keys"]] == [
        ("customer", "1"),
        ("_email", "ann@example.com"),
        ("card", None),
    ]


def test_the_profile_that_the_object_would_join_is_shown_with_what_changes(world, try_out):
    put(world, SourcePriority=1)
    world.put("Customer", ANN)
    known = world.only("_email", "ann@example.com")
    other = {"id": "2", "mail": "ANN@example.com", "name": "Anna", "order": "Stove"}
    found = try_out(other, "Visit")

    assert (found["Result"], found["ProfileId"]) == ("ATTACHED", known["ProfileId"])
    assert (found["ChangedFields"], found["KeptFields"]) == ([], ["EmailAddress", "FirstName"])
    assert found["Profile"]["FirstName"] == "Ann"
    assert try_out({**ANN, "name": "Ann B."}, SourcePriority=1)["ChangedFields"] == ["FirstName"]
    assert world.only("_email", "ann@example.com") == known


def test_an_object_that_would_be_rejected_shows_what_it_says(try_out):
    found = try_out(AllowProfileCreation=False)

    assert found["Result"] == "REJECTED"
    assert found["Reason"] == "No profile found for the keys of this object"
    assert found["Profile"]["FirstName"] == "Ann"
    assert found["Records"][0]["Fields"] == {"Name": "Boiler"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"name": "x"}, "The UNIQUE key or PROFILE key does not exist in the profile object"),
        ({**ANN, "name": "x" * 256}, "The value of field name is longer than 255 characters"),
        ("[]", "Object is not a JSON object"),
        ("{", "Object is not valid JSON"),
    ],
)
def test_an_object_that_would_be_refused_says_why(try_out, content, reason):
    found = try_out(content)

    assert (found["Result"], found["Reason"]) == ("REFUSED", reason)


def test_all_that_is_wrong_is_said_beside_its_member_and_what_is_sound_is_shown(try_out):
    fields = {**TYPE["Fields"], "bad": {"Source": "_source.x", "Target": "_profile.Nothing"}}
    keys = {"k": [{"StandardIdentifiers": ["SECONDARY"], "FieldNames": ["id"]}]}
    found = try_out(Fields=fields, Keys=keys, SourceLastUpdatedTimestampFormat="yyyy")

    said = messages(found)
    assert said["Fields.bad"].startswith("Fields.bad: Target names no field")
    assert said["Keys.k"] == "Keys.k: SECONDARY needs PROFILE"
    assert [p["Member"] for p in found["Problems"]].count("Keys") == 3
    assert found["Profile"] == {"EmailAddress": "Ann@example.com", "FirstName": "Ann"}
    assert found["Records"] == [{"ObjectTypeName": "_order", "Fields": {"Name": "Boiler"}}]
    assert "Result" not in found


def test_a_format_that_cannot_be_read_is_a_problem(try_out):
    found = try_out(SourceLastUpdatedTimestampFormat="Q")

    assert "has the letter Q" in messages(found)["SourceLastUpdatedTimestampFormat"]
    assert found["Profile"]["FirstName"] == "Ann"


def test_a_definition_that_is_not_one_yet_says_what_is_missing(try_out):
    found = try_out(Fields={"name": TYPE["Fields"]["name"]}, Keys={})

    assert messages(found) == {
        "": "Fields and Keys must both be given, or TemplateId instead of them"
    }
    assert found["Profile"] == {"FirstName": "Ann"}


def test_what_the_domain_has_already_counts(world, try_out, own):
    put(world, "Other", MaxProfileObjectCount=999)
    fields = {**TYPE["Fields"], "id": {"Source": "_source.id", "ContentType": "NUMBER"}}
    found = try_out(Fields=fields, MaxProfileObjectCount=2)
    world.client.update_domain(DomainName=world.name, DataStore={"Enabled": True})

    said = messages(found)
    assert "the domain has this key with content types STRING" in said["Keys.customer"]
    assert "must not add up to more than" in said["MaxProfileObjectCount"]
    encrypted = messages(try_out(name="Other", EncryptionKey="file:x"))
    assert encrypted == {
        "EncryptionKey": "EncryptionKey cannot be changed while the data store is enabled"
    }
    assert own.post("/object-types/New/preview", TemplateId="CTR")["Problems"] == []


def test_a_type_is_tried_as_it_is_stored(world, own):
    put(world)
    stored = own.post("/object-types/Customer/preview", Object=json.dumps(ANN))
    template = own.post("/object-types/Zendesk-users/preview", Object='{"id": 7, "email": "a@b.c"}')
    missing = own.reply("POST", "/object-types/Nothing/preview", {"Object": "{}"})

    assert stored["Profile"]["FirstName"] == "Ann"
    assert template["Profile"]["EmailAddress"] == "a@b.c"
    assert missing.status == 404


def test_objects_are_counted_by_type(world, own):
    put(world)
    for number in range(3):
        world.put("Customer", {**ANN, "id": str(number)})
    world.put("Zendesk-users", {"id": 7, "email": "a@b.c"})

    assert own.get("/object-counts", AtMost=2)["Items"] == [
        {"ObjectTypeName": "Customer", "ObjectCount": 2, "IsExact": False},
        {"ObjectTypeName": "Zendesk-users", "ObjectCount": 1, "IsExact": True},
    ]


def test_an_object_of_an_erased_person_would_be_rejected(world, own, try_out):
    put(world)
    world.put("Customer", ANN)
    own.post("/profiles/erase", KeyName="_email", Values=["ann@example.com"], Tombstone=True)
    found = try_out()

    assert found["Result"] == "REJECTED"
    assert found["Reason"] == "A tombstone of an erased person stops this object"
