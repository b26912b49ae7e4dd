"""An account that has one of everything, and a request for each operation with what leads to it.

An operation that takes a member nobody named in `members_of` fails here until somebody does.
"""

import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from wsgiref.types import WSGIApplication

from openprofiles.core.credentials import AccessKey
from openprofiles.core.operation import Caller, Invoke
from openprofiles.features.invoke import OPERATIONS
from openprofiles.wire.model import operation_models
from openprofiles.wire.own_routes import PREFIX
from tests.wire.calling import Reply, Request, reply_to, request_of
from tests.wire.signed import signed

MODELS = {model.name: model for model in operation_models() if model.name in OPERATIONS}
ROUTES = {name: known.route for name, known in OPERATIONS.items() if known.route is not None}
SIGNED_BY_SENDERS = {name for name, route in ROUTES.items() if route.headers is not None}
"""Whoever sends an event has no key, and no account of its own."""

OFFERED = sorted((MODELS | ROUTES).keys() - SIGNED_BY_SENDERS)
MARK = "zebulon"
"""Is in all that an account is furnished with, and in nothing that somebody else asks."""

TYPE: dict[str, Any] = {
    "Description": "orders",
    "Fields": {"id": {"Source": "_source.id", "Target": "_profile.AccountNumber"}},
    "Keys": {"_account": [{"StandardIdentifiers": ["PROFILE", "UNIQUE"], "FieldNames": ["id"]}]},
    "AllowProfileCreation": True,
}
BUCKET = "drop"
RULES: dict[str, Any] = {
    "Enabled": True,
    "ExportingConfig": {"S3Exporting": {"S3BucketName": BUCKET}},
    "MatchingRules": [{"Rule": ["PhoneNumber"]}],
    "AttributeTypesSelector": {
        "AttributeMatchingModel": "ONE_TO_ONE",
        "PhoneNumber": ["PhoneNumber"],
    },
}
FLOW = {
    "KmsArn": "arn:aws:kms:us-east-1:123456789012:key/other",
    "SourceFlowConfig": {
        "ConnectorType": "S3",
        "SourceConnectorProperties": {"S3": {"BucketName": "other"}},
    },
    "Tasks": [{"SourceFields": ["id"], "TaskType": "Map", "ConnectorOperator": {"S3": "NO_OP"}}],
    "TriggerConfig": {"TriggerType": "OnDemand"},
}

OF_MATCHES = {"DecideReview", "ExplainPair", "GetReview"}
"""They are about what an identity-resolution job has found, and none has run here."""

CHOICES: Mapping[str, Sequence[str]] = {
    "CreateAccessKey": ("Policies",),
    "DiscloseProfile": ("ProfileIds",),
    "DropRejectedObjects": ("All",),
    "EraseProfile": ("ProfileIds",),
    "PreviewAutoMerging": ("Consolidation", "ConflictResolution"),
    "PreviewErasure": ("ProfileIds",),
    "PutIntegration": ("Uri", "ObjectTypeName"),
    "PutProfileObjectType": ("Fields", "Keys", "AllowProfileCreation"),
    "RetryRejectedObjects": ("All",),
    "UpdateAccessKeyPolicies": ("Policies",),
    "UpdateDomain": ("DefaultExpirationDays",),
    "UpdateProfile": ("LastName",),
}
"""Members to add to those that operations require, so that they have something to do."""


@dataclass(frozen=True)
class Signer:
    """Somebody with an access key, at the service."""

    wsgi: WSGIApplication
    key: AccessKey

    def send(self, request: Request) -> Reply:
        """The reply to a request that the key signs."""
        environ = signed(request.method, request.target, request.body, key=self.key)
        return reply_to(self.wsgi, environ)

    def ask(self, name: str, **members: Any) -> Any:
        """The answer of an operation that succeeds."""
        reply = self.send(request_for(name, members, only=members))
        assert reply.status == 200, (name, reply.content)
        return reply.content


def signer(
    wsgi: WSGIApplication, invoke: Invoke, caller: Caller, name: str, *policies: Any
) -> Signer:
    """Somebody of the caller's account with a key of their own, which may do everything unless
    `policies` (statements) say otherwise.
    """
    given: dict[str, Any] = {"Policies": ["admin"]}
    if policies:
        given = {"PolicyDocument": document(*policies)}
    made = invoke("CreateAccessKey", {"Name": name, **given}, caller)
    key = AccessKey(
        access_key_id=made["AccessKeyId"],
        secret=made["SecretAccessKey"],
        account_id=caller.account_id,
        name=name,
        principal_arn=f"arn:aws:iam::{caller.account_id}:user/{name}",
        policies=(),
    )
    return Signer(wsgi, key)


def document(*statements: Mapping[str, Any]) -> str:
    """A policy of these statements, which allow everything but for what they say."""
    whole = [{"Effect": "Allow", "Action": "*", "Resource": "*", **given} for given in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


def furnish(owner: Signer, name: str, buckets: Path, **tags: str) -> dict[str, Any]:
    """Make one of everything in a domain called `name`; the members that lead to it."""
    ask, within = owner.ask, {"DomainName": name}
    (buckets / BUCKET).mkdir(exist_ok=True)
    ask(
        "CreateDomain",
        **within,
        DefaultExpirationDays=9,
        DefaultEncryptionKey="alias/one",
        RuleBasedMatching=RULES,
        Matching={"Enabled": True},
        Tags={"of": MARK, **tags},
    )
    ask("PutProfileObjectType", **within, ObjectTypeName="Orders", **TYPE)
    ask(
        "PutProfileObjectType",
        **within,
        ObjectTypeName="Orphans",
        **{**TYPE, "AllowProfileCreation": False},
    )
    uri = f"s3://{BUCKET}/{name}"
    ask("PutIntegration", **within, Uri=uri, ObjectTypeName="Orders", Tags={"of": MARK})
    put = {"ObjectTypeName": "Orders", "Object": json.dumps({"id": f"{MARK}1"})}
    unique = ask("PutProfileObject", **within, **put)["ProfileObjectUniqueKey"]
    orphan = {"ObjectTypeName": "Orphans", "Object": json.dumps({"id": f"{MARK}2"})}
    owner.send(request_for("PutProfileObject", {**within, **orphan}))
    [profile] = ask("SearchProfiles", **within, KeyName="_account", Values=[f"{MARK}1"])["Items"]
    other, third, fourth, *spare = (
        ask("CreateProfile", **within, FirstName=MARK, EmailAddress=f"{last}@{MARK}.test")[
            "ProfileId"
        ]
        for last in "abcdefgh"
    )
    ask("MergeProfiles", **within, MainProfileId=other, ProfileIdsToBeMerged=[third])
    ask("DecideNotSame", **within, ProfileId=profile["ProfileId"], OtherProfileId=other)
    erased = ask("EraseProfile", **within, ProfileIds=[fourth], Tombstone=True)
    replay = ask("StartReplay", **within, ObjectTypeName="Orders", DryRun=True)
    sent = ask("StartFileImport", **within, ObjectTypeName="Orders", FileName=f"{MARK}.csv")
    ask("PutEventSource", **within, EventSourceName="shop", Kind="segment", Secrets=[MARK * 2])
    settings = {"url": f"file://{buckets}", "bucket_name": BUCKET}
    ask("PutConnection", **within, Name="place", Kind="S3", Settings=settings)
    workflow = ask("CreateIntegrationWorkflow", **within, **_workflow(name))
    made = ask("CreateAccessKey", Name=MARK, Policies=["admin"])
    ask("PutPolicy", PolicyName=f"reading-{name}", PolicyDocument=document({"Sid": MARK}))
    history = ask("ListProfileHistoryRecords", **within, ProfileId=profile["ProfileId"])
    return {
        **within,
        "ObjectTypeName": "Orders",
        "ProfileObjectUniqueKey": unique,
        "Uri": uri,
        "ProfileId": profile["ProfileId"],
        "OtherProfileId": other,
        "SearchValue": profile["ProfileId"],
        "MainProfileId": profile["ProfileId"],
        "ProfileIdsToBeMerged": [other],
        "ProfileIds": [profile["ProfileId"], other],
        "Spare": spare,
        "MergeId": ask("ListMerges", **within)["Items"][0]["MergeId"],
        "ErasureId": erased["ErasureId"],
        "ReplayId": replay["ReplayId"],
        "FileImportId": sent["FileImportId"],
        "FileName": "records.csv",
        "RunId": ask("StartIntegrationRun", **within, Uri=uri)["RunId"],
        "JobId": ask("StartIdentityResolutionJob", **within)["JobId"],
        "RejectionId": ask("ListRejectedObjects", **within)["Items"][0]["RejectionId"],
        "WorkflowId": workflow["WorkflowId"],
        "EventSourceName": "shop",
        "Name": "place",
        "PolicyName": f"reading-{name}",
        "AccessKeyId": made["AccessKeyId"],
        "Id": history["ProfileHistoryRecords"][0]["Id"],
        "resourceArn": (
            f"arn:aws:profile:us-east-1:{owner.key.account_id}:domains/{name}/object-types/Orders"
        ),
    }


def _workflow(name: str) -> dict[str, Any]:
    flow = {**FLOW, "FlowName": name}
    return {
        "WorkflowType": "APPFLOW_INTEGRATION",
        "IntegrationConfig": {"AppflowIntegration": {"FlowDefinition": flow}},
        "ObjectTypeName": "Orders",
        "RoleArn": "arn:aws:iam::123456789012:role/reader",
    }


def members_of(kept: Mapping[str, Any]) -> dict[str, Any]:
    """All members that operations require: what leads to what is kept, and what is written."""
    return {
        **_workflow(f"other-{uuid.uuid4().hex}"),
        **TYPE,
        "KeyName": "_account",
        "Values": ["other"],
        "Items": [{"Id": "1", "Object": '{"id": "other"}'}],
        "Object": '{"id": "other"}',
        "Objects": ['{"id": "other"}'],
        "All": True,
        "LastName": "other",
        "Path": "LastName",
        "Text": MARK,
        "DefaultExpirationDays": 3,
        "Consolidation": {"MatchingAttributesList": [["PhoneNumber"]]},
        "ConflictResolution": {"ConflictResolvingModel": "RECENCY"},
        "TemplateId": "CTR",
        "MatchType": "RULE_BASED_MATCHING",
        "SearchKey": "profileId",
        "MatchId": f"{uuid.uuid4().hex}-1",
        "Description": "other",
        "tags": {"of": "them"},
        "tagKeys": ["of"],
        "Settings": {"url": "file:///nowhere", "bucket_name": "other"},
        "Kind": "segment",
        "Secrets": ["of the other"],
        "Policies": ["read-only"],
        "PolicyDocument": document({"Sid": "other"}),
        **kept,
    }


def kept_elsewhere(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The same members, of which ids lead nowhere."""
    return {name: _nowhere(name, value) for name, value in kept.items()}


def _nowhere(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_nowhere(name, each) for each in value]
    if name == "AccessKeyId":
        return value[:4] + uuid.uuid4().hex[: len(value) - 4].upper()
    if name == "ProfileObjectUniqueKey":
        return base64.b64encode(uuid.uuid4().bytes * 2).decode()
    return uuid.uuid4().hex if len(str(value)) == len(uuid.uuid4().hex) else value


def requires(name: str) -> set[str]:
    """The members that an operation cannot do without."""
    if name in MODELS:
        return set(MODELS[name].input_shape.required_members)
    return set(vars(ROUTES[name].shape)["__required_keys__"])


def takes_a_domain(name: str) -> bool:
    """Whether its request names a domain."""
    return "DomainName" in requires(name) or (
        name in MODELS and "DomainName" in MODELS[name].input_shape.members
    )


def request_for(
    name: str, members: Mapping[str, Any], *, only: Mapping[str, Any] | None = None
) -> Request:
    """What goes over the wire: what the operation requires, and CHOICES; or `only` those."""
    wanted = only if only is not None else {*requires(name), *CHOICES.get(name, ())}
    given = {member: members[member] for member in wanted}
    if name == "PutConnection":
        given["Kind"] = "S3"
    if name in MODELS:
        return request_of(MODELS[name], given)
    route = ROUTES[name]
    path = PREFIX + route.path
    for member in list(given):
        if f"{{{member}}}" in path:
            path = path.replace(f"{{{member}}}", quote(given.pop(member), safe=""))
    if route.method in ("GET", "DELETE"):
        return Request(route.method, f"{path}?{urlencode(given, doseq=True)}")
    return Request(route.method, path, json.dumps(given).encode())
