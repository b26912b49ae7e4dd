"""The operations of the model that this version does not offer, by the capability that brings them.

A test compares this list with the model: an operation is either built or here, never both, never
neither.
"""

GAPS: dict[str, tuple[str, ...]] = {
    "attribute discovery and domain object types": (
        "DeleteDomainObjectType",
        "GetDomainObjectType",
        "GetObjectTypeAttributeStatistics",
        "ListDomainObjectTypes",
        "ListObjectTypeAttributeValues",
        "ListObjectTypeAttributes",
        "ListProfileAttributeValues",
        "PutDomainObjectType",
    ),
    "calculated attributes": (
        "BatchGetCalculatedAttributeForProfile",
        "CreateCalculatedAttributeDefinition",
        "DeleteCalculatedAttributeDefinition",
        "GetCalculatedAttributeDefinition",
        "GetCalculatedAttributeForProfile",
        "ListCalculatedAttributeDefinitions",
        "ListCalculatedAttributesForProfile",
        "UpdateCalculatedAttributeDefinition",
    ),
    "domain layouts": (
        "CreateDomainLayout",
        "DeleteDomainLayout",
        "GetDomainLayout",
        "ListDomainLayouts",
        "UpdateDomainLayout",
    ),
    "event streams and triggers": (
        "CreateEventStream",
        "CreateEventTrigger",
        "DeleteEventStream",
        "DeleteEventTrigger",
        "GetEventStream",
        "GetEventTrigger",
        "ListEventStreams",
        "ListEventTriggers",
        "UpdateEventTrigger",
    ),
    "recommenders": (
        "CreateRecommender",
        "CreateRecommenderFilter",
        "CreateRecommenderSchema",
        "DeleteRecommender",
        "DeleteRecommenderFilter",
        "DeleteRecommenderSchema",
        "GetProfileRecommendations",
        "GetRecommender",
        "GetRecommenderFilter",
        "GetRecommenderSchema",
        "ListRecommenderFilters",
        "ListRecommenderRecipes",
        "ListRecommenderSchemas",
        "ListRecommenders",
        "SearchRecommendations",
        "StartRecommender",
        "StopRecommender",
        "UpdateRecommender",
    ),
    "segments": (
        "AssociateStreamForSegments",
        "CreateSegmentDefinition",
        "CreateSegmentEstimate",
        "CreateSegmentSnapshot",
        "DeleteSegmentDefinition",
        "DeleteSegmentSubscription",
        "DisassociateStreamForSegments",
        "GetSegmentDefinition",
        "GetSegmentEstimate",
        "GetSegmentMembership",
        "GetSegmentSnapshot",
        "GetSegmentSubscription",
        "GetStreamForSegments",
        "ListSegmentDefinitions",
        "ListSegmentSubscriptionEvents",
        "PutSegmentSubscription",
    ),
    "upload jobs": (
        "CreateUploadJob",
        "GetUploadJob",
        "GetUploadJobPath",
        "ListUploadJobs",
        "StartUploadJob",
        "StopUploadJob",
    ),
}
"""Capability -> names of its operations."""


def find_capability(name: str) -> str | None:
    """The capability that will bring operation `name`; None when it is not a gap."""
    return next((capability for capability, names in GAPS.items() if name in names), None)
