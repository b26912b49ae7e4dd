"""Fills the index of a domain whose Matching was enabled after its profiles came, and empties it
when it is disabled: in batches, each an operation of its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from openprofiles.core.operation import Answer, Caller, Invoke, Operation, operation
from openprofiles.features.context import Context, DomainChange
from openprofiles.features.matching.online import store
from openprofiles.storage import locks
from openprofiles.storage.encryption import is_usable

PROFILES_AT_ONCE = 1000
ROWS_AT_ONCE = 20_000


def follow_domain(context: Context, change: DomainChange) -> None:
    """Note what is to be done when a domain's Matching is switched on or off."""
    was, is_enabled = (_is_enabled(block) for block in (change.before, change.after))
    if is_enabled and not was and change.before:
        # An index that is still being emptied of what it had before is emptied first: nobody kept
        # it in step meanwhile.
        store.note_work(context.transaction, change.domain_id, fills=True)
    elif was and not is_enabled:
        store.note_work(context.transaction, change.domain_id, fills=False)
    elif is_enabled and change.before and _is_hidden_otherwise(change):
        # What profiles may share is stored in another way: all of it is made anew.
        store.note_work(context.transaction, change.domain_id, fills=False)
        store.note_work(context.transaction, change.domain_id, fills=True)


def _is_hidden_otherwise(change: DomainChange) -> bool:
    """Whether the domain got a key, or lost it."""
    name = "DefaultEncryptionKey"
    return (name in change.before) != (name in change.after)


def _is_enabled(configuration: Mapping[str, Any]) -> bool:
    return bool((configuration.get("Matching") or {}).get("Enabled"))


def work_off(
    invoke: Invoke, caller: Caller, *, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Do all that is noted; how many batches that took."""
    batches = 0
    while not is_stopping() and invoke("WorkOnMatchIndex", {}, caller)["IsWorking"]:
        batches += 1
    return batches


@operation("WorkOnMatchIndex", is_bulk=True)
def work_on_index(context: Context, _: object) -> Answer:
    """Fill or empty the index of one domain by a batch; `IsWorking` is False when no domain needs
    it.
    """
    work = _lock_next(context)
    if work is None:
        return {"IsWorking": False}
    if work.empties:
        rows = store.delete_some(context.transaction, work.domain_id, limit=ROWS_AT_ONCE)
        if rows < ROWS_AT_ONCE:
            store.note_emptied(context.transaction, work)
    elif work.fills:
        _fill(context, work)
    else:
        store.forget_work(context.transaction, work)
    return {"IsWorking": True}


def _lock_next(context: Context) -> store.Work | None:
    """The next work on an index that can be done now. Its domain keeps its keys until this
    transaction ends, and its lock comes before that of the row, as it does for who switches
    Matching on or off.
    """
    transaction = context.transaction
    found = store.find_work(transaction, after=0)
    while found is not None:
        domain_id, account_id, name = found
        locks.share_domain(transaction, account_id, name)
        work = store.lock_work(transaction, domain_id)
        if work is not None and not (work.fills and not is_usable(transaction, domain_id)):
            return work
        found = store.find_work(transaction, after=domain_id)
    return None


def _fill(context: Context, work: store.Work) -> None:
    # Imported here: the engine takes half a second, and only domains with matching need it.
    from openprofiles.features.matching.online import indexing

    rows = store.lock_unindexed(
        context.transaction, work.domain_id, after=work.position, limit=PROFILES_AT_ONCE
    )
    indexing.index(context, work.domain_id, dict(rows))
    if len(rows) < PROFILES_AT_ONCE:
        store.forget_work(context.transaction, work)
    else:
        store.note_position(context.transaction, work, rows[-1][0])


OPERATIONS: tuple[Operation, ...] = (work_on_index,)
