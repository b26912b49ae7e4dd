"""Sweeps until nothing is left to remove."""

from collections.abc import Callable
from dataclasses import dataclass

from openprofiles.core.operation import Answer, Caller, Invoke


@dataclass(slots=True)
class Swept:
    """What a sweep has removed: expired objects and profiles, records of the history, rows of
    deleted domains, and entries of the audit.
    """

    objects: int = 0
    profiles: int = 0
    records: int = 0
    rows: int = 0
    entries: int = 0


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

    def domain_by_domain(operation: str, add: Callable[[Answer], None]) -> None:
        after: int | None = 0
        while after is not None and not is_stopping():
            batch = invoke(operation, {"After": after}, caller)
            add(batch)
            after = batch["After"]
            watch(swept)

    def until_done(operation: str, add: Callable[[Answer], None]) -> None:
        is_done = False
        while not is_done and not is_stopping():
            batch = invoke(operation, {}, caller)
            add(batch)
            is_done = batch["IsDone"]
            watch(swept)

    def add_expired(batch: Answer) -> None:
        swept.objects += batch["Objects"]
        swept.profiles += batch["Profiles"]

    def add_records(batch: Answer) -> None:
        swept.records += batch["Records"]

    def add_rows(batch: Answer) -> None:
        swept.rows += batch["Rows"]

    def add_entries(batch: Answer) -> None:
        swept.entries += batch["Entries"]

    domain_by_domain("Sweep", add_expired)
    domain_by_domain("PurgeHistory", add_records)
    until_done("PurgeDeletedDomains", add_rows)
    until_done("PurgeAudit", add_entries)
    return swept
