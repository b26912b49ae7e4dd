"""Rejected objects on their way to a domain's dead-letter queue (core reference §9.4).

They are written down in the transaction that rejects (profiles), and sent later by the job worker:
so none is lost while the queue is down, and no caller waits for it.
"""

from datetime import timedelta
from typing import TypedDict

from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.features import domains
from openprofiles.features.context import Context, DomainChange
from openprofiles.features.rejections.store import letters
from openprofiles.storage import locks
from openprofiles.storage.encryption import is_usable

LETTERS_AT_ONCE = 50
MOST_ATTEMPTS = 5
FIRST_WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 300.0

_QUEUE = "/domains/{DomainName}/dead-letter-queue"


class QueueRequest(TypedDict):
    """The domain whose queue it is."""

    DomainName: DomainName


class ReadLettersRequest(TypedDict):
    """Where the sender stands: behind domain `After`, or within the one behind it, behind
    `AfterLetter`.
    """

    After: int
    AfterLetter: str | None


class SettleLettersRequest(TypedDict):
    """What became of letters; `QueueProblem` is why the queue took no more, if so."""

    DomainName: str
    Sent: list[str]
    Refused: dict[str, str]
    QueueProblem: str | None


@operation("GetDeadLetterQueue", reads_only=True, route=Route("GET", _QUEUE, QueueRequest))
def get_dead_letter_queue(context: Context, request: QueueRequest) -> Answer:
    """How many rejected objects wait to be sent to the queue and since when, how many it refused
    for good, and whether it takes any at the moment.
    """
    domain = domains.require(context, request["DomainName"])
    backlog = letters.count(context.transaction, domain.id)
    failures, problem, retry_at = letters.find_queue(context.transaction, domain.id) or (
        0,
        None,
        None,
    )
    return {
        "DeadLetterQueueUrl": domain.configuration.get("DeadLetterQueueUrl"),
        "Waiting": backlog.waiting,
        "OldestRejectedAt": backlog.oldest_at,
        "GivenUp": backlog.given_up,
        "Failures": failures,
        "Problem": problem,
        "RetryAt": retry_at,
    }


@operation("RetryDeadLetters", route=Route("POST", f"{_QUEUE}/retry", QueueRequest))
def retry_dead_letters(context: Context, request: QueueRequest) -> Answer:
    """Have all that waits, and what was given up, sent at the next opportunity; how many were
    given up.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    letters.forget_queue(context.transaction, domain.id)
    return {"TakenUp": letters.take_up(context.transaction, domain.id)}


@operation("CountDeadLetters", reads_only=True)
def count_dead_letters(context: Context, _: object) -> Answer:
    """How many letters of all domains wait, for how many seconds the oldest, how many were given
    up.
    """
    backlog = letters.count_all(context.transaction)
    age = (context.now - backlog.oldest_at).total_seconds() if backlog.oldest_at else 0.0
    return {"Waiting": backlog.waiting, "OldestSeconds": max(0.0, age), "GivenUp": backlog.given_up}


@operation("ReadDeadLetters")
def read_dead_letters(context: Context, request: ReadLettersRequest) -> Answer:
    """The next letters to send, of one domain: its queue, and its name and account. `After` is
    None when no domain has any that can be sent now.

    Letters of a domain that has no queue any more are removed.
    """
    found = letters.find_domain(context.transaction, after=request["After"], now=context.now)
    if found is None:
        return {"After": None}
    domain_id, account_id, name, configuration = found
    # Neither encrypted nor decrypted until this transaction ends: what is sent is what was given.
    locks.share_domain(context.transaction, account_id, name)
    if not is_usable(context.transaction, domain_id):
        return {"After": domain_id, "AfterLetter": None, "Letters": []}
    waiting = letters.list_waiting(
        context.transaction, domain_id, after=request["AfterLetter"], limit=LETTERS_AT_ONCE
    )
    url = configuration.get("DeadLetterQueueUrl")
    if url is None:
        letters.delete(context.transaction, domain_id, [letter.id for letter in waiting])
    is_done = len(waiting) < LETTERS_AT_ONCE
    return {
        # The same domain again, behind the last of these letters, or the next one.
        "After": domain_id if is_done else domain_id - 1,
        "AfterLetter": None if is_done else waiting[-1].id,
        "AccountId": account_id,
        "DomainName": name,
        "QueueUrl": url,
        "Letters": waiting if url is not None else [],
    }


@operation("SettleDeadLetters")
def settle_dead_letters(context: Context, request: SettleLettersRequest) -> Answer:
    """Note what became of letters: sent ones go, refused ones are given up after five times, and a
    queue that failed is left alone for a while, longer each time, up to five minutes.
    """
    transaction = context.transaction
    domain = domains.require_for_write(context, request["DomainName"])
    letters.delete(transaction, domain.id, request["Sent"])
    letters.note_refused(transaction, domain.id, request["Refused"], most_attempts=MOST_ATTEMPTS)
    known = letters.find_queue(transaction, domain.id)
    problem = request["QueueProblem"]
    if problem is not None:
        failures = 1 + (known[0] if known and not request["Sent"] else 0)
        wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(failures - 1, 10))
        retry_at = context.now + timedelta(seconds=wait)
        letters.note_queue(
            transaction, domain.id, failures=failures, problem=problem, retry_at=retry_at
        )
    elif known is not None:
        letters.forget_queue(transaction, domain.id)
    return {}


def follow_domain(context: Context, change: DomainChange) -> None:
    """Another queue is tried at once."""
    before, after = (block.get("DeadLetterQueueUrl") for block in (change.before, change.after))
    if change.before and before != after:
        letters.forget_queue(context.transaction, change.domain_id)


OPERATIONS: tuple[Operation, ...] = (
    get_dead_letter_queue,
    retry_dead_letters,
    count_dead_letters,
    read_dead_letters,
    settle_dead_letters,
)
