"""The rules of a FlowDefinition, and what it says of its source (core reference §9.3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.features.integrations.flows import schedule, tasks

MEMBER_OF_TYPE = {"Servicenow": "ServiceNow"}
"""How the members of a connector are called where its type is spelled differently [M]."""

BUCKETS = "S3"

CONTINUES_FROM = "ContinuesFrom"
"""A member of our own: where a historical import ended, from which the flow goes on."""


def require_valid(flow: Mapping[str, Any]) -> None:
    """Pass when a FlowDefinition keeps all rules; BadRequest naming the member otherwise."""
    source = flow["SourceFlowConfig"]
    kind = source["ConnectorType"]
    given = [
        member for member, value in source["SourceConnectorProperties"].items() if value is not None
    ]
    if given != [member_of(kind)]:
        raise BadRequest(
            f"SourceFlowConfig.SourceConnectorProperties must have {member_of(kind)}, and no other"
        )
    if kind != BUCKETS and not source.get("ConnectorProfileName"):
        raise BadRequest(f"SourceFlowConfig.ConnectorProfileName must be given for {kind}")
    tasks.require_valid(flow["Tasks"], member_of(kind))
    _require_trigger(flow["TriggerConfig"], kind)


def _require_trigger(trigger: Mapping[str, Any], kind: str) -> None:
    trigger_type = trigger["TriggerType"]
    scheduled = (trigger.get("TriggerProperties") or {}).get("Scheduled")
    if trigger_type == "Event" and kind != "Salesforce":
        raise BadRequest("TriggerConfig.TriggerType Event is possible for Salesforce only")
    if trigger_type == "Scheduled":
        if scheduled is None:
            raise BadRequest("TriggerConfig.TriggerProperties.Scheduled must be given")
        schedule.read(scheduled)


def member_of(connector_type: str) -> str:
    """How the members of a connector are called in properties and operators."""
    return MEMBER_OF_TYPE.get(connector_type, connector_type)


def connector_type(flow: Mapping[str, Any]) -> str:
    """The kind of source of a flow, as ConnectorType spells it."""
    name: str = flow["SourceFlowConfig"]["ConnectorType"]
    return name


def connection_name(flow: Mapping[str, Any]) -> str | None:
    """The name of the connection of a flow, None when it needs none."""
    name: str | None = flow["SourceFlowConfig"].get("ConnectorProfileName")
    return name


def properties(flow: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of a flow's source: its object, or its bucket and prefix."""
    source = flow["SourceFlowConfig"]
    found: Mapping[str, Any] = source["SourceConnectorProperties"][
        member_of(source["ConnectorType"])
    ]
    return found


def timestamp_field(flow: Mapping[str, Any]) -> str | None:
    """The field that tells what changed since a pull, None when the flow names none."""
    incremental = flow["SourceFlowConfig"].get("IncrementalPullConfig") or {}
    return incremental.get("DatetimeTypeFieldName") or None


def is_complete(flow: Mapping[str, Any] | None) -> bool:
    """Whether each run pulls all there is: a schedule says so; what is new otherwise."""
    scheduled = schedule.scheduled_of(flow) or {}
    return scheduled.get("DataPullMode") == "Complete"


def first_execution_from(flow: Mapping[str, Any] | None) -> datetime | None:
    """From when on the first run pulls, None when the flow does not say."""
    value = (flow or {}).get(CONTINUES_FROM)
    value = value or (schedule.scheduled_of(flow) or {}).get("FirstExecutionFrom")
    return None if value is None else schedule.moment_of(value)
