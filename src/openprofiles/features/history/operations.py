"""ListProfileHistoryRecords and GetProfileHistoryRecord (extended reference §11)."""

from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from openprofiles.core import paging
from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.ids import LAST, Id
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.history.action import (
    ENDS,
    PROFILE,
    Action,
    actions_of,
    entry_id_of,
    kinds_for,
)
from openprofiles.features.history.image import Image
from openprofiles.storage import journal

if TYPE_CHECKING:
    from types_boto3_customer_profiles import type_defs as shapes

_DEFAULT_PAGE = 100
ENTRIES_AT_ONCE = 500


@operation("ListProfileHistoryRecords", reads_only=True)
def list_profile_history_records(
    context: Context, request: "shapes.ListProfileHistoryRecordsRequestTypeDef"
) -> Answer:
    """What happened to a profile, the newest first; also to one that is gone."""
    domain = domains.require(context, request["DomainName"])
    profile_id = request["ProfileId"]
    wanted = [request.get(name) for name in ("ObjectTypeName", "ActionType", "PerformedBy")]
    scope = ("ListProfileHistoryRecords", domain.id, profile_id, *wanted)
    after = paging.decode_id(scope, request.get("NextToken"), context.now)
    size = request.get("MaxResults", _DEFAULT_PAGE)
    found: list[Action] = []
    for action in _actions(context, domain, request, after):
        found.append(action)
        if len(found) > size:
            break
    if not found:
        require_known(context, domain, profile_id)
    page, token = paging.cut(scope, found, size, context.now, cursor_of=attrgetter("id"))
    return {
        "ProfileHistoryRecords": [as_response(action) for action in page],
        "NextToken": token,
    }


@operation("GetProfileHistoryRecord", reads_only=True)
def get_profile_history_record(
    context: Context, request: "shapes.GetProfileHistoryRecordRequestTypeDef"
) -> Answer:
    """One record, with what the profile, object or key was; without it where it was erased."""
    domain = domains.require(context, request["DomainName"])
    profile_id, record_id = request["ProfileId"], request["Id"]
    entry = journal.find(context.transaction, domain.id, entry_id_of(record_id))
    actions = actions_of(entry) if entry and entry.profile_id == profile_id else []
    for action in actions:
        if action.id == record_id:
            return {**as_response(action), "Content": content_of(context, domain, action)}
    raise ResourceNotFound(
        f"History record {record_id} of profile {profile_id} not found in domain {domain.name}"
    )


def content_of(context: Context, domain: domains.Domain, action: Action) -> str | None:
    """What was there when it was done, as JSON; None when that is not kept."""
    entry = action.entry
    if action.object_type != PROFILE:
        return document_of(context, domain, action)
    if entry.kind in ("profile.key_added", "profile.key_deleted"):
        return _keys(entry.detail.get("keys"))
    fields = _fields(context, domain, action)
    if fields is None:
        return None
    return msgspec.json.encode(profiles.as_response(entry.profile_id or "", fields)).decode()


def _actions(
    context: Context,
    domain: domains.Domain,
    request: "shapes.ListProfileHistoryRecordsRequestTypeDef",
    after: Id | None,
) -> Iterator[Action]:
    """The records that a request asks for, the newest first, those after the record `after`."""
    object_type, kind = request.get("ObjectTypeName"), request.get("ActionType")
    is_due = after is None
    # The entry of the last record may stand for one more.
    before = LAST if after is None else _following(entry_id_of(after))
    while entries := journal.list_of_profile(
        context.transaction,
        domain.id,
        request["ProfileId"],
        kinds=kinds_for(kind),
        performer=request.get("PerformedBy"),
        before=before,
        limit=ENTRIES_AT_ONCE,
    ):
        for action in (action for entry in entries for action in actions_of(entry)):
            if is_due and object_type in (None, action.object_type) and kind in (None, action.kind):
                yield action
            is_due = is_due or action.id == after
        before = entries[-1].id


def _following(entry_id: Id) -> Id:
    return f"{int(entry_id, 16) + 1:032x}"


def require_known(context: Context, domain: domains.Domain, profile_id: Id) -> None:
    """Pass when a profile is there, or something is known of it; ResourceNotFound otherwise."""
    if profiles.find_existing(context.transaction, domain.id, [profile_id]):
        return
    if not journal.list_of_profile(context.transaction, domain.id, profile_id, limit=1):
        raise ResourceNotFound(f"Profile {profile_id} not found in domain {domain.name}")


def as_response(action: Action) -> dict[str, Any]:
    """A record in the shape of ListProfileHistoryRecords."""
    key = action.unique_key
    return {
        "Id": action.id,
        "ObjectTypeName": action.object_type,
        "CreatedAt": action.entry.at,
        "LastUpdatedAt": action.entry.at,
        "ActionType": action.kind,
        "ProfileObjectUniqueKey": None if key is None else profiles.key_as_text(key),
        "PerformedBy": action.entry.performer,
    }


def document_of(context: Context, domain: domains.Domain, action: Action) -> str | None:
    """The version of the object that was put or went."""
    if action.unique_key is None:
        return None
    written_id = action.entry.detail.get("written_id")
    wanted = (context.transaction, domain.id, action.object_type, action.unique_key)
    if written_id is None:
        # From before versions were kept.
        return profiles.find_version_of(*wanted, action.entry.at)
    return profiles.find_version(*wanted, written_id)


def _keys(keys: list[tuple[str, str]] | None) -> str | None:
    """Keys of one name, as AddProfileKey and DeleteProfileKey get them."""
    if not keys:
        return None
    content = {"KeyName": keys[0][0], "Values": [value for _, value in keys]}
    return msgspec.json.encode(content).decode()


def _fields(context: Context, domain: domains.Domain, action: Action) -> profiles.Fields | None:
    """The profile after what was done, or its last image if that was its end."""
    entry, profile_id = action.entry, action.entry.profile_id or ""
    if entry.kind in ENDS:
        last: profiles.Fields | None = entry.detail.get("fields")
        return last
    now = profiles.read_fields(context, domain, [profile_id])
    image = Image(now.get(profile_id))
    before = LAST
    while later := journal.list_of_profile(
        context.transaction,
        domain.id,
        profile_id,
        before=before,
        after=entry.id,
        limit=ENTRIES_AT_ONCE,
    ):
        image.go_back(later)
        before = later[-1].id
    return image.fields


OPERATIONS: tuple[Operation, ...] = (list_profile_history_records, get_profile_history_record)
