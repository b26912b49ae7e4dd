"""What PutIntegration does once it has a domain: rules, quota, one owner of each source."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.core.text import require_storable
from openprofiles.features import domains, object_types, tags
from openprofiles.features.context import Context
from openprofiles.features.integrations import flows, polling
from openprofiles.features.integrations import uri as uris
from openprofiles.features.integrations.integration import (
    DOMAIN,
    MEMBERS,
    PAUSED,
    UNSTRUCTURED,
    Integration,
)
from openprofiles.features.integrations.store import integrations, workflows
from openprofiles.storage import journal, locks

LONGEST_URI = 255


def put(
    context: Context, domain_name: str, request: Mapping[str, Any]
) -> tuple[domains.Domain, Integration]:
    """Make or change an integration as a request says; raises as PutIntegration does."""
    flow = request.get("FlowDefinition")
    if (flow is None) == (not request.get("Uri")):
        raise BadRequest("Either Uri or FlowDefinition must be given, and not both")
    require_storable("The integration", request)
    # Sources are counted and looked for in all domains of the account.
    locks.own_account(context.transaction, context.caller.account_id)
    domain = domains.require_for_write(context, domain_name)
    name = request.get("Uri") or require_new_flow(context, flow or {})
    require_object_types(context, domain, name, request)
    members = {member: request[member] for member in MEMBERS if request.get(member)}
    members["IsUnstructured"] = _is_unstructured(name, members, has_flow=flow is not None)
    known = integrations.lock(context.transaction, domain.id, name)
    if known is not None:
        return domain, _change(context, domain, known, members)
    return domain, make(
        context, domain, uri=name, members=members, flow=flow, given_tags=request.get("Tags")
    )


def make(
    context: Context,
    domain: domains.Domain,
    *,
    uri: str,
    members: Mapping[str, Any],
    flow: Mapping[str, Any] | None,
    given_tags: Mapping[str, str] | None,
    bookmark: Mapping[str, Any] | None = None,
) -> Integration:
    """Add an integration that is not there; the caller holds the account's lock.

    BadRequest when another domain has it, or this one has too many.
    """
    _require_free(context, uri)
    most = context.settings.integrations_per_domain
    if integrations.count(context.transaction, domain.id) >= most:
        raise BadRequest(f"The domain has {most} integrations, the most that are allowed")
    made = Integration(
        uri=uri,
        members=members,
        flow=flow,
        bookmark=bookmark,
        next_run_at=polling.first_run(context, uri, flow),
        created_at=context.now,
        updated_at=context.now,
    )
    integrations.upsert(context.transaction, domain.id, made)
    tags.replace(context, domain.id, made.resource, given_tags)
    _note(context, domain, "integration.created", uri)
    return made


def require_new_flow(context: Context, flow: Mapping[str, Any]) -> str:
    """The Uri that a FlowDefinition gets; BadRequest when it breaks a rule or its name is taken."""
    flows.require_valid(flow)
    caller, name = context.caller, flow["FlowName"]
    made = uris.uri_of_flow(name, region=caller.region, account_id=caller.account_id)
    if len(made) > LONGEST_URI:
        raise BadRequest("FlowDefinition.FlowName is too long to be part of a Uri")
    is_taken = integrations.list_of_account(
        context.transaction, caller.account_id, made, after="", limit=1
    ) or workflows.has_unfinished(context.transaction, caller.account_id, made)
    if is_taken:
        raise BadRequest(f"Flow with name {name} already exists.")
    return made


def require_object_types(
    context: Context, domain: domains.Domain, name: str, request: Mapping[str, Any]
) -> None:
    """Pass when a request says which types records have, and they are there."""
    single = request.get("ObjectTypeName")
    by_event = request.get("ObjectTypeNames") or {}
    if uris.form_of(name).kind == "campaigns" or request.get("Scope") == DOMAIN:
        return
    if not single and not by_event:
        raise BadRequest("Either ObjectTypeName or ObjectTypeNames must be given")
    for object_type in {single, *by_event.values()} - {None, UNSTRUCTURED}:
        object_types.require_mapping(context, domain, object_type)


def _change(
    context: Context, domain: domains.Domain, known: Integration, members: Mapping[str, Any]
) -> Integration:
    kept = {name: known.members[name] for name in ("WorkflowId", PAUSED) if name in known.members}
    due = known.next_run_at
    if due is None and not known.is_paused:
        due = polling.first_run(context, known.uri, known.flow)
    changed = replace(known, members={**members, **kept}, next_run_at=due, updated_at=context.now)
    integrations.upsert(context.transaction, domain.id, changed)
    _note(context, domain, "integration.changed", known.uri)
    return changed


def _require_free(context: Context, name: str) -> None:
    """An integration belongs to one domain only [M]."""
    others = integrations.list_of_account(
        context.transaction, context.caller.account_id, name, after="", limit=1
    )
    if others:
        raise BadRequest("An integration with this Uri belongs to another domain")


def _is_unstructured(name: str, members: Mapping[str, Any], *, has_flow: bool) -> bool:
    """Whether records are kept as they come: the flow was made elsewhere, or the type says so."""
    if members.get("ObjectTypeName") == UNSTRUCTURED:
        return True
    return uris.form_of(name).kind == "flow" and not has_flow


def _note(context: Context, domain: domains.Domain, kind: str, subject: str) -> None:
    entry = journal.Entry(kind=kind, subject=subject)
    journal.append(context.transaction, domain.id, [entry], caller=context.caller, now=context.now)
