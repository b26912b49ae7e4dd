"""Sends letters to dead-letter queues until none is left that can be sent now.

A letter goes once the queue has it: a worker that dies in between sends it again, as SQS itself
may deliver a message twice.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.operation import Caller, Invoke
from openprofiles.features.rejections.store.letters import Letter
from openprofiles.storage.queues import (
    MOST_BYTES,
    Message,
    MessagesRefused,
    Queues,
    QueueUnavailable,
    together,
)

TOO_LARGE = "The object is larger than a queue takes"
_LOCK = "openprofiles dead letters"

Hold = Callable[[str], AbstractContextManager[bool]]
"""Holds what is called so for as long as the process lives; False when another one does."""


@dataclass(slots=True)
class Sent:
    """What a pass has done."""

    sent: int = 0
    refused: int = 0
    failed_queues: int = 0


@dataclass(slots=True)
class _Settled:
    """What became of the letters of one batch."""

    sent: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    problem: str | None = None


def send_letters(
    invoke: Invoke,
    caller: Caller,
    queues: Queues,
    hold: Hold,
    *,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Sent:
    """Send what waits, of all domains of all accounts; nothing when another process does."""
    done = Sent()
    with hold(_LOCK) as is_held:
        place: dict[str, Any] = {"After": 0, "AfterLetter": None}
        while is_held and not is_stopping():
            batch = invoke("ReadDeadLetters", place, caller)
            if batch["After"] is None:
                break
            place = {name: batch[name] for name in place}
            if batch["Letters"]:
                _send_batch(invoke, caller, queues, batch, done)
    return done


def _send_batch(
    invoke: Invoke, caller: Caller, queues: Queues, batch: Mapping[str, Any], done: Sent
) -> None:
    settled = _Settled()
    name, url = batch["DomainName"], batch["QueueUrl"]
    messages = []
    for letter in batch["Letters"]:
        message = _message(name, letter)
        if message.size > MOST_BYTES:
            settled.refused[letter.id] = TOO_LARGE
        else:
            messages.append(message)
    for request in together(messages):
        try:
            _send(queues, url, name, request, settled)
        except QueueUnavailable as error:
            settled.problem = str(error)
        if settled.problem is not None:
            break
    done.sent += len(settled.sent)
    done.refused += len(settled.refused)
    done.failed_queues += settled.problem is not None
    answer = {
        "DomainName": name,
        "Sent": settled.sent,
        "Refused": settled.refused,
        "QueueProblem": settled.problem,
    }
    try:
        invoke("SettleDeadLetters", answer, replace(caller, account_id=batch["AccountId"]))
    except ResourceNotFound:
        # The domain was deleted meanwhile, and its letters go with it.
        return


def _send(queues: Queues, url: str, group: str, messages: list[Message], settled: _Settled) -> None:
    """Send messages, each alone if the queue says no to some of them. Raises QueueUnavailable."""
    try:
        failures = queues.send(url, group, messages)
    except MessagesRefused as error:
        if len(messages) == 1:
            settled.refused[messages[0].id] = str(error)
            return
        for message in messages:
            _send(queues, url, group, [message], settled)
        return
    for message in messages:
        failure = failures.get(message.id)
        if failure is None:
            settled.sent.append(message.id)
        elif failure.is_refused:
            settled.refused[message.id] = failure.problem
        else:
            settled.problem = failure.problem


def _message(domain_name: str, letter: Letter) -> Message:
    """A letter in the form that consumers of AWS's read."""
    return Message(
        letter.id,
        letter.document,
        {
            "Message": letter.reason,
            "DomainName": domain_name,
            "ObjectTypeName": letter.object_type,
        },
    )
