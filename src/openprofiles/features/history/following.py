"""ListFieldChanges and GetProfileTimeline, beyond the AWS API: what one field was and became, and
when what happened, for people who look at a profile.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from openprofiles.core.ids import LAST, Id
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName, PageSize, ProfileId
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.history.action import ENDS, Action, actions_of, kinds_of_profiles
from openprofiles.features.history.operations import as_response, require_known
from openprofiles.features.history.redacting import ERASED
from openprofiles.storage import journal
from openprofiles.storage.journal import Recorded

_DEFAULT_PAGE = 20
ENTRIES_AT_ONCE = 500

MOST_MOMENTS = 5000
"""Objects, and as many changes, whose moments a timeline tells."""


class ListFieldChangesRequest(TypedDict):
    """One field of a profile, by its path: `LastName`, `Address.City`, `Attributes.tier`."""

    DomainName: DomainName
    ProfileId: ProfileId
    Path: Annotated[str, Meta(min_length=1, max_length=512)]
    MaxResults: NotRequired[PageSize]


class GetProfileTimelineRequest(TypedDict):
    """One profile."""

    DomainName: DomainName
    ProfileId: ProfileId


@operation(
    "ListFieldChanges",
    reads_only=True,
    route=Route(
        "GET", "/domains/{DomainName}/profiles/{ProfileId}/field-changes", ListFieldChangesRequest
    ),
)
def list_field_changes(context: Context, request: ListFieldChangesRequest) -> Answer:
    """The values that a field had, the newest first: what wrote each, and what it replaced."""
    domain = domains.require(context, request["DomainName"])
    profile_id, path = request["ProfileId"], request["Path"]
    require_known(context, domain, profile_id)
    size = request.get("MaxResults", _DEFAULT_PAGE)
    found: list[dict[str, Any]] = []
    for change in _changes(context, domain, profile_id, path):
        found.append(change)
        if len(found) > size:
            break
    return {"Items": found[:size], "HasMore": len(found) > size}


def _changes(
    context: Context, domain: domains.Domain, profile_id: Id, path: str
) -> Iterator[dict[str, Any]]:
    value = profiles.read_fields(context, domain, [profile_id]).get(profile_id, {}).get(path)
    for entry in _entries(context, domain, profile_id):
        before = entry.detail.get("fields_before", {})
        if entry.kind in ENDS:
            value = (entry.detail.get("fields") or {}).get(path)
        elif path in before or (_begins(entry) and value is not None):
            yield {
                **as_response(_told(entry)),
                "Value": value,
                "ValueBefore": before.get(path),
                "IsUpdate": entry.kind == "profile.updated" and ERASED not in entry.detail,
            }
            value = before.get(path)


def _begins(entry: Recorded) -> bool:
    """Whether the profile was not there before: all that it had then was new."""
    return entry.kind == "profile.restored" or bool(entry.detail.get("created_profile"))


def _told(entry: Recorded) -> Action:
    """The record with the most to say of an entry: that of the object, where one wrote."""
    return actions_of(entry)[-1]


def _entries(context: Context, domain: domains.Domain, profile_id: Id) -> Iterator[Recorded]:
    before = LAST
    while entries := journal.list_of_profile(
        context.transaction, domain.id, profile_id, before=before, limit=ENTRIES_AT_ONCE
    ):
        yield from entries
        before = entries[-1].id


@operation(
    "GetProfileTimeline",
    reads_only=True,
    route=Route(
        "GET", "/domains/{DomainName}/profiles/{ProfileId}/timeline", GetProfileTimelineRequest
    ),
)
def get_profile_timeline(context: Context, request: GetProfileTimelineRequest) -> Answer:
    """When what happened: the moments of objects by type (of their sources, where those say when),
    and of what was done to the profile itself.
    """
    domain = domains.require(context, request["DomainName"])
    profile_id = request["ProfileId"]
    require_known(context, domain, profile_id)
    objects: dict[str, list[datetime]] = {}
    for object_type, moment in profiles.list_moments_of(
        context.transaction, domain.id, profile_id, limit=MOST_MOMENTS
    ):
        objects.setdefault(object_type, []).append(moment)
    changes: dict[str, list[datetime]] = {}
    for entry in journal.list_of_profile(
        context.transaction,
        domain.id,
        profile_id,
        kinds=kinds_of_profiles(),
        limit=MOST_MOMENTS,
    ):
        for action in actions_of(entry):
            changes.setdefault(action.kind, []).append(entry.at)
    return {
        "Objects": [
            {"ObjectTypeName": name, "Moments": sorted(moments)}
            for name, moments in sorted(objects.items())
        ],
        "Changes": [
            {"ActionType": name, "Moments": sorted(moments)}
            for name, moments in sorted(changes.items())
        ],
    }


OPERATIONS: tuple[Operation, ...] = (list_field_changes, get_profile_timeline)
