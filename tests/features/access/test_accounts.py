"""Domains of two accounts never meet, even under one name."""

import uuid
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from openprofiles.features import expiry
from tests.features.authorizing.test_judging import TYPE

OTHER = "222222222222"


@pytest.fixture
def name():
    """The name of a domain that both accounts have."""
    return f"shared-{uuid.uuid4().hex}"


@pytest.fixture
def ours(client, name):
    """A client of the account that has data."""
    client.create_domain(DomainName=name, DefaultExpirationDays=1, Tags={"of": "us"})
    client.put_profile_object_type(DomainName=name, ObjectTypeName="Orders", **TYPE)
    client.put_integration(DomainName=name, Uri=_uri(name), ObjectTypeName="Orders")
    client.put_profile_object(DomainName=name, ObjectTypeName="Orders", Object='{"id": "1"}')
    return client


@pytest.fixture
def theirs(client_with, name):
    """A client of another account, with a domain of the same name that is empty."""
    other = client_with(account_id=OTHER)
    other.create_domain(DomainName=name, DefaultExpirationDays=2)
    return other


def _uri(name):
    return f"arn:aws:app-integrations:us-east-1:1:event-integration/{name}"


def _search(client, name):
    return client.search_profiles(DomainName=name, KeyName="_account", Values=["1"])["Items"]


def test_what_one_account_keeps_the_other_does_not_find(ours, theirs, name):
    [profile] = _search(ours, name)

    assert _search(theirs, name) == []
    assert theirs.list_profile_object_types(DomainName=name)["Items"] == []
    assert theirs.list_integrations(DomainName=name)["Items"] == []
    assert theirs.list_account_integrations(Uri=_uri(name))["Items"] == []
    assert theirs.get_domain(DomainName=name)["Stats"]["ProfileCount"] == 0
    found = theirs.batch_get_profile(DomainName=name, ProfileIds=[profile["ProfileId"]])
    assert found.get("Profiles", []) == []
    with pytest.raises(ClientError, match="ResourceNotFound"):
        theirs.list_profile_objects(
            DomainName=name, ObjectTypeName="Orders", ProfileId=profile["ProfileId"]
        )


def test_what_one_account_changes_the_other_does_not_notice(ours, theirs, name):
    [profile] = _search(ours, name)

    with pytest.raises(ClientError):
        theirs.delete_profile(DomainName=name, ProfileId=profile["ProfileId"])
    theirs.update_domain(DomainName=name, DefaultExpirationDays=3)
    theirs.delete_domain(DomainName=name)

    assert _search(ours, name) == [profile]
    assert ours.get_domain(DomainName=name)["DefaultExpirationDays"] == 1


def test_an_arn_of_another_account_leads_nowhere(ours, theirs, settings, name):
    arn = f"arn:aws:profile:{settings.region}:{settings.account_id}:domains/{name}"

    for call in (
        lambda: theirs.list_tags_for_resource(resourceArn=arn),
        lambda: theirs.tag_resource(resourceArn=arn, tags={"of": "them"}),
        lambda: theirs.untag_resource(resourceArn=arn, tagKeys=["of"]),
    ):
        with pytest.raises(ClientError, match="ResourceNotFound"):
            call()

    assert ours.list_tags_for_resource(resourceArn=arn)["tags"] == {"of": "us"}


def test_a_token_of_one_account_is_refused_by_the_other(ours, client_with, name):
    ours.create_domain(DomainName=f"{name}-2", DefaultExpirationDays=1)
    token = ours.list_domains(MaxResults=1)["NextToken"]

    with pytest.raises(ClientError, match="NextToken belongs to another request"):
        client_with(account_id=OTHER).list_domains(MaxResults=1, NextToken=token)


@pytest.mark.usefixtures("ours", "theirs")
def test_operations_of_our_own_stay_in_their_account(invoke, caller, name):
    them = replace(caller, account_id=OTHER)

    for operation in ("ListMerges", "ListRejectedObjects", "ListConnections", "ListReplays"):
        assert invoke(operation, {"DomainName": name}, them)["Items"] == []
    assert len(invoke("ListIntegrationStates", {"DomainName": name}, caller)["Items"]) == 1
    assert invoke("ListIntegrationStates", {"DomainName": name}, them)["Items"] == []


def test_a_sweep_reaches_the_domains_of_all_accounts_each_by_its_own_rules(
    ours, theirs, invoke, caller, name, clock
):
    clock.turn(days=1, hours=1)

    swept = expiry.sweep(invoke, replace(caller, account_id=OTHER))

    assert swept.objects
    clock.turn(days=-1, hours=-1)
    assert ours.get_domain(DomainName=name)["Stats"]["ProfileCount"] == 0
    assert ours.list_profile_object_types(DomainName=name)["Items"]
    assert theirs.get_domain(DomainName=name)["DefaultExpirationDays"] == 2
