"""No operation that is offered over HTTP leads from one account into another.

Each is called as an account that gives the names, ids and ARNs of what another one keeps. An
operation that takes a member nobody named in `members` fails here until somebody does.
"""

import json
import uuid
from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest

from openprofiles.app import wire_of
from openprofiles.features.invoke import OPERATIONS, invoker
from openprofiles.wire.model import operation_models
from openprofiles.wire.own_routes import PREFIX
from tests.features.authorizing.test_judging import TYPE
from tests.features.profiles.conftest import World
from tests.own import Own
from tests.wire.calling import Request, request_of, send

MODELS = {model.name: model for model in operation_models() if model.name in OPERATIONS}
ROUTES = {name: known.route for name, known in OPERATIONS.items() if known.route is not None}
OFFERED = sorted(MODELS | ROUTES)
NOT_MADE = {
    "DescribeIdentityResolutionJob", "DescribeIntegrationRun", "ExplainPair",
    "ExportRuleBasedMatches", "GetIdentityResolutionJob", "GetRejectedObject", "GetReview",
    "GetSimilarProfiles", "GetWorkflow", "GetWorkflowSteps", "PreviewAutoMerging", "TestConnection",
}  # fmt: skip
"""Read what the account does not have here: jobs, runs, workflows, matches, rejections,
connections. That they are found by their domain only is all that is tested of these."""

FINDING = [name for name in OFFERED if OPERATIONS[name].reads_only and name not in NOT_MADE]
MARK = "zebulon"
"""Is in all that the account keeps, and in nothing that the other one asks."""

FLOW = {
    "FlowName": "flow",
    "KmsArn": "arn:aws:kms:us-east-1:123456789012:key/other",
    "SourceFlowConfig": {
        "ConnectorType": "S3",
        "SourceConnectorProperties": {"S3": {"BucketName": "other"}},
    },
    "Tasks": [{"SourceFields": ["id"], "TaskType": "Map", "ConnectorOperator": {"S3": "NO_OP"}}],
    "TriggerConfig": {"TriggerType": "OnDemand"},
}
THEIR_OWN = {"CreateDomain"}
"""Takes the name of a domain that need not be there."""


@pytest.fixture(autouse=True)
def no_keys():
    """Not here: the keys and policies of the account stay for all tests of this module."""


@pytest.fixture(scope="module")
def kept(session_client, application):
    """Members by name that lead to what the account keeps, with their values."""
    client, name = session_client, f"shared-{uuid.uuid4().hex}"
    client.create_domain(DomainName=name, DefaultExpirationDays=9, Tags={"of": MARK})
    client.put_profile_object_type(DomainName=name, ObjectTypeName="Orders", **TYPE)
    uri = f"arn:aws:app-integrations:us-east-1:1:event-integration/{name}"
    client.put_integration(DomainName=name, Uri=uri, ObjectTypeName="Orders", Tags={"of": MARK})
    world, own = World(client, name), Own(application.wsgi, name)
    unique = world.put("Orders", {"id": f"{MARK}1"})
    profile = world.only("_account", f"{MARK}1")["ProfileId"]
    other, third, fourth = (world.create(FirstName=MARK, LastName=last) for last in "abc")
    client.merge_profiles(DomainName=name, MainProfileId=other, ProfileIdsToBeMerged=[third])
    own.post("/decisions", ProfileId=profile, OtherProfileId=other)
    erased = own.post("/profiles/erase", ProfileIds=[fourth])
    replay = own.post("/object-types/Orders/replays", DryRun=True)
    own.post("/event-sources/shop", Kind="segment", Secrets=[f"{MARK}-secret"])
    history = client.list_profile_history_records(DomainName=name, ProfileId=profile)
    made = _own(application.wsgi, "POST", "/access-keys", Name=MARK, Policies=["admin"])
    _own(application.wsgi, "PUT", "/policies/reading", PolicyDocument=_document(MARK))
    return {
        "DomainName": name,
        "ObjectTypeName": "Orders",
        "ProfileObjectUniqueKey": unique,
        "Uri": uri,
        "ProfileId": profile,
        "OtherProfileId": other,
        "MainProfileId": profile,
        "ProfileIdsToBeMerged": [other],
        "ProfileIds": [profile, other],
        "MergeId": own.get("/merges")["Items"][0]["MergeId"],
        "ErasureId": erased["ErasureId"],
        "ReplayId": replay["ReplayId"],
        "EventSourceName": "shop",
        "PolicyName": "reading",
        "AccessKeyId": made["AccessKeyId"],
        "Id": history["ProfileHistoryRecords"][0]["Id"],
        "resourceArn": _arn(application.settings, f"domains/{name}"),
    }


def _document(name):
    resource = f"arn:aws:profile:*:*:domains/{name}"
    statement = {"Effect": "Allow", "Action": "profile:Get*", "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _arn(settings, end):
    return f"arn:aws:profile:{settings.region}:{settings.account_id}:{end}"


def _own(application, method, path, **members):
    body = json.dumps(members).encode()
    reply = send(application, Request(method, f"{PREFIX}{path}", body))
    assert reply.status == 200, reply.content
    return reply.content


@pytest.fixture(scope="module")
def members(kept):
    """All members that operations require: what leads somewhere, and what is written there."""
    nowhere = uuid.uuid4().hex
    return {
        "JobId": nowhere,
        "RunId": nowhere,
        "MatchId": f"{nowhere}-1",
        "RejectionId": nowhere,
        "WorkflowId": nowhere,
        "Name": "nothing",
        "KeyName": "_account",
        "Values": ["other"],
        "Items": [{"Id": "1", "Object": '{"id": "other"}'}],
        "Object": '{"id": "other"}',
        "Objects": ['{"id": "other"}'],
        "DefaultExpirationDays": 3,
        "WorkflowType": "APPFLOW_INTEGRATION",
        "IntegrationConfig": {"AppflowIntegration": {"FlowDefinition": FLOW}},
        "RoleArn": "arn:aws:iam::123456789012:role/reader",
        "Consolidation": {"MatchingAttributesList": [["PhoneNumber"]]},
        "ConflictResolution": {"ConflictResolvingModel": "RECENCY"},
        "TemplateId": "CTR",
        "MatchType": "RULE_BASED_MATCHING",
        "SearchKey": "_account",
        "SearchValue": "other",
        "Description": "other",
        "tags": {"of": "them"},
        "tagKeys": ["of"],
        "Settings": {"bucket": "other"},
        "Kind": "segment",
        "Secrets": ["of the other"],
        "PolicyDocument": _document("other"),
        "Body": "{}",
        "Headers": {},
        **kept,
    }


CHOICES = {
    "DiscloseProfile": ("ProfileIds",),
    "EraseProfile": ("ProfileIds",),
    "PreviewErasure": ("ProfileIds",),
    "PutIntegration": ("Uri", "ObjectTypeName"),
}
"""Members to add to those that operations require, so that they have something to do."""


def _request(name, members):
    """What goes over the wire."""
    if name in MODELS:
        required = MODELS[name].input_shape.required_members
        given = {member: members[member] for member in (*required, *CHOICES.get(name, ()))}
        return request_of(MODELS[name], given)
    route = ROUTES[name]
    required = sorted(vars(route.shape)["__required_keys__"])
    given = {member: members[member] for member in (*required, *CHOICES.get(name, ()))}
    path = PREFIX + route.path
    for member in required:
        if f"{{{member}}}" in path:
            path = path.replace(f"{{{member}}}", quote(given.pop(member), safe=""))
    if route.method in ("GET", "DELETE"):
        return Request(route.method, f"{path}?{urlencode(given, doseq=True)}")
    return Request(route.method, path, json.dumps(given).encode())


def _takes_a_domain(name):
    if name in MODELS:
        return "DomainName" in MODELS[name].input_shape.members
    return "DomainName" in vars(ROUTES[name].shape)["__required_keys__"]


@pytest.fixture
def other(application, turnable_clock):
    """The service in another account, where nothing is."""
    settings = replace(application.settings, account_id=f"{uuid.uuid4().int % 10**12:012d}")
    return wire_of(invoker(application.database, settings, turnable_clock), settings)


@pytest.fixture
def rows(application):
    """A function that reads all rows of the account that has something."""
    account = [application.settings.account_id]

    def read():
        with application.database.reading() as transaction:
            tables = transaction.rows(
                "select table_name, bool_or(column_name = 'account_id') from"
                " information_schema.columns where table_schema = 'public' and"
                " column_name in ('account_id', 'domain_id') group by 1"
            )
            return {
                table: transaction.rows(
                    f"select item::text from {table} as item where "
                    + (
                        "account_id = %s"
                        if by_account
                        else "domain_id in (select domain_id from domains where account_id = %s)"
                    )
                    + " order by 1",
                    account,
                )
                for table, by_account in tables
            }

    return read


@pytest.mark.parametrize("name", FINDING)
def test_the_account_itself_finds_what_the_other_is_not_to_find(name, application, members):
    reply = send(application.wsgi, _request(name, members))

    assert reply.status == 200, reply.content


@pytest.mark.parametrize("name", OFFERED)
def test_a_name_of_another_account_leads_nowhere(name, other, members, rows):
    before = rows()

    reply = send(other, _request(name, members))

    assert MARK not in str(reply.body)
    assert rows() == before
    if _takes_a_domain(name) and name not in THEIR_OWN:
        assert reply.code == "ResourceNotFoundException", reply.content


@pytest.mark.parametrize("name", OFFERED)
def test_a_domain_of_the_same_name_is_another_domain(name, other, members, rows):
    named = {**members, "Tags": {"of": "them"}}
    send(other, _request("CreateDomain", named))
    send(other, _request("PutProfileObjectType", named))
    before = rows()

    reply = send(other, _request(name, members))

    assert reply.status < 500
    assert MARK not in str(reply.body)
    assert rows() == before
