"""The one way in: an operation by name, in one transaction."""

import logging
from typing import Any

from openprofiles.core.clock import Clock, system_clock
from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Call, Caller, Invoke, Operation, Parameters
from openprofiles.core.settings import Settings
from openprofiles.features import (
    domains,
    events,
    expiry,
    history,
    integrations,
    matching,
    object_types,
    profiles,
    rejections,
    replays,
    rules,
    tags,
    transfers,
)
from openprofiles.features.context import Context, DomainFollower, Follower
from openprofiles.features.gaps import find_capability
from openprofiles.features.gathering import Gathering
from openprofiles.storage.database import Database, Transaction

OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for room in (
        tags,
        domains,
        object_types,
        profiles,
        history,
        rules,
        matching,
        expiry,
        transfers,
        integrations,
        rejections,
        replays,
        events,
    )
    for operation in room.OPERATIONS
}

FOLLOWERS: tuple[Follower, ...] = (rules.follow_profiles, *matching.FOLLOWERS)
"""Who keeps what follows from profiles."""

DOMAIN_FOLLOWERS: tuple[DomainFollower, ...] = (
    rules.follow_domain,
    rejections.follow_domain,
    *matching.DOMAIN_FOLLOWERS,
)
"""Who acts on the configuration of domains."""

logger = logging.getLogger(__name__)


def invoker(database: Database, settings: Settings, clock: Clock = system_clock) -> Invoke:
    """The function that answers operations on `database`."""
    gathering = Gathering()

    def run(operation: Operation, request: Any, caller: Caller) -> Any:
        afterwards: list[tuple[str, Parameters]] = []

        def work(transaction: Transaction) -> Any:
            context = Context(
                transaction=transaction,
                caller=caller,
                settings=settings,
                now=clock(),
                followers=FOLLOWERS,
                domain_followers=DOMAIN_FOLLOWERS,
            )
            answer = operation(context, request)
            afterwards[:] = context.afterwards
            return answer

        answer = database.run(work, reads_only=operation.reads_only, is_bulk=operation.is_bulk)
        for name, parameters in afterwards:
            follow_up(name, parameters, caller)
        return answer

    def follow_up(name: str, parameters: Parameters, caller: Caller) -> None:
        try:
            run(require_operation(name), parameters, caller)
        except Exception as error:  # noqa: BLE001 (see below)
            # What was asked for is done and stays; the note that came with it is worked off later.
            logger.error(
                "A follow-up failed, to be done later",
                extra={"operation": name, "error": type(error).__qualname__},
            )

    def invoke(name: str, parameters: Parameters, caller: Caller) -> Answer:
        operation = require_operation(name)
        if operation.group is None:
            answer: Answer = run(operation, parameters, caller)
        else:
            group = (name, caller.account_id, operation.group(parameters))
            answer = gathering.do(
                group,
                Call(parameters, caller),
                lambda calls: run(operation, calls, calls[0].caller),
            )
        return answer

    return invoke


def require_operation(name: str) -> Operation:
    """The operation called `name`; BadRequest when this version does not offer it."""
    operation = OPERATIONS.get(name)
    if operation is None:
        capability = find_capability(name) or "an operation that this version does not know"
        raise BadRequest(f"This version of openprofiles does not offer {name} ({capability})")
    return operation
