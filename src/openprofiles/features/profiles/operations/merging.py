"""MergeProfiles (core reference §8.6)."""

from typing import TYPE_CHECKING, Any

from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import operation
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import merging

if TYPE_CHECKING:
    from types_boto3_customer_profiles import type_defs as shapes


@operation("MergeProfiles")
def merge_profiles(
    context: Context, request: "shapes.MergeProfilesRequestTypeDef"
) -> dict[str, Any]:
    """Profiles are merged into the main one before the answer; an id twice counts once."""
    domain = domains.require_for_write(context, request["DomainName"])
    main_id, merged_ids = request["MainProfileId"], request["ProfileIdsToBeMerged"]
    if main_id in merged_ids:
        raise BadRequest("MainProfileId is among ProfileIdsToBeMerged")
    merging.merge(
        context,
        domain,
        main_id,
        merged_ids,
        resolution=merging.Resolution("CALL", field_sources=request.get("FieldSourceProfileIds")),
        cause=merging.MergeCause("call"),
    )
    return {"Message": "Success!"}


OPERATIONS = (merge_profiles,)
"""What this file answers."""
