"""Sweeps until nothing is left to remove."""

from collections.abc import Callable
from dataclasses import dataclass

from openprofiles.core.operation import Caller, Invoke


@dataclass(slots=True)
class Swept:
    """What a sweep has removed: expired objects and profiles, records of the history, and rows of
    deleted domains.
    """

    objects: int = 0
    profiles: int = 0
    records: int = 0
    rows: int = 0


def sweep(
    invoke: Invoke,
    caller: Caller,
    *,
    watch: Callable[[Swept], None] = lambda _: None,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Swept:
    """Remove what has expired in all domains of all accounts, batch by batch.

    `watch` hears of each batch; `is_stopping` ends the sweep after the batch at hand, and the next
    sweep finds what is left.
    """
    swept = Swept()
    sweep_expired(invoke, caller, swept, watch=watch, is_stopping=is_stopping)
    purge_history(invoke, caller, swept, watch=watch, is_stopping=is_stopping)
    purge_deleted(invoke, caller, swept, watch=watch, is_stopping=is_stopping)
    return swept


def sweep_expired(
    invoke: Invoke,
    caller: Caller,
    swept: Swept,
    *,
    watch: Callable[[Swept], None],
    is_stopping: Callable[[], bool],
) -> None:
    """Remove expired objects and profiles, adding to `swept`."""
    after: int | None = 0
    while after is not None and not is_stopping():
        batch = invoke("Sweep", {"After": after}, caller)
        swept.objects += batch["Objects"]
        swept.profiles += batch["Profiles"]
        after = batch["After"]
        watch(swept)


def purge_history(
    invoke: Invoke,
    caller: Caller,
    swept: Swept,
    *,
    watch: Callable[[Swept], None],
    is_stopping: Callable[[], bool],
) -> None:
    """Remove the history whose time is over, adding to `swept`."""
    after: int | None = 0
    while after is not None and not is_stopping():
        batch = invoke("PurgeHistory", {"After": after}, caller)
        swept.records += batch["Records"]
        after = batch["After"]
        watch(swept)


def purge_deleted(
    invoke: Invoke,
    caller: Caller,
    swept: Swept,
    *,
    watch: Callable[[Swept], None],
    is_stopping: Callable[[], bool],
) -> None:
    """Remove the rows of deleted domains, adding to `swept`."""
    is_done = False
    while not is_done and not is_stopping():
        batch = invoke("PurgeDeletedDomains", {}, caller)
        swept.rows += batch["Rows"]
        is_done = batch["IsDone"]
        watch(swept)
