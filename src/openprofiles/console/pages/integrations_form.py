"""What somebody typed for a new integration, and the request that it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from openprofiles.console.visit import person
from openprofiles.core.errors import BadRequest

FLOW_KINDS = ("Marketo", "S3", "Salesforce", "Servicenow", "Zendesk")
"""Kinds of sources that a FlowDefinition can name; others are named by a Uri."""

BUCKETS = "S3"
MEMBER_OF_KIND = {"Servicenow": "ServiceNow"}
WHEN = (
    ("rate(15 minutes)", "Every 15 minutes"),
    ("rate(5 minutes)", "Every 5 minutes"),
    ("rate(1 hour)", "Every hour"),
    ("rate(6 hours)", "Every 6 hours"),
    ("rate(1 day)", "Every day"),
    ("demand", "When somebody presses Run now"),
    ("other", "By the expression below"),
)
MODES = (("Incremental", "What is new or changed"), ("Complete", "All there is, each time"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The fields of the form, as texts."""

    name: str = ""
    object_type: str = ""
    connection: str = ""
    bucket: str = ""
    prefix: str = ""
    object: str = ""
    when: str = WHEN[0][0]
    expression: str = ""
    mode: str = MODES[0][0]
    timestamp_field: str = ""
    since: str = ""
    history: str = ""


def typed_of(form: Mapping[str, str]) -> Typed:
    """What a form has for the fields."""
    given = {field.name: form[field.name].strip() for field in fields(Typed) if field.name in form}
    return Typed(**given)


def request_of(kind: str, typed: Typed) -> tuple[str, dict[str, Any]]:
    """The operation that makes the integration, and its parameters but for the domain.

    BadRequest when the form lacks something that the operation would not miss.
    """
    if kind not in FLOW_KINDS:
        if not typed.connection or not typed.object:
            raise BadRequest("Choose a connection, and say what is to be pulled")
        uri = f"connector://{kind}/{typed.connection}/{typed.object}"
        return "PutIntegration", {"Uri": uri, "ObjectTypeName": typed.object_type}
    flow = _flow_of(kind, typed)
    if not typed.history:
        return (
            "PutIntegration",
            {"FlowDefinition": flow, "ObjectTypeName": typed.object_type},
        )
    return (
        "CreateIntegrationWorkflow",
        {
            "WorkflowType": "APPFLOW_INTEGRATION",
            "IntegrationConfig": {"AppflowIntegration": {"FlowDefinition": flow}},
            "ObjectTypeName": typed.object_type,
            "RoleArn": f"arn:aws:iam::{person().caller.account_id}:role/openprofiles",
        },
    )


def _flow_of(kind: str, typed: Typed) -> dict[str, Any]:
    caller = person().caller
    properties: dict[str, Any] = {"Object": typed.object}
    if kind == BUCKETS:
        properties = {"BucketName": typed.bucket, "BucketPrefix": typed.prefix}
    source: dict[str, Any] = {
        "ConnectorType": kind,
        "SourceConnectorProperties": {MEMBER_OF_KIND.get(kind, kind): properties},
    }
    if typed.connection:
        source["ConnectorProfileName"] = typed.connection
    if typed.timestamp_field:
        source["IncrementalPullConfig"] = {"DatetimeTypeFieldName": typed.timestamp_field}
    return {
        "FlowName": typed.name,
        # The API asks for a key, and AppFlow's own is meant; what is stored here has the domain's.
        "KmsArn": f"arn:aws:kms:{caller.region}:{caller.account_id}:alias/aws/appflow",
        "SourceFlowConfig": source,
        "Tasks": [],
        "TriggerConfig": _trigger_of(typed),
    }


def _trigger_of(typed: Typed) -> dict[str, Any]:
    if typed.when == "demand":
        return {"TriggerType": "OnDemand"}
    expression = typed.expression if typed.when == "other" else typed.when
    scheduled: dict[str, Any] = {"ScheduleExpression": expression, "DataPullMode": typed.mode}
    if typed.since:
        scheduled["FirstExecutionFrom"] = _moment_of(typed.since)
    return {"TriggerType": "Scheduled", "TriggerProperties": {"Scheduled": scheduled}}


def _moment_of(text: str) -> float:
    """The beginning of a day, in seconds since 1970 as the API takes it."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        raise BadRequest("From which day on is a day: 2026-01-31") from error
