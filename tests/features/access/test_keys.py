"""Access keys: made, listed, rotated, disabled, given other policies, removed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.features.access.operations import keys
from openprofiles.wire.own_routes import PREFIX
from tests.features.access.conftest import READING
from tests.wire.calling import Request, send


def _listed(call, **page):
    return {item["Name"]: item for item in call("ListAccessKeys", **page)["Items"]}


def test_a_key_is_made_with_a_secret_that_is_shown_once(call, settings):
    made = call("CreateAccessKey", Name="ann", Policies=["admin"])

    assert made["AccessKeyId"].startswith("OPAK")
    assert len(made["SecretAccessKey"]) == 40
    assert made["SessionToken"] is None
    assert made["PrincipalArn"] == f"arn:aws:iam::{settings.account_id}:user/ann"
    listed = _listed(call)["ann"]
    assert made["SecretAccessKey"] not in str(listed)
    assert (listed["Status"], listed["Policies"]) == ("active", ["admin"])
    assert listed["LastUsed"] is None


def test_the_secret_is_kept_encrypted(call, database):
    made = call("CreateAccessKey", Name="ann", PolicyDocument=READING)

    with database.reading() as transaction:
        [row] = transaction.rows("select sealed::text, access_keys::text from access_keys")

    assert made["SecretAccessKey"].encode().hex() not in str(row)
    assert made["SecretAccessKey"] not in str(row)


def test_a_temporary_key_has_a_session_token_and_expires(call, clock):
    made = call("CreateAccessKey", Name="ann", Policies=["agent"], DurationSeconds=900)

    assert made["AccessKeyId"].startswith("OPAT")
    assert made["SessionToken"]
    assert made["ExpiresAt"] - made["CreatedAt"] == timedelta(seconds=900)
    clock.turn(seconds=901)
    assert _listed(call)["ann"]["Status"] == "expired"
    clock.turn(days=31)
    call("CreateAccessKey", Name="bob", Policies=["agent"])
    assert list(_listed(call)) == ["bob"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({}, "without one it may do nothing"),
        ({"Policies": []}, "without one it may do nothing"),
        ({"PolicyDocument": "{}"}, "PolicyDocument is not valid: The policy has no Statement"),
    ],
)
def test_a_key_without_a_sound_policy_is_not_made(call, parameters, said):
    with pytest.raises(BadRequest, match=said):
        call("CreateAccessKey", Name="ann", **parameters)


def test_a_policy_of_a_key_has_to_be_there(call):
    with pytest.raises(ResourceNotFound, match="Policy own does not exist"):
        call("CreateAccessKey", Name="ann", Policies=["admin", "own"])


def test_a_rotated_key_goes_on_for_its_overlap(call, clock):
    old = call("CreateAccessKey", Name="ann", Policies=["agent"], PolicyDocument=READING)

    new = call("RotateAccessKey", AccessKeyId=old["AccessKeyId"], OverlapSeconds=60)

    assert new["AccessKeyId"] != old["AccessKeyId"]
    assert new["SecretAccessKey"] != old["SecretAccessKey"]
    assert (new["Name"], new["Policies"], new["PolicyDocument"]) == ("ann", ["agent"], READING)
    states = {item["AccessKeyId"]: item["Status"] for item in call("ListAccessKeys")["Items"]}
    assert states == {old["AccessKeyId"]: "active", new["AccessKeyId"]: "active"}
    clock.turn(seconds=61)
    states = {item["AccessKeyId"]: item["Status"] for item in call("ListAccessKeys")["Items"]}
    assert states == {old["AccessKeyId"]: "expired", new["AccessKeyId"]: "active"}


def test_only_an_active_lasting_key_is_rotated(call):
    temporary = call("CreateAccessKey", Name="ann", Policies=["agent"], DurationSeconds=900)
    disabled = call("CreateAccessKey", Name="bob", Policies=["agent"])
    call("DisableAccessKey", AccessKeyId=disabled["AccessKeyId"])

    for made in (temporary, disabled):
        with pytest.raises(BadRequest, match="Only an active key"):
            call("RotateAccessKey", AccessKeyId=made["AccessKeyId"])


def test_a_key_is_disabled_and_enabled(call):
    key_id = call("CreateAccessKey", Name="ann", Policies=["agent"])["AccessKeyId"]

    assert call("DisableAccessKey", AccessKeyId=key_id)["Status"] == "disabled"
    assert _listed(call)["ann"]["Status"] == "disabled"
    assert call("EnableAccessKey", AccessKeyId=key_id)["Status"] == "active"


def test_the_policies_of_a_key_are_replaced(call):
    key_id = call("CreateAccessKey", Name="ann", Policies=["agent"])["AccessKeyId"]

    call("UpdateAccessKeyPolicies", AccessKeyId=key_id, PolicyDocument=READING)

    listed = _listed(call)["ann"]
    assert (listed["Policies"], listed["PolicyDocument"]) == ([], READING)


def test_a_key_is_removed(call):
    key_id = call("CreateAccessKey", Name="ann", Policies=["agent"])["AccessKeyId"]

    call("DeleteAccessKey", AccessKeyId=key_id)

    assert _listed(call) == {}
    for name in ("DeleteAccessKey", "DisableAccessKey", "RotateAccessKey"):
        with pytest.raises(ResourceNotFound, match=f"Access key {key_id} does not exist"):
            call(name, AccessKeyId=key_id)


def test_keys_are_listed_by_page(call):
    for number in range(3):
        call("CreateAccessKey", Name=f"key{number}", Policies=["agent"])

    first = call("ListAccessKeys", MaxResults=2)
    second = call("ListAccessKeys", MaxResults=2, NextToken=first["NextToken"])

    assert [len(page["Items"]) for page in (first, second)] == [2, 1]
    assert second["NextToken"] is None


def test_an_account_has_so_many_keys(call, monkeypatch):
    monkeypatch.setattr(keys, "MOST_KEYS", 1)
    call("CreateAccessKey", Name="ann", Policies=["agent"])

    with pytest.raises(BadRequest, match="the most there are"):
        call("CreateAccessKey", Name="bob", Policies=["agent"])


def test_keys_of_another_account_are_out_of_reach(call, invoke, caller):
    key_id = call("CreateAccessKey", Name="ann", Policies=["agent"])["AccessKeyId"]
    other = replace(caller, account_id="999999999999")

    assert invoke("ListAccessKeys", {}, other)["Items"] == []
    with pytest.raises(ResourceNotFound):
        invoke("DeleteAccessKey", {"AccessKeyId": key_id}, other)


def test_the_first_key_is_made_once(call):
    first = call("MakeFirstAccessKey")

    assert (first["Name"], first["Policies"]) == ("admin", ["admin"])
    assert first["SecretAccessKey"]
    assert call("MakeFirstAccessKey") == {}


def test_the_first_key_is_told_in_the_audit_when_it_is_made(call, caller):
    first = call("MakeFirstAccessKey")
    call("MakeFirstAccessKey")

    told = call("ListAccountAuditEntries", Kind="MakeFirstAccessKey")["Items"]
    ours = [entry for entry in told if entry["RequestId"] == caller.request_id]
    assert [entry["Principal"] for entry in ours] == ["test"]
    assert first["SecretAccessKey"] not in str(ours)


def test_of_many_that_start_at_once_one_makes_the_first_key(call):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: call("MakeFirstAccessKey"), range(8)))

    assert len([answer for answer in made if answer]) == 1
    assert len(call("ListAccessKeys")["Items"]) == 1


def test_a_key_is_made_over_http(application):
    body = b'{"Name": "ann", "Policies": ["read-only"]}'

    made = send(application.wsgi, Request("POST", f"{PREFIX}/access-keys", body)).content
    listed = send(application.wsgi, Request("GET", f"{PREFIX}/access-keys")).content

    assert made["SecretAccessKey"]
    assert [item["AccessKeyId"] for item in listed["Items"]] == [made["AccessKeyId"]]
