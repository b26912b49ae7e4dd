"""Rows of workflows."""

from openprofiles.storage.database import Transaction


def has_unfinished(transaction: Transaction, domain_id: int, uri: str) -> bool:
    """Whether a workflow of a domain is about to make the integration with this Uri."""
    row = transaction.row(
        """
        select 1 from integration_workflows
        where domain_id = %s and uri = %s and ended_at is null limit 1
        """,
        [domain_id, uri],
    )
    return row is not None
