"""MergeProfiles (core reference §8.6), and what it would make."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer, Route, operation
from openprofiles.core.shapes import DomainName, FieldSources, MergedIds, ProfileId
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import merging, profile

if TYPE_CHECKING:
    from types_boto3_customer_profiles import type_defs as shapes


class PreviewMergeRequest(TypedDict):
    """As MergeProfiles has it."""

    DomainName: DomainName
    MainProfileId: ProfileId
    ProfileIdsToBeMerged: MergedIds
    FieldSourceProfileIds: NotRequired[FieldSources]


@operation("MergeProfiles")
def merge_profiles(
    context: Context, request: "shapes.MergeProfilesRequestTypeDef"
) -> dict[str, Any]:
    """Profiles are merged into the main one before the answer; an id twice counts once."""
    domain = domains.require_for_write(context, request["DomainName"])
    main_id, merged_ids = _parties(request)
    merging.merge(
        context,
        domain,
        main_id,
        merged_ids,
        resolution=merging.Resolution("CALL", field_sources=request.get("FieldSourceProfileIds")),
        cause=merging.MergeCause("call"),
    )
    return {"Message": "Success!"}


@operation(
    "PreviewMerge",
    reads_only=True,
    route=Route("POST", "/domains/{DomainName}/merges/preview", PreviewMergeRequest),
)
def preview_merge(context: Context, request: PreviewMergeRequest) -> Answer:
    """What MergeProfiles would make of profiles, and which values would lose; merges nothing.

    Refuses what MergeProfiles would refuse, but for a profile that would be too large, of which
    `IsTooLarge` tells.
    """
    domain = domains.require(context, request["DomainName"])
    main_id, merged_ids = _parties(request)
    made = merging.preview(
        context,
        domain,
        main_id,
        merged_ids,
        resolution=merging.Resolution("CALL", field_sources=request.get("FieldSourceProfileIds")),
    )
    return {
        "Profile": profile.as_response(made.main_id, made.fields),
        "LostValues": made.lost,
        "IsTooLarge": made.is_too_large,
    }


def _parties(request: Mapping[str, Any]) -> tuple[Id, list[Id]]:
    """The main profile and the others; BadRequest when it is among them."""
    main_id, merged_ids = request["MainProfileId"], request["ProfileIdsToBeMerged"]
    if main_id in merged_ids:
        raise BadRequest("MainProfileId is among ProfileIdsToBeMerged")
    return main_id, merged_ids


OPERATIONS = (merge_profiles, preview_merge)
"""What this file answers."""
