"""Which integrations bring objects of some types."""

from collections.abc import Collection, Iterator

from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.integrations.store import integrations

AT_ONCE = 100


def list_bringing(
    context: Context, domain: domains.Domain, object_types: Collection[str]
) -> Iterator[tuple[str, str]]:
    """(Uri, object type) of the integrations of a domain that bring objects of these types."""
    after: tuple[str, str] = ("-infinity", "")
    while page := integrations.list_page(
        context.transaction, domain.id, after=after, limit=AT_ONCE
    ):
        for integration in page:
            members = integration.members
            types = {members.get("ObjectTypeName"), *members.get("ObjectTypeNames", {}).values()}
            yield from ((integration.uri, name) for name in sorted(types & {*object_types}))
        after = (page[-1].created_at.isoformat(), page[-1].uri)
