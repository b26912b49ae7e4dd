"""Operations on how integrations stand, beyond the AWS API: look, pause, go on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypedDict

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.features import authorizing, domains
from openprofiles.features.context import Context
from openprofiles.features.integrations import flows, polling
from openprofiles.features.integrations.integration import PAUSED, Integration
from openprofiles.features.integrations.operations.runs import Uri
from openprofiles.features.integrations.run import Run
from openprofiles.features.integrations.source import Source, source_of
from openprofiles.features.integrations.store import integrations, runs
from openprofiles.storage import journal

PATH = "/domains/{DomainName}/integration-states"


class ListStatesRequest(TypedDict):
    """The domain whose integrations are meant."""

    DomainName: DomainName


class IntegrationRequest(TypedDict):
    """One integration."""

    DomainName: DomainName
    Uri: Uri


@operation("ListIntegrationStates", reads_only=True, route=Route("GET", PATH, ListStatesRequest))
def list_integration_states(context: Context, request: ListStatesRequest) -> Answer:
    """How each integration of a domain that the caller may get stands: what it is read from, when
    its next run is due, how its last one went.
    """
    domain = domains.require(context, request["DomainName"])
    most = context.settings.integrations_per_domain
    found = authorizing.visible(
        context,
        "GetIntegration",
        integrations.list_page(context.transaction, domain.id, after=("-infinity", ""), limit=most),
        lambda item: authorizing.within(domain.name, "integrations", item.uri),
    )
    last: dict[str, Run] = runs.list_last(
        context.transaction, domain.id, [item.uri for item in found]
    )
    return {"Items": [_state(domain, item, last.get(item.uri)) for item in found]}


@operation(
    "DescribeIntegration", reads_only=True, route=Route("GET", f"{PATH}/one", IntegrationRequest)
)
def describe_integration(context: Context, request: IntegrationRequest) -> Answer:
    """How an integration stands, and what GetIntegration does not tell: its schedule, how far
    incremental pulls have come, and its flow.
    """
    domain = domains.require(context, request["DomainName"])
    found = integrations.find(context.transaction, domain.id, request["Uri"])
    if found is None:
        raise _missing(domain)
    last = runs.list_last(context.transaction, domain.id, [found.uri])
    flow = found.flow
    trigger = (flow or {}).get("TriggerConfig") or {}
    scheduled: Mapping[str, Any] = flows.scheduled_of(flow) or {}
    return {
        **_state(domain, found, last.get(found.uri)),
        "TriggerType": trigger.get("TriggerType"),
        "ScheduleExpression": scheduled.get("ScheduleExpression"),
        "Timezone": scheduled.get("Timezone"),
        "DataPullMode": "Complete" if flows.is_complete(flow) else "Incremental",
        "Bookmark": found.bookmark,
        "FlowDefinition": flow,
        "CreatedAt": found.created_at,
        "LastUpdatedAt": found.updated_at,
    }


@operation("PauseIntegration", route=Route("POST", f"{PATH}/pause", IntegrationRequest))
def pause_integration(context: Context, request: IntegrationRequest) -> Answer:
    """Begin no run of an integration by itself until ResumeIntegration; one that is under way goes
    on, and StartIntegrationRun still begins one.

    BadRequest when nothing can be pulled there: such a source sends by itself.
    """
    domain, found = _lock(context, request)
    if source_of(found.uri, found.flow) is None:
        raise BadRequest("Nothing can be pulled from this source: it sends by itself")
    members = {**found.members, PAUSED: True}
    return _put(context, domain, replace(found, members=members, next_run_at=None), "paused")


@operation("ResumeIntegration", route=Route("POST", f"{PATH}/resume", IntegrationRequest))
def resume_integration(context: Context, request: IntegrationRequest) -> Answer:
    """Let an integration run by itself again, as its flow says."""
    domain, found = _lock(context, request)
    due = found.next_run_at or polling.first_run(context, found.uri, found.flow)
    members = {name: value for name, value in found.members.items() if name != PAUSED}
    return _put(context, domain, replace(found, members=members, next_run_at=due), "resumed")


def _state(domain: domains.Domain, item: Integration, last: Run | None) -> dict[str, Any]:
    source = source_of(item.uri, item.flow, item.object_type)
    return {
        "DomainName": domain.name,
        "Uri": item.uri,
        "ObjectTypeName": item.object_type,
        "SourceKind": source.kind if source else None,
        "ConnectionName": source.connection if source else None,
        "SourceObject": _object_of(source) if source else None,
        "IsPaused": item.is_paused,
        "NextRunAt": item.next_run_at,
        "LastRun": last.as_answer(domain.name) if last else None,
    }


def _object_of(source: Source) -> str:
    """What is pulled: of buckets, bucket and prefix."""
    bucket = source.options.get("BucketName")
    return source.object_name if bucket is None else f"{bucket}/{source.object_name}"


def _lock(context: Context, request: IntegrationRequest) -> tuple[domains.Domain, Integration]:
    domain = domains.require_for_write(context, request["DomainName"])
    found = integrations.lock(context.transaction, domain.id, request["Uri"])
    if found is None:
        raise _missing(domain)
    return domain, found


def _put(context: Context, domain: domains.Domain, changed: Integration, what: str) -> Answer:
    """Store an integration that was paused or resumed; how it stands then."""
    changed = replace(changed, updated_at=context.now)
    integrations.upsert(context.transaction, domain.id, changed)
    entry = journal.Entry(kind=f"integration.{what}", subject=changed.uri)
    journal.append(context.transaction, domain.id, [entry], caller=context.caller, now=context.now)
    last = runs.list_last(context.transaction, domain.id, [changed.uri])
    return _state(domain, changed, last.get(changed.uri))


def _missing(domain: domains.Domain) -> ResourceNotFound:
    return ResourceNotFound(f"Domain {domain.name} has no integration with this Uri")


OPERATIONS: tuple[Operation, ...] = (
    list_integration_states,
    describe_integration,
    pause_integration,
    resume_integration,
)
