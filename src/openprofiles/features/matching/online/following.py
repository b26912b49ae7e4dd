"""Keeps the index of domains whose Matching is enabled in step with their profiles."""

from openprofiles.features.context import Context, ProfileChange
from openprofiles.features.matching.online import store


def follow_profiles(context: Context, change: ProfileChange) -> None:
    """Write what the index has of profiles in the transaction that writes them."""
    matching = change.configuration.get("Matching")
    if matching is None or not matching["Enabled"]:
        return
    # Imported here: the engine takes half a second, and only domains with matching need it.
    from openprofiles.features.matching.online import indexing

    indexing.index(context, change.domain_id, change.written)
    store.remove(context.transaction, change.domain_id, change.removed)
