"""FindMatches, beyond the AWS API: whom a profile is like, known as soon as it is written."""

from typing import TypedDict

from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName, ProfileId
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.matching.online import filling


class FindMatchesRequest(TypedDict):
    """The profile to find others like."""

    DomainName: DomainName
    ProfileId: ProfileId


@operation(
    "FindMatches",
    reads_only=True,
    route=Route("GET", "/domains/{DomainName}/profiles/{ProfileId}/matches", FindMatchesRequest),
)
def find_matches(context: Context, request: FindMatchesRequest) -> Answer:
    """Whom a profile is like at this moment, by the model of the last run: `Candidates` from the
    likeliest on, and in `ProfileIds` those that are one person with it, itself included.

    Both are empty before the first run. ResourceNotFound when there is no such profile.
    """
    # Imported here: the engine takes half a second, and only domains with matching need it.
    from openprofiles.features.matching.online import looking_up

    domain = domains.require(context, request["DomainName"])
    likeness = looking_up.find_likeness(context, domain, request["ProfileId"])
    if likeness is None:
        return {"ProfileId": request["ProfileId"], "ProfileIds": [], "Candidates": []}
    return {
        "ProfileId": request["ProfileId"],
        "ProfileIds": list(likeness.group),
        "ConfidenceScore": likeness.confidence,
        "Candidates": [
            {
                "ProfileId": found.profile_id,
                "ConfidenceScore": found.confidence,
                "Weight": found.weight,
            }
            for found in likeness.candidates
        ],
        "ModelVersion": likeness.model_version,
    }


OPERATIONS: tuple[Operation, ...] = (find_matches, *filling.OPERATIONS)
