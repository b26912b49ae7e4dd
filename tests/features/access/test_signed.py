"""Clients that sign with keys of ours, through the handler that checks signatures."""

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from openprofiles.app import wire_of
from openprofiles.features.access import KeyFinder, Uses
from openprofiles.wire import answer_in_process

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

BLUE = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
NO_CACHE = 0


def _policy(*statements: dict[str, Any]) -> str:
    whole = [{"Effect": "Allow", "Action": "*", "Resource": "*"} | given for given in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


@pytest.fixture
def wsgi(application, database, settings, clock):
    """A service that asks for signatures and looks each key up anew."""
    asking = replace(settings, auth="sigv4", access_key_cache_seconds=NO_CACHE)
    invoke = Uses(database, clock).noting(application.invoke)
    return wire_of(invoke, asking, find_key=KeyFinder(database, asking, clock))


@pytest.fixture
def client_with_key(wsgi, settings) -> "Callable[..., CustomerProfilesClient]":
    """Make a client that signs with a key of ours."""

    def make(key: Any) -> "CustomerProfilesClient":
        client: CustomerProfilesClient = boto3.client(
            "customer-profiles",
            region_name=settings.region,
            endpoint_url="https://openprofiles.invalid",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key["SessionToken"],
            config=Config(retries={"total_max_attempts": 1}),
        )
        answer_in_process(client, wsgi)
        return client

    return make


def _code(call, **request) -> str:
    with pytest.raises(ClientError) as failure:
        call(**request)
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return failure.value.response["Error"]["Code"]


def test_a_key_may_do_what_its_policies_allow(call, client_with_key):
    admin = client_with_key(call("MakeFirstAccessKey"))
    viewer = client_with_key(call("CreateAccessKey", Name="vic", Policies=["read-only"]))
    name = f"signed-{uuid.uuid4().hex}"

    admin.create_domain(DomainName=name, DefaultExpirationDays=1)

    assert viewer.get_domain(DomainName=name)
    assert _code(viewer.delete_domain, DomainName=name) == "AccessDeniedException"
    last = {item["Name"]: item["LastUsed"] for item in call("ListAccessKeys")["Items"]}
    assert (last["admin"]["Operation"], last["vic"]["Operation"]) == ("CreateDomain", "GetDomain")


def test_a_team_sees_and_changes_only_what_is_its_own(call, client_with_key):
    admin = client_with_key(call("MakeFirstAccessKey"))
    policy = _policy({"Condition": BLUE}, {"Action": "profile:ListDomains"})
    ann = client_with_key(call("CreateAccessKey", Name="ann", PolicyDocument=policy))
    blue, red = (f"{team}-{uuid.uuid4().hex}" for team in ("blue", "red"))
    for name in (blue, red):
        team = name.partition("-")[0]
        admin.create_domain(DomainName=name, DefaultExpirationDays=1, Tags={"team": team})

    assert [item["DomainName"] for item in ann.list_domains()["Items"]] == [blue]
    assert ann.create_profile(DomainName=blue)["ProfileId"]
    assert _code(ann.create_profile, DomainName=red) == "AccessDeniedException"
    assert (
        _code(
            ann.create_recommender_schema,
            DomainName=red,
            RecommenderSchemaName="s",
            Fields={"x": [{"TargetFieldName": "y"}]},
        )
        == "AccessDeniedException"
    )


def test_a_temporary_key_is_over_on_time(call, client_with_key, clock):
    made = call("CreateAccessKey", Name="tom", Policies=["admin"], DurationSeconds=60)
    tom = client_with_key(made)
    assert tom.list_domains()

    clock.turn(seconds=61)

    assert _code(tom.list_domains) == "ExpiredTokenException"


@pytest.mark.parametrize("name", ["DisableAccessKey", "DeleteAccessKey"])
def test_a_key_that_was_taken_back_signs_nothing(call, client_with_key, name):
    made = call("CreateAccessKey", Name="eve", Policies=["admin"])
    eve = client_with_key(made)
    assert eve.list_domains()

    call(name, AccessKeyId=made["AccessKeyId"])

    assert _code(eve.list_domains) == "UnrecognizedClientException"


def test_changed_policies_hold_at_once_where_nothing_is_remembered(call, client_with_key):
    made = call("CreateAccessKey", Name="ann", Policies=["admin"])
    ann = client_with_key(made)
    assert ann.list_domains()

    call(
        "UpdateAccessKeyPolicies",
        AccessKeyId=made["AccessKeyId"],
        PolicyDocument=_policy({"Effect": "Deny"}),
    )

    assert _code(ann.list_domains) == "AccessDeniedException"
