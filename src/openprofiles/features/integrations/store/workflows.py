"""Rows of workflows."""

from datetime import datetime
from typing import Any

import msgspec

from openprofiles.core.ids import Id
from openprofiles.features.integrations.run import Status
from openprofiles.features.integrations.workflow import Workflow
from openprofiles.storage.database import Row, Transaction

_COLUMNS = """
    workflow_id, status, uri, members, tags, flow, message, created_at, updated_at, ended_at
"""


def insert(transaction: Transaction, domain_id: int, workflow: Workflow) -> None:
    """Add a workflow."""
    transaction.send(
        f"""
        insert into integration_workflows (domain_id, {_COLUMNS})
        values (%s, %s, %s, %s, %s::jsonb, %s::jsonb, %s::jsonb, %s, %s, %s, %s)
        """,
        [
            domain_id,
            workflow.id,
            workflow.status.value,
            workflow.uri,
            _json(workflow.members),
            _json(workflow.tags),
            _json(workflow.flow),
            workflow.message,
            workflow.created_at,
            workflow.updated_at,
            workflow.ended_at,
        ],
    )


def update(transaction: Transaction, domain_id: int, workflow: Workflow) -> None:
    """Write what changes of a workflow."""
    transaction.send(
        """
        update integration_workflows set (status, message, updated_at, ended_at) = (%s, %s, %s, %s)
        where domain_id = %s and workflow_id = %s
        """,
        [
            workflow.status.value,
            workflow.message,
            workflow.updated_at,
            workflow.ended_at,
            domain_id,
            workflow.id,
        ],
    )


def find(transaction: Transaction, domain_id: int, workflow_id: Id) -> Workflow | None:
    """A workflow, None when there is none."""
    row = transaction.row(
        f"""
        select {_COLUMNS} from integration_workflows where domain_id = %s and workflow_id = %s
        """,
        [domain_id, workflow_id],
    )
    return _workflow(row) if row else None


def lock(transaction: Transaction, domain_id: int, workflow_id: Id) -> Workflow | None:
    """A workflow, which nobody else changes until this transaction ends."""
    row = transaction.row(
        f"""
        select {_COLUMNS} from integration_workflows
        where domain_id = %s and workflow_id = %s for update
        """,
        [domain_id, workflow_id],
    )
    return _workflow(row) if row else None


def list_page(
    transaction: Transaction,
    domain_id: int,
    *,
    before: Id,
    limit: int,
    status: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Workflow]:
    """Up to `limit` workflows of a domain, the newest first, those that are older than `before`, in
    a state, made within bounds (both included).
    """
    rows = transaction.rows(
        f"""
        select {_COLUMNS} from integration_workflows
        where domain_id = %s and workflow_id < %s::uuid
            and (%s::text is null or status = %s)
            and (%s::timestamptz is null or created_at >= %s)
            and (%s::timestamptz is null or created_at <= %s)
        order by workflow_id desc limit %s
        """,
        [domain_id, before, status, status, since, since, until, until, limit],
    )
    return [_workflow(row) for row in rows]


def delete(transaction: Transaction, domain_id: int, workflow_id: Id) -> bool:
    """Remove a workflow; whether there was one."""
    count = transaction.send(
        "delete from integration_workflows where domain_id = %s and workflow_id = %s",
        [domain_id, workflow_id],
    ).count
    return count > 0


def has_unfinished(transaction: Transaction, account_id: str, uri: str) -> bool:
    """Whether a workflow of an account is about to make the integration with this Uri."""
    row = transaction.row(
        """
        select 1 from integration_workflows as workflow join domains using (domain_id)
        where domains.account_id = %s and workflow.uri = %s and workflow.ended_at is null limit 1
        """,
        [account_id, uri],
    )
    return row is not None


def _workflow(row: Row) -> Workflow:
    workflow_id, status, uri, members, tags, flow, message, *moments = row
    created_at, updated_at, ended_at = moments
    return Workflow(
        id=workflow_id,
        status=Status(status),
        uri=uri,
        members=members,
        tags=tags,
        flow=flow,
        message=message,
        created_at=created_at,
        updated_at=updated_at,
        ended_at=ended_at,
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
