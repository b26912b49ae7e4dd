"""How the rooms above reach a domain: to read or write in it, change it, count what it holds."""

from functools import partial

from openprofiles.core.errors import ResourceNotFound
from openprofiles.features.context import Context
from openprofiles.features.domains import store
from openprofiles.features.domains.domain import Domain
from openprofiles.storage import locks


def require(context: Context, name: str) -> Domain:
    """The domain called `name`, to read in it; ResourceNotFound when there is none."""
    domain = store.find(context.transaction, context.caller.account_id, name)
    if domain is None:
        raise ResourceNotFound(f"Domain {name} does not exist")
    return domain


def require_for_write(context: Context, name: str) -> Domain:
    """The domain, which stays as it is until this transaction ends; others may write in it too."""
    locks.share_domain(context.transaction, context.caller.account_id, name)
    return require(context, name)


def own(context: Context, name: str) -> Domain:
    """The domain, with no other writer in it until this transaction ends."""
    locks.own_domain(context.transaction, context.caller.account_id, name)
    return require(context, name)


def count(
    context: Context,
    domain: Domain,
    *,
    profiles: int = 0,
    metering_profiles: int = 0,
    objects: int = 0,
    bytes: int = 0,
) -> None:
    """Move the statistics of a domain by these amounts, right before the transaction commits.

    They are in rows that all writers of the domain share: whoever holds one must wait for nothing.
    """
    counts = store.Counts(
        profiles=profiles, metering_profiles=metering_profiles, objects=objects, bytes=bytes
    )
    context.transaction.before_commit.append(
        partial(store.add_counts, context.transaction, domain.id, counts)
    )


def count_profiles(context: Context, domain: Domain) -> int:
    """How many profiles a domain has."""
    return store.sum_counts(context.transaction, domain.id).profiles
