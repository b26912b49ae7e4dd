"""Who is meant: profiles by their ids, also old ones, or by a key value."""

from collections.abc import Sequence

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.erasure.shapes import PersonRequest
from openprofiles.storage import journal


def require_ids(context: Context, domain: domains.Domain, request: PersonRequest) -> list[Id]:
    """The ids under which something is held: of profiles, of those merged into them, and of gone
    ones that the history knows.

    BadRequest when a key value names several profiles, ResourceNotFound when nothing is held.
    """
    named = _named(context, domain, request)
    standing = profiles.find_standing(context.transaction, domain.id, named)
    held = profiles.read_person(context, domain, sorted(set(standing.values())))
    ids = dict.fromkeys(held.ids())
    for profile_id in named:
        if profile_id in ids or _has_history(context, domain, profile_id):
            ids[profile_id] = None
        else:
            raise ResourceNotFound(f"Profile {profile_id} not found in domain {domain.name}")
    return list(ids)


def _named(context: Context, domain: domains.Domain, request: PersonRequest) -> Sequence[Id]:
    ids, name = request.get("ProfileIds"), request.get("KeyName")
    if (ids is None) == (name is None):
        raise BadRequest("Give ProfileIds, or else KeyName and Values")
    if ids is not None:
        return list(dict.fromkeys(ids))
    values = profiles.lookup_values(context, domain, name or "", request.get("Values") or [])
    keys = [(name or "", value) for value in values]
    found = sorted(
        {
            profile_id
            for holders in profiles.list_holders(context, domain, keys).values()
            for profile_id in holders
        }
    )
    if not found:
        raise ResourceNotFound(f"No profile of domain {domain.name} has this value of key {name}")
    if len(found) > 1:
        raise BadRequest(
            f"{len(found)} profiles have this value of key {name}: {', '.join(found)}. Give the ids"
            " of those that are meant"
        )
    return found


def _has_history(context: Context, domain: domains.Domain, profile_id: Id) -> bool:
    entries = journal.list_of_profile(context.transaction, domain.id, profile_id, limit=1)
    return bool(entries)
