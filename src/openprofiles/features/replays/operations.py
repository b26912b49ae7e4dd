"""Operations on replays, beyond the AWS API: begin, look, stop, and do the next batch."""

from dataclasses import replace
from operator import attrgetter
from typing import Any, NotRequired, TypedDict

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound, ServiceError
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName, ObjectTypeName, PageSize, ProfileId, Token
from openprofiles.features import domains, object_types, profiles
from openprofiles.features.context import Context
from openprofiles.features.replays import store
from openprofiles.features.replays.counts import Counts

OBJECTS_AT_ONCE = 200
"""A batch is one transaction, and each key value of it a lock."""

_DEFAULT_PAGE = 100
_REPLAYS = "/domains/{DomainName}/replays"
_ONE = f"{_REPLAYS}/{{ReplayId}}"
_CHANGED = "The object type changed meanwhile: what is done is done by its former definition"

ReplayId = ProfileId
"""Replays have ids like profiles."""


class StartRequest(TypedDict):
    """The type whose objects are mapped once more; `DryRun` only says what would change."""

    DomainName: DomainName
    ObjectTypeName: ObjectTypeName
    DryRun: NotRequired[bool]


class OneRequest(TypedDict):
    """One replay of a domain."""

    DomainName: DomainName
    ReplayId: ReplayId


class ListRequest(TypedDict):
    """A page of the replays of a domain."""

    DomainName: DomainName
    MaxResults: NotRequired[PageSize]
    NextToken: NotRequired[Token]


@operation(
    "StartReplay",
    route=Route(
        "POST", "/domains/{DomainName}/object-types/{ObjectTypeName}/replays", StartRequest
    ),
)
def start_replay(context: Context, request: StartRequest) -> Answer:
    """Have the job worker map all stored objects of a type once more, or, with `DryRun`, only
    count what would change; one of the kind that has not ended goes on.

    BadRequest while one of the other kind has not ended.
    """
    domain = domains.own(context, request["DomainName"])
    name, is_dry_run = request["ObjectTypeName"], request.get("DryRun", False)
    object_types.require_mapping(context, domain, name)
    version = object_types.find_version(context, domain, name)
    known = store.find_unfinished(context.transaction, domain.id, name)
    if known is not None and known.type_version == version:
        if known.is_dry_run != is_dry_run:
            raise BadRequest(f"Replay {known.id} of this object type has not ended: stop it first")
        return known.as_response()
    if known is not None:
        _end(context, domain, known, "FAILED", _CHANGED)
    begun = store.Replay(
        id=context.ordered_id(),
        object_type=name,
        type_version=version,
        is_dry_run=is_dry_run,
        status="RUNNING",
        message=None,
        position=b"",
        total=0,
        counts=Counts(),
        started_at=context.now,
        updated_at=context.now,
        ended_at=None,
    )
    store.insert(context.transaction, domain.id, begun)
    return begun.as_response()


@operation("GetReplay", reads_only=True, route=Route("GET", _ONE, OneRequest))
def get_replay(context: Context, request: OneRequest) -> Answer:
    """How far a replay is, and what it changes: numbers of objects, fields, keys and profiles, the
    reasons of objects that stay as they are because they would be rejected, and examples.
    """
    domain = domains.require(context, request["DomainName"])
    return _show(context, domain, request["ReplayId"])


@operation("ListReplays", reads_only=True, route=Route("GET", _REPLAYS, ListRequest))
def list_replays(context: Context, request: ListRequest) -> Answer:
    """The replays of a domain, the newest first."""
    domain = domains.require(context, request["DomainName"])
    scope = ("ListReplays", domain.id)
    before = paging.decode_id(scope, request.get("NextToken"), context.now)
    size = request.get("MaxResults", _DEFAULT_PAGE)
    found = store.list_page(context.transaction, domain.id, before=before, limit=size + 1)
    page, token = paging.cut(scope, found, size, context.now, cursor_of=attrgetter("id"))
    return {"Items": [item.as_response() for item in page], "NextToken": token}


@operation("StopReplay", route=Route("POST", f"{_ONE}/stop", OneRequest))
def stop_replay(context: Context, request: OneRequest) -> Answer:
    """End a replay after the batch at hand; what it has done stays."""
    domain = domains.require_for_write(context, request["DomainName"])
    running = store.lock(context.transaction, domain.id, request["ReplayId"])
    if running is not None:
        _end(context, domain, running, "STOPPED", None)
    return _show(context, domain, request["ReplayId"])


@operation("ListDueReplays", reads_only=True)
def list_due_replays(context: Context, _: object) -> Answer:
    """The replays of all accounts that have not ended."""
    return {
        "Replays": [
            {"AccountId": account_id, "DomainName": name, "ReplayId": replay_id}
            for account_id, name, replay_id in store.list_due(context.transaction)
        ]
    }


@operation("ContinueReplay")
def continue_replay(context: Context, request: OneRequest) -> Answer:
    """Do the next batch of a replay; the replay after it.

    Where it stands is stored with the batch: killed at any moment, it goes on where it was.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    running = store.lock(context.transaction, domain.id, request["ReplayId"])
    if running is None:
        return _show(context, domain, request["ReplayId"])
    try:
        mapping = object_types.require_mapping(context, domain, running.object_type)
    except ServiceError as error:
        return _end(context, domain, running, "FAILED", error.message)
    version = object_types.find_version(context, domain, running.object_type)
    if version != running.type_version:
        return _end(context, domain, running, "FAILED", _CHANGED)
    stored = profiles.list_stored(
        context.transaction,
        domain.id,
        running.object_type,
        after=running.position,
        # What was put since has been mapped as the type is now.
        written_before=running.id,
        limit=OBJECTS_AT_ONCE,
    )
    if not stored:
        return _end(context, domain, running, "COMPLETED", None)
    writes = not running.is_dry_run
    total = running.total
    if not running.position:
        # Counted here, since to begin a replay is to have the domain alone.
        total = profiles.count_stored(context.transaction, domain.id, running.object_type)
    batch = profiles.replay(context, domain, mapping, stored, writes=writes)
    running.counts.add(batch, writes=writes)
    after = replace(running, position=batch[-1].unique_key, total=total, updated_at=context.now)
    store.advance(context.transaction, domain.id, after)
    return after.as_response()


def _end(
    context: Context,
    domain: domains.Domain,
    running: store.Replay,
    status: str,
    message: str | None,
) -> dict[str, Any]:
    store.end(
        context.transaction,
        domain.id,
        running.id,
        status=status,
        message=message,
        now=context.now,
    )
    return replace(
        running, status=status, message=message, updated_at=context.now, ended_at=context.now
    ).as_response()


def _show(context: Context, domain: domains.Domain, replay_id: str) -> dict[str, Any]:
    found = store.find(context.transaction, domain.id, replay_id)
    if found is None:
        raise ResourceNotFound(f"Replay {replay_id} not found in domain {domain.name}")
    return found.as_response()


OPERATIONS: tuple[Operation, ...] = (
    start_replay,
    get_replay,
    list_replays,
    stop_replay,
    list_due_replays,
    continue_replay,
)
