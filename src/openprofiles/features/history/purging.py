"""Forgets the history whose time is over."""

from datetime import timedelta

from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.storage import journal


def purge(context: Context, domain: domains.Domain, *, limit: int) -> int:
    """Forget up to `limit` entries about profiles, and as many former versions of objects, that
    are older than `history_retention_days`; how many went.
    """
    moment = context.now - timedelta(days=context.settings.history_retention_days)
    entries = journal.purge(context.transaction, domain.id, moment, limit=limit)
    return entries + profiles.purge_former(context.transaction, domain.id, moment, limit=limit)
