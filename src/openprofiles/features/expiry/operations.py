"""The sweep as operations, beyond the AWS API; each call is one batch in one transaction."""

from dataclasses import replace
from datetime import timedelta
from typing import TypedDict

from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features import domains, history, profiles
from openprofiles.features.context import Context
from openprofiles.features.expiry import store
from openprofiles.storage.encryption import KeyUnavailable, is_usable

OBJECTS_AT_ONCE = 500
PROFILES_AT_ONCE = 50
"""A profile may hold a thousand objects, and all of a batch are in memory."""

ROWS_AT_ONCE = 10_000
DOMAINS_AT_ONCE = 500


class SweepRequest(TypedDict):
    """`After` is the `After` of the batch before, 0 for the first."""

    After: int


@operation("Sweep")
def sweep(context: Context, request: SweepRequest) -> Answer:
    """Remove a batch of what has expired in the next domain that has any.

    `Objects` and `Profiles` say how many went; `After` is None when no domain has any left.
    """
    after = request["After"]
    while found := domains.list_all(context.transaction, after_id=after, limit=DOMAINS_AT_ONCE):
        for account_id, domain in found:
            own = replace(context, caller=replace(context.caller, account_id=account_id))
            objects, count = _sweep_domain(own, domain)
            if objects or count:
                return {"Objects": objects, "Profiles": count, "After": domain.id - 1}
        after = found[-1][1].id
    return {"Objects": 0, "Profiles": 0, "After": None}


@operation("PurgeHistory")
def purge_history(context: Context, request: SweepRequest) -> Answer:
    """Remove a batch of the history whose time is over in the next domain that has any.

    `Records` says how much went; `After` is None when no domain has any left.
    """
    after = request["After"]
    while found := domains.list_all(context.transaction, after_id=after, limit=DOMAINS_AT_ONCE):
        for _, domain in found:
            count = history.purge(context, domain, limit=ROWS_AT_ONCE)
            if count:
                return {"Records": count, "After": domain.id - 1}
        after = found[-1][1].id
    return {"Records": 0, "After": None}


@operation("PurgeDeletedDomains")
def purge_deleted_domains(context: Context, _: object) -> Answer:
    """Remove a batch of the rows of a deleted domain.

    `Rows` says how many went; `IsDone` that no deleted domain has left any.
    """
    domain_id = store.lock_deleted_domain(context.transaction)
    if domain_id is None:
        return {"Rows": 0, "IsDone": True}
    rows = 0
    for table in store.TABLES:
        rows += store.delete_rows(context.transaction, table, domain_id, limit=ROWS_AT_ONCE - rows)
        if rows >= ROWS_AT_ONCE:
            return {"Rows": rows, "IsDone": False}
    store.forget_deleted_domain(context.transaction, domain_id)
    return {"Rows": rows, "IsDone": False}


def _sweep_domain(context: Context, domain: domains.Domain) -> tuple[int, int]:
    """Remove a batch of one domain: how many objects, how many profiles.

    What is due is looked for without a lock, since most domains have nothing due; what was written
    meanwhile is no longer due and stays.
    """
    try:
        objects = profiles.list_expired_objects(
            context.transaction, domain.id, context.now, limit=OBJECTS_AT_ONCE
        )
    except KeyUnavailable:
        objects = []
    moment = context.now - timedelta(days=domain.default_expiration_days)
    ids = profiles.list_profiles_unwritten_since(
        context.transaction, domain.id, moment, limit=PROFILES_AT_ONCE
    )
    if not (objects or ids) or not _is_still_there(context, domain):
        return 0, 0
    if not is_usable(context.transaction, domain.id):
        return 0, 0
    removed = gone = 0
    if objects:
        removed = profiles.remove_objects(context, domain, objects, kind="object.expired")
    if ids:
        gone = profiles.remove_profiles(
            context, domain, ids, kind="profile.expired", unwritten_since=moment
        )
    return removed, gone


def _is_still_there(context: Context, domain: domains.Domain) -> bool:
    """Take the domain's lock; False when it was deleted meanwhile, and its rows are no objects any
    more."""
    try:
        return domains.require_for_write(context, domain.name).id == domain.id
    except ResourceNotFound:
        return False


OPERATIONS: tuple[Operation, ...] = (sweep, purge_history, purge_deleted_domains)
