"""Operations on events, beyond the AWS API: name who sends, and take what is sent."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from openprofiles.core.errors import AccessDenied, BadRequest, InternalServer, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.features import domains, integrations, object_types, profiles
from openprofiles.features.context import Context
from openprofiles.features.events import store
from openprofiles.features.events.event import Event, UnreadableEvent
from openprofiles.features.events.senders import HEADERS
from openprofiles.features.events.source import EventSource, seal
from openprofiles.storage.sealing import Unsealable

SOURCES_PER_DOMAIN = 100
REMEMBERED_DAYS = 7
FORGOTTEN_AT_ONCE = 10_000
CLOCKS_DIFFER = timedelta(minutes=15)

_SOURCES = "/domains/{DomainName}/event-sources"
_ONE = f"{_SOURCES}/{{EventSourceName}}"

EventSourceName = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[a-zA-Z0-9._-]+\Z")]
Secret = Annotated[str, Meta(min_length=8, max_length=1024)]


class PutEventSourceRequest(TypedDict):
    """`Secrets` are those that the sender may sign with: several while one is replaced."""

    DomainName: DomainName
    EventSourceName: EventSourceName
    Kind: Literal["shopify", "segment", "eventbridge"]
    Secrets: Annotated[list[Secret], Meta(min_length=1, max_length=4)]


class EventSourceRequest(TypedDict):
    """One event source of a domain."""

    DomainName: DomainName
    EventSourceName: EventSourceName


class ListEventSourcesRequest(TypedDict):
    """The domain whose event sources they are."""

    DomainName: DomainName


class ReceiveEventRequest(TypedDict):
    """What a sender sent: the bytes that it signed, and the headers that say so."""

    DomainName: DomainName
    EventSourceName: EventSourceName
    Body: bytes
    Headers: dict[str, str]


@operation("PutEventSource", route=Route("POST", _ONE, PutEventSourceRequest))
def put_event_source(context: Context, request: PutEventSourceRequest) -> Answer:
    """Say who sends to the event integration of this name, and by which secrets that is proven;
    they are kept encrypted and never shown.
    """
    domain = domains.own(context, request["DomainName"])
    name = request["EventSourceName"]
    known = {source.name: source for source in store.list_all(context.transaction, domain.id)}
    if name not in known and len(known) >= SOURCES_PER_DOMAIN:
        raise BadRequest(f"The domain has {SOURCES_PER_DOMAIN} event sources, the most there are")
    source = EventSource(
        name=name,
        kind=request["Kind"],
        secret=seal(context.settings, domain.id, name, request["Secrets"]),
        created_at=known[name].created_at if name in known else context.now,
        updated_at=context.now,
    )
    store.upsert(context.transaction, domain.id, source)
    return source.as_response()


@operation(
    "ListEventSources", reads_only=True, route=Route("GET", _SOURCES, ListEventSourcesRequest)
)
def list_event_sources(context: Context, request: ListEventSourcesRequest) -> Answer:
    """The event sources of a domain, by name, without their secrets."""
    domain = domains.require(context, request["DomainName"])
    found = store.list_all(context.transaction, domain.id)
    return {"Items": [source.as_response() for source in found]}


@operation("DeleteEventSource", route=Route("DELETE", _ONE, EventSourceRequest))
def delete_event_source(context: Context, request: EventSourceRequest) -> Answer:
    """Take no events of a source any more; what it sent stays."""
    domain = domains.require_for_write(context, request["DomainName"])
    if not store.delete(context.transaction, domain.id, request["EventSourceName"]):
        raise _no_such_source(domain, request["EventSourceName"])
    return {"Message": "OK"}


@operation(
    "ReceiveEvent",
    route=Route(
        "POST", "/events/{DomainName}/{EventSourceName}", ReceiveEventRequest, headers=HEADERS
    ),
)
def receive_event(context: Context, request: ReceiveEventRequest) -> Answer:
    """Take an event of a webhook or of EventBridge: once answered, it is ingested or among the
    rejected objects. One that came before is `duplicate`, and changes nothing.

    AccessDenied when it is not signed with a secret of the source, or is too old.
    """
    domain = domains.require(context, request["DomainName"])
    source = store.find(context.transaction, domain.id, request["EventSourceName"])
    if source is None:
        raise _no_such_source(domain, request["EventSourceName"])
    _require_proof(context, domain, source, request)
    try:
        event = source.sender.read(request["Headers"], request["Body"])
    except UnreadableEvent as problem:
        raise BadRequest(str(problem)) from None
    _require_recent(context, event)
    domain = domains.require_for_write(context, domain.name)
    mapping = _require_mapping(context, domain, source, event)
    ids = event.delivery_ids(source.name)
    if not store.remember(context.transaction, domain.id, ids, context.now):
        return {"Result": "duplicate"}
    outcome = _ingest(context, domain, mapping, event, source)
    key = outcome.unique_key
    return {
        "Result": outcome.result,
        "Reason": outcome.reason,
        "ProfileId": outcome.profile_id,
        "ProfileObjectUniqueKey": None if key is None else profiles.key_as_text(key),
    }


@operation("ForgetEvents")
def forget_events(context: Context, _: object) -> Answer:
    """Forget a batch of events that came so long ago that they cannot come again; whether all
    are forgotten.
    """
    hours = max(REMEMBERED_DAYS * 24, context.settings.event_window_hours)
    before = context.now - timedelta(hours=hours) - CLOCKS_DIFFER
    count = store.forget(context.transaction, before=before, limit=FORGOTTEN_AT_ONCE)
    return {"Events": count, "IsDone": count < FORGOTTEN_AT_ONCE}


def _require_proof(
    context: Context,
    domain: domains.Domain,
    source: EventSource,
    request: ReceiveEventRequest,
) -> None:
    try:
        is_proven = source.is_proven(
            context.settings, domain.id, request["Headers"], request["Body"]
        )
    except Unsealable:
        # The sender tries again later; what to do about it is in the log of whoever runs this.
        raise InternalServer("The secrets of the event source cannot be read here") from None
    if not is_proven:
        raise AccessDenied(
            f"The event has no {source.sender.signature} that a secret of its source explains"
        )


def _require_recent(context: Context, event: Event) -> None:
    hours = context.settings.event_window_hours
    if event.sent_at is None or not hours:
        return
    age = context.now - event.sent_at
    if age > timedelta(hours=hours) + CLOCKS_DIFFER:
        raise AccessDenied(f"The event was sent more than {hours} hours ago")
    if -age > CLOCKS_DIFFER:
        raise AccessDenied("The event says that it was sent in the future")


def _require_mapping(
    context: Context, domain: domains.Domain, source: EventSource, event: Event
) -> object_types.Mapping:
    """The mapping of the type that takes the event; what none takes is not acknowledged."""
    integration = integrations.find_event_integration(context.transaction, domain.id, source.name)
    if integration is None:
        raise ResourceNotFound(
            f"Domain {domain.name} has no integration with event integration {source.name}"
        )
    types = integration.members.get("ObjectTypeNames") or {}
    name = types.get(event.type) or integration.members.get("ObjectTypeName")
    if name is None:
        raise BadRequest("The integration has no object type for events of this type")
    return object_types.require_mapping(context, domain, name)


def _ingest(
    context: Context,
    domain: domains.Domain,
    mapping: object_types.Mapping,
    event: Event,
    source: EventSource,
) -> profiles.Outcome:
    caller = replace(context.caller, principal=f"event source {source.name}")
    try:
        document = profiles.read_document(event.document, caller)
    except profiles.NotAnObject as problem:
        rejection = profiles.Rejection(event.document, str(problem), caller)
        profiles.keep_rejected(context, domain, mapping.name, [rejection])
        return profiles.Outcome("rejected", reason=str(problem))
    (outcome,) = profiles.ingest(context, domain, mapping, [document], keeps_refused=True)
    return outcome


def _no_such_source(domain: domains.Domain, name: str) -> ResourceNotFound:
    return ResourceNotFound(f"Event source {name} not found in domain {domain.name}")


OPERATIONS: tuple[Operation, ...] = (
    put_event_source,
    list_event_sources,
    delete_event_source,
    receive_event,
    forget_events,
)
