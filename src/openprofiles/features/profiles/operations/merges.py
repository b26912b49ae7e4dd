"""The merges that were done, and undoing them: operations of our own (design §6)."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, NotRequired, TypedDict

from openprofiles.core import paging
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Route, operation
from openprofiles.core.shapes import DomainName, PageSize, ProfileId, Token
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import merging, profile, profile_object

MergeId = ProfileId
"""Merges have ids like profiles."""

_DEFAULT_PAGE = 100

MOST_LISTED = 1000
"""Objects and keys that one answer names; their number is always told."""

_MERGES = "/domains/{DomainName}/merges"


class ListMergesRequest(TypedDict):
    """`ProfileId`: only merges that this profile took part in, as main or merged one."""

    DomainName: DomainName
    ProfileId: NotRequired[ProfileId]
    MaxResults: NotRequired[PageSize]
    NextToken: NotRequired[Token]


class MergeRequest(TypedDict):
    """One merge of a domain."""

    DomainName: DomainName
    MergeId: MergeId


@operation("ListMerges", reads_only=True, route=Route("GET", _MERGES, ListMergesRequest))
def list_merges(context: Context, request: ListMergesRequest) -> Answer:
    """The merges of a domain, the newest first: which profiles, when, by whom or what."""
    domain = domains.require(context, request["DomainName"])
    profile_id = request.get("ProfileId")
    scope = ("ListMerges", domain.id, profile_id)
    before = paging.decode_id(scope, request.get("NextToken"), context.now)
    size = request.get("MaxResults", _DEFAULT_PAGE)
    found = merging.list_page(context, domain, profile_id=profile_id, before=before, limit=size + 1)
    page, token = paging.cut(scope, found, size, context.now, cursor_of=attrgetter("id"))
    return {"Items": [_summary(receipt) for receipt in page], "NextToken": token}


@operation("GetMerge", reads_only=True, route=Route("GET", f"{_MERGES}/{{MergeId}}", MergeRequest))
def get_merge(context: Context, request: MergeRequest) -> Answer:
    """The receipt of a merge: why, which values agreed, which differed and lost, what moved."""
    domain = domains.require(context, request["DomainName"])
    return _told(merging.require(context, domain, request["MergeId"]))


def tell_merges(context: Context, domain: domains.Domain, profile_id: Id) -> list[dict[str, Any]]:
    """The receipts of the merges that a profile took part in, as GetMerge shows them."""
    told: list[dict[str, Any]] = []
    before: Id | None = None
    while found := merging.list_page(
        context, domain, profile_id=profile_id, before=before, limit=_DEFAULT_PAGE
    ):
        told += map(_told, found)
        before = found[-1].id
    return told


def _told(receipt: merging.Receipt) -> dict[str, Any]:
    agreeing, differing = _compared(receipt)
    objects = [
        _object(kind, key, profile_id)
        for profile_id, listed in receipt.objects.items()
        for kind, key in listed
    ]
    keys = [
        {"KeyName": name, "Value": value, "ProfileId": profile_id}
        for profile_id, listed in receipt.keys.items()
        for name, value in listed
    ]
    added = [{"KeyName": name, "Value": value} for name, value in receipt.added_keys]
    return {
        **_summary(receipt),
        "RequestId": receipt.request_id,
        "Resolution": {
            "Model": receipt.resolution.model,
            "SourceName": receipt.resolution.source_name,
            "FieldSourceProfileIds": receipt.resolution.field_sources,
        },
        "AgreeingValues": agreeing,
        "DifferingValues": differing,
        "LostValues": receipt.lost(),
        "MovedObjectCount": len(objects),
        "MovedObjects": objects[:MOST_LISTED],
        "MovedKeyCount": len(keys),
        "MovedKeys": keys[:MOST_LISTED],
        "KeptKeys": added[:MOST_LISTED],
    }


@operation(
    "PreviewUndoMerge",
    reads_only=True,
    route=Route("GET", f"{_MERGES}/{{MergeId}}/undo", MergeRequest),
)
def preview_undo_merge(context: Context, request: MergeRequest) -> Answer:
    """What UndoMerge would do, without doing it; `ValuesSince` are what the main profile has got
    since the merge, and keeps.
    """
    domain = domains.require(context, request["DomainName"])
    return _undo(merging.plan_undo(context, domain, request["MergeId"]))


@operation("UndoMerge", route=Route("POST", f"{_MERGES}/{{MergeId}}/undo", MergeRequest))
def undo_merge(context: Context, request: MergeRequest) -> Answer:
    """Take a merge back: the merged profiles are there again, with what was theirs; what came
    since stays with the profile whose keys it matches.
    """
    domain = domains.own(context, request["DomainName"])
    return _undo(merging.undo_merge(context, domain, request["MergeId"]))


def _summary(receipt: merging.Receipt) -> dict[str, Any]:
    return {
        "MergeId": receipt.id,
        "MainProfileId": receipt.main.id,
        "MergedProfileIds": [merged.id for merged in receipt.merged],
        "MergedAt": receipt.merged_at,
        "Cause": receipt.cause.kind,
        "CauseDetail": receipt.cause.detail,
        "Principal": receipt.principal,
        "UndoneAt": receipt.undone_at,
        "UndoneBy": receipt.undone_by,
    }


def _compared(receipt: merging.Receipt) -> tuple[dict[str, Any], dict[str, Mapping[Id, Any]]]:
    """Fields in which all (two at least) that have a value agree, and those in which not all do."""
    agreeing: dict[str, Any] = {}
    differing: dict[str, Mapping[Id, Any]] = {}
    for path in receipt.paths():
        values = receipt.values(path)
        first = next(iter(values.values()))
        if any(value != first for value in values.values()):
            differing[path] = values
        elif len(values) > 1:
            agreeing[path] = first
    return agreeing, differing


def _undo(undo: merging.Undo) -> Answer:
    moved = [
        _object(item.object_type, item.unique_key.hex(), restored.id)
        for restored in undo.restored
        for item in undo.objects_for(restored.id)
    ]
    return {
        "MergeId": undo.receipt.id,
        "MainProfile": profile.as_response(undo.main.id, undo.reverted.fields),
        "RestoredProfiles": [
            profile.as_response(restored.id, restored.fields) for restored in undo.restored
        ],
        "ValuesSince": {
            path: value
            for path, value in undo.reverted.fields.items()
            if undo.receipt.main.fields.get(path) != value
        },
        "MovedObjectCount": len(moved),
        "MovedObjects": moved[:MOST_LISTED],
        "StayingObjectCount": len(undo.objects) - len(moved),
    }


def _object(object_type: str, key: str, profile_id: Id) -> dict[str, str]:
    return {
        "ObjectTypeName": object_type,
        "ProfileObjectUniqueKey": profile_object.as_text(bytes.fromhex(key)),
        "ProfileId": profile_id,
    }


OPERATIONS = (list_merges, get_merge, preview_undo_merge, undo_merge)
