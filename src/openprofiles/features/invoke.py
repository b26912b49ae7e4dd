"""The one way in: an operation by name, in one transaction."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from openprofiles.core.clock import Clock, system_clock
from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Call, Caller, Invoke, Operation, Parameters
from openprofiles.core.settings import Settings
from openprofiles.features import (
    access,
    auditing,
    authorizing,
    console_sessions,
    domains,
    encryption,
    erasure,
    events,
    expiry,
    history,
    insight,
    integrations,
    matching,
    object_types,
    profiles,
    rejections,
    replays,
    rules,
    service,
    tags,
    transfers,
    work,
)
from openprofiles.features.context import Context, DomainFollower, Follower
from openprofiles.features.gaps import find_capability
from openprofiles.features.gathering import Gathering
from openprofiles.storage.database import Database, Transaction
from openprofiles.storage.encryption import open_keyring

OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for room in (
        access,
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
        console_sessions,
        erasure,
        auditing,
        encryption,
        insight,
        work,
        service,
    )
    for operation in room.OPERATIONS
}

FOLLOWERS: tuple[Follower, ...] = (rules.follow_profiles, *matching.FOLLOWERS)
"""Who keeps what follows from profiles."""

DOMAIN_FOLLOWERS: tuple[DomainFollower, ...] = (
    # First: what the others write of the domain is sealed with its keys.
    encryption.follow_domain,
    rules.follow_domain,
    rejections.follow_domain,
    *matching.DOMAIN_FOLLOWERS,
)
"""Who acts on the configuration of domains."""

logger = logging.getLogger(__name__)


def invoker(database: Database, settings: Settings, clock: Clock = system_clock) -> Invoke:
    """The function that answers operations on `database`, when the caller's policies allow it."""
    gathering = Gathering()
    runner = _Runner(database, settings, clock)

    def invoke(name: str, parameters: Parameters, caller: Caller) -> Answer:
        if name not in OPERATIONS:
            runner.require_allowed(name, parameters, caller)
        operation = require_operation(name)
        if operation.group is None:
            answer: Answer = runner.run(operation, parameters, caller)
        else:
            group = (name, caller.account_id, operation.group(parameters))
            answer = gathering.do(
                group,
                Call(parameters, caller),
                lambda calls: runner.run(operation, calls, calls[0].caller),
            )
        return answer

    return invoke


class _Runner:
    """Runs operations, each in a transaction of its own."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._keyring = open_keyring(settings)

    def run(self, operation: Operation, request: Any, caller: Caller) -> Any:
        """The answer of an operation (of each call of one that is done together), and what it
        asks to be done afterwards.
        """
        afterwards: list[tuple[str, Parameters]] = []
        do = _do if operation.group is None else _do_together

        def work(transaction: Transaction) -> Any:
            transaction.keyring = self._keyring
            context = self._context_of(transaction, caller)
            answer = do(operation, context, request)
            afterwards[:] = context.afterwards
            return answer

        answer = self._database.run(
            work,
            reads_only=operation.reads_only,
            is_bulk=operation.is_bulk,
            sees_one_state=authorizing.depends_on_tags(caller, operation.name),
        )
        for name, parameters in afterwards:
            # What follows from what somebody was allowed to do needs no permission of its own.
            self._follow_up(name, parameters, replace(caller, policies=None))
        return answer

    def require_allowed(self, name: str, parameters: Parameters, caller: Caller) -> None:
        """AccessDenied unless the caller might do an operation that we do not offer."""
        if caller.policies is None:
            return
        self._database.run(
            lambda transaction: authorizing.require_allowed(
                self._context_of(transaction, caller), name, parameters
            ),
            reads_only=True,
        )

    def _context_of(self, transaction: Transaction, caller: Caller) -> Context:
        return Context(
            transaction=transaction,
            caller=caller,
            settings=self._settings,
            now=self._clock(),
            followers=FOLLOWERS,
            domain_followers=DOMAIN_FOLLOWERS,
        )

    def _follow_up(self, name: str, parameters: Parameters, caller: Caller) -> None:
        try:
            self.run(require_operation(name), parameters, caller)
        except Exception as error:  # noqa: BLE001 (see below)
            # What was asked for is done and stays; the note that came with it is worked off later.
            logger.error(
                "A follow-up failed, to be done later",
                extra={"operation": name, "error": type(error).__qualname__},
            )


def _do(operation: Operation, context: Context, request: Any) -> Any:
    """The answer of one call, if its caller may have it."""
    name = operation.name
    if not operation.reads_only:
        authorizing.lock_tags(context, [context.caller], name, request)
    authorizing.require_allowed(context, name, request)
    answer = operation(context, request)
    auditing.note(context, operation, request, answer, is_offered=name in authorizing.ACTIONS)
    return answer


class _OneByOne(Exception):
    """Calls that were to be done together may not: each has to get its own answer."""


def _do_together(operation: Operation, context: Context, calls: Sequence[Call]) -> Any:
    """The answers of several calls, if each one's caller may have it; else raises _OneByOne."""
    name = operation.name
    callers = [call.caller for call in calls]
    authorizing.lock_tags(context, callers, name, calls[0].parameters)
    refusals = [
        authorizing.find_refusal(context, call.caller, name, call.parameters) for call in calls
    ]
    if not any(refusals):
        return operation(context, calls)
    if len(calls) == 1:
        return refusals
    # An error of the others must not be an answer to those who are refused.
    raise _OneByOne


def require_operation(name: str) -> Operation:
    """The operation called `name`; BadRequest when this version does not offer it."""
    operation = OPERATIONS.get(name)
    if operation is None:
        capability = find_capability(name) or "an operation that this version does not know"
        raise BadRequest(f"This version of openprofiles does not offer {name} ({capability})")
    return operation
