"""Rows of runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.core.ids import Id
from openprofiles.features.integrations.run import Part, Plan, Run, Status
from openprofiles.storage.database import Row, Transaction

_COLUMNS = """
    run_id, uri, workflow_id, cause, status, plan, runner, attempts, position, counts, bookmark,
    part, message, is_stopping, created_at, starts_at, began_at, updated_at, ended_at
"""


def insert(transaction: Transaction, domain_id: int, run: Run) -> None:
    """Add a run."""
    transaction.send(
        f"""
        insert into integration_runs (domain_id, {_COLUMNS})
        values (%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s::jsonb, %s::jsonb, %s::jsonb,
            %s, %s, %s, %s, %s, %s, %s)
        """,
        [domain_id, *_values(run)],
    )


def update(transaction: Transaction, domain_id: int, run: Run) -> None:
    """Write what changes of a run."""
    transaction.send(
        """
        update integration_runs set (
            status, plan, runner, attempts, position, counts, bookmark, part, message, is_stopping,
            starts_at, began_at, updated_at, ended_at
        ) = (%s, %s::jsonb, %s, %s, %s, %s::jsonb, %s::jsonb, %s::jsonb, %s, %s, %s, %s, %s, %s)
        where domain_id = %s and run_id = %s
        """,
        [*_values(run)[4:14], run.starts_at, *_values(run)[16:], domain_id, run.id],
    )


def find(transaction: Transaction, domain_id: int, run_id: Id) -> Run | None:
    """A run, None when there is none."""
    row = transaction.row(
        f"select {_COLUMNS} from integration_runs where domain_id = %s and run_id = %s",
        [domain_id, run_id],
    )
    return _run(row) if row else None


def lock(transaction: Transaction, domain_id: int, run_id: Id) -> Run | None:
    """A run, which nobody else changes until this transaction ends; None when there is none."""
    row = transaction.row(
        f"select {_COLUMNS} from integration_runs where domain_id = %s and run_id = %s for update",
        [domain_id, run_id],
    )
    return _run(row) if row else None


def find_unfinished(transaction: Transaction, domain_id: int, uri: str) -> Run | None:
    """The run of an integration that waits or is under way, None when there is none."""
    row = transaction.row(
        f"""
        select {_COLUMNS} from integration_runs
        where domain_id = %s and uri = %s and ended_at is null order by run_id limit 1
        """,
        [domain_id, uri],
    )
    return _run(row) if row else None


def list_page(
    transaction: Transaction, domain_id: int, *, uri: str | None, before: Id, limit: int
) -> list[Run]:
    """Up to `limit` runs of a domain, or of one of its integrations, the newest first, those that
    are older than `before`.
    """
    rows = transaction.rows(
        f"""
        select {_COLUMNS} from integration_runs
        where domain_id = %s and (%s::text is null or uri = %s) and run_id < %s::uuid
        order by run_id desc limit %s
        """,
        [domain_id, uri, uri, before, limit],
    )
    return [_run(row) for row in rows]


def list_last(transaction: Transaction, domain_id: int, uris: Sequence[str]) -> dict[str, Run]:
    """The last run of each of these integrations, by Uri; those without one are left out."""
    rows = transaction.rows(
        f"""
        select distinct on (uri) {_COLUMNS} from integration_runs
        where domain_id = %s and uri = any(%s) order by uri, run_id desc
        """,
        [domain_id, list(uris)],
    )
    return {run.uri: run for run in map(_run, rows)}


def list_of_workflow(
    transaction: Transaction, domain_id: int, workflow_id: Id, *, after: Id, limit: int
) -> list[Run]:
    """Up to `limit` steps of a workflow in the order they are done, those after `after`."""
    rows = transaction.rows(
        f"""
        select {_COLUMNS} from integration_runs
        where domain_id = %s and workflow_id = %s and run_id > %s::uuid order by run_id limit %s
        """,
        [domain_id, workflow_id, after, limit],
    )
    return [_run(row) for row in rows]


def list_due(transaction: Transaction, *, now: datetime, limit: int) -> list[Row]:
    """Runs of all accounts that should be under way: (account, domain's name, run's id, Uri).

    Those that were begun least often come first, so that one that fails holds up no other. Of a
    workflow's steps and an integration's runs only the first that has not ended is due.
    """
    return transaction.rows(
        """
        select domains.account_id, domains.name, run.run_id, run.uri
        from integration_runs as run join domains using (domain_id)
        where run.ended_at is null and run.starts_at <= %s and not exists (
            select from integration_runs as earlier
            where earlier.domain_id = run.domain_id and earlier.uri = run.uri
                and earlier.run_id < run.run_id and earlier.ended_at is null
        )
        order by run.attempts, run.starts_at, run.run_id limit %s
        """,
        [now, limit],
    )


def cancel(
    transaction: Transaction, domain_id: int, workflow_id: Id, *, message: str, now: datetime
) -> None:
    """End the steps of a workflow that have not ended."""
    transaction.send(
        """
        update integration_runs
        set status = %s, message = %s, updated_at = %s, ended_at = %s
        where domain_id = %s and workflow_id = %s and ended_at is null
        """,
        [Status.CANCELLED.value, message, now, now, domain_id, workflow_id],
    )


def delete_of_integration(transaction: Transaction, domain_id: int, uri: str) -> None:
    """Remove the runs of an integration; one that is under way is refused its next page."""
    transaction.send(
        "delete from integration_runs where domain_id = %s and uri = %s", [domain_id, uri]
    )


def delete_of_workflow(transaction: Transaction, domain_id: int, workflow_id: Id) -> None:
    """Remove the steps of a workflow."""
    transaction.send(
        "delete from integration_runs where domain_id = %s and workflow_id = %s",
        [domain_id, workflow_id],
    )


def forget_empty(transaction: Transaction, domain_id: int, run: Run) -> None:
    """Remove the record of the run before this one if it, too, was scheduled and found nothing."""
    transaction.send(
        """
        delete from integration_runs
        where domain_id = %(domain)s and cause = 'schedule' and status = 'COMPLETE'
            and position = 0 and run_id = (
                select run_id from integration_runs
                where domain_id = %(domain)s and uri = %(uri)s and run_id < %(run)s::uuid
                order by run_id desc limit 1
            )
        """,
        {"domain": domain_id, "uri": run.uri, "run": run.id},
    )


def delete_old(transaction: Transaction, *, before: datetime, limit: int) -> int:
    """Remove up to `limit` runs of all domains that ended before a moment and are no steps; how
    many.
    """
    return transaction.send(
        """
        delete from integration_runs where (domain_id, run_id) in (
            select domain_id, run_id from integration_runs
            where ended_at < %s and workflow_id is null limit %s
        )
        """,
        [before, limit],
    ).count


def _values(run: Run) -> list[Any]:
    return [
        run.id,
        run.uri,
        run.workflow_id,
        run.cause,
        run.status.value,
        _json(run.plan),
        run.runner,
        run.attempts,
        run.position,
        _json(run.counts),
        None if run.bookmark is None else _json(run.bookmark),
        None if run.part is None else _json(run.part),
        run.message,
        run.is_stopping,
        run.created_at,
        run.starts_at,
        run.began_at,
        run.updated_at,
        run.ended_at,
    ]


def _run(row: Row) -> Run:
    run_id, uri, workflow_id, cause, status, plan, runner, attempts, position, *others = row
    counts, bookmark, part, message, is_stopping, *moments = others
    created_at, starts_at, began_at, updated_at, ended_at = moments
    return Run(
        id=run_id,
        uri=uri,
        workflow_id=workflow_id,
        cause=cause,
        status=Status(status),
        plan=msgspec.convert(plan, Plan),
        runner=runner,
        attempts=attempts,
        position=position,
        counts=counts,
        bookmark=bookmark,
        part=None if part is None else msgspec.convert(part, Part),
        message=message,
        is_stopping=is_stopping,
        created_at=created_at,
        starts_at=starts_at,
        began_at=began_at,
        updated_at=updated_at,
        ended_at=ended_at,
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
