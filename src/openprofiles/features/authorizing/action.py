"""What policies can allow: each operation as an action, and the resources that it touches.

The operations of AWS are as its service authorization reference has them: what is inside a domain
needs the domain, and what has an ARN of its own needs both; lists of an account and CreateDomain
have no resource, so only `"Resource": "*"` matches them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Access(StrEnum):
    """What an action does with what it touches, as AWS classes it."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    TAGGING = "Tagging"
    PERMISSIONS = "Permissions management"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An operation as policies see it.

    `kind` is what it touches inside the domain, called by the request's `member`. With `changes
    tags` it may change, make or remove what a decision about another caller depends on.
    """

    access: Access
    is_in_domain: bool = True
    kind: str | None = None
    member: str | None = None
    has_tags: bool = False
    changes_tags: bool = False
    lists: str | None = None
    """The action that an item of its list needs to be seen."""

    @property
    def names_target(self) -> bool:
        """Whether the request names its resource by an ARN."""
        return self.access is Access.TAGGING


KINDS: Final = {
    "calculated-attributes": "CalculatedAttributeName",
    "domain-object-types": "ObjectTypeName",
    "event-streams": "EventStreamName",
    "event-triggers": "EventTriggerName",
    "integrations": "Uri",
    "layouts": "LayoutDefinitionName",
    "object-types": "ObjectTypeName",
    "recommender-filters": "RecommenderFilterName",
    "recommender-schemas": "RecommenderSchemaName",
    "recommenders": "RecommenderName",
    "segment-definitions": "SegmentDefinitionName",
}
"""What has an ARN inside a domain -> the member of a request that names it."""

TOUCHED: Final = {
    "calculated-attributes": """
        BatchGetCalculatedAttributeForProfile CreateCalculatedAttributeDefinition
        DeleteCalculatedAttributeDefinition GetCalculatedAttributeDefinition
        GetCalculatedAttributeForProfile UpdateCalculatedAttributeDefinition
    """,
    "domain-object-types": "DeleteDomainObjectType GetDomainObjectType PutDomainObjectType",
    "event-streams": "CreateEventStream DeleteEventStream GetEventStream",
    "event-triggers": "CreateEventTrigger DeleteEventTrigger GetEventTrigger UpdateEventTrigger",
    "integrations": """
        DeleteIntegration DescribeIntegration GetIntegration PauseIntegration PutIntegration
        ResumeIntegration StartIntegrationRun
    """,
    "layouts": "CreateDomainLayout DeleteDomainLayout GetDomainLayout UpdateDomainLayout",
    "object-types": """
        BatchPutProfileObject DeleteProfileObject DeleteProfileObjectType
        GetObjectTypeAttributeStatistics GetProfileObjectType ListObjectTypeAttributes
        ListObjectTypeAttributeValues ListProfileObjects PreviewProfileObject PutProfileObject
        PutProfileObjectType StartFileImport StartReplay
    """,
    "recommender-filters": """
        CreateRecommenderFilter DeleteRecommenderFilter GetRecommenderFilter
    """,
    "recommender-schemas": """
        CreateRecommenderSchema DeleteRecommenderSchema GetRecommenderSchema
    """,
    "recommenders": """
        CreateRecommender DeleteRecommender GetProfileRecommendations GetRecommender
        StartRecommender StopRecommender UpdateRecommender
    """,
    "segment-definitions": """
        CreateSegmentDefinition CreateSegmentSnapshot DeleteSegmentDefinition
        DeleteSegmentSubscription GetSegmentDefinition GetSegmentMembership GetSegmentSnapshot
        GetSegmentSubscription ListSegmentSubscriptionEvents PutSegmentSubscription
    """,
}
"""Kind -> the operations that touch one of it, beside its domain."""

IN_DOMAIN: Final = """
    AddProfileKey AssociateStreamForSegments BatchGetProfile CancelIdentityResolutionJob
    CountProfileObjects CountRejectedObjects CreateIntegrationWorkflow CreateProfile
    CreateSegmentEstimate CreateUploadJob DecideNotSame DecideReview DeleteConnection
    DeleteDomain DeleteEventSource DeleteProfile DeleteProfileKey DeleteTombstone DeleteWorkflow
    DescribeIdentityResolutionJob DescribeIntegrationRun DescribeJob DescribeProfile
    DetectProfileObjectType DisassociateStreamForSegments DiscloseProfile DropRejectedObject
    DropRejectedObjects EraseProfile ExplainPair ExportRuleBasedMatches FindMatches FindProfiles
    GetAutoMergingPreview GetDeadLetterQueue GetDomain GetDomainSeries GetEncryption GetErasure
    GetFieldQuality GetFileImport GetIdentityResolutionJob GetMatches GetMatchQuality GetMerge
    GetProfileHistoryRecord GetProfileTimeline GetRejectedObject GetReplay GetReview
    GetRuleMatchingStatus GetSegmentEstimate GetSimilarProfiles GetStreamForSegments
    GetUploadJob GetUploadJobPath GetWorkflow GetWorkflowSteps ListAuditEntries
    ListCalculatedAttributeDefinitions ListCalculatedAttributesForProfile ListConnections
    ListDecisions ListDomainLayouts ListDomainObjectTypes ListErasures ListEventSources
    ListEventStreams ListEventTriggers ListFieldChanges ListFileImports
    ListIdentityResolutionJobs ListIntegrationRuns ListIntegrations ListIntegrationStates
    ListJobs ListMerges ListProfileAttributeValues ListProfileHistoryRecords
    ListProfileObjectTypes ListRecentProfiles ListRecommenderFilters ListRecommenders
    ListRecommenderSchemas ListRejectedObjects ListReplays ListReviews ListRuleBasedMatches
    ListSegmentDefinitions ListTombstones ListUploadJobs ListWorkflows MergeProfiles
    PreviewAutoMerging PreviewErasure PreviewMerge PreviewRules PreviewUndoMerge PutConnection
    PutEventSource ReceiveEvent RetryDeadLetters RetryFileImport RetryRejectedObject
    RetryRejectedObjects RotateEncryption RunFileImport SearchProfiles SearchRecommendations
    StartIdentityResolutionJob StartUploadJob StopFileImport StopIntegrationRun StopReplay
    StopUploadJob TestConnection UndoMerge UndoProfileUpdate UpdateDomain UpdateProfile
    WithdrawDecision
"""
"""The operations that touch a domain and nothing inside it that has an ARN."""

WITHOUT_RESOURCE: Final = """
    CreateDomain DescribeStandardObjects GetProfileObjectTypeTemplate GetServiceHealth
    ListAccountAuditEntries ListAccountIntegrations ListAccountJobs ListConnectorKinds ListDomains
    ListProfileObjectTypeTemplates ListRecommenderRecipes ListSettings
"""
PERMISSIONS: Final = """
    CreateAccessKey DeleteAccessKey DeletePolicy DisableAccessKey EnableAccessKey
    GetAccessKey GetPolicy ListAccessKeys ListPolicies PutPolicy RotateAccessKey
    UpdateAccessKeyPolicies
"""
"""Who may do what, which is of the account: no resource either."""

LISTED: Final = {
    "ListAccountIntegrations": "GetIntegration",
    "ListDomains": "GetDomain",
    "ListIntegrationRuns": "GetIntegration",
    "ListIntegrations": "GetIntegration",
    "ListIntegrationStates": "GetIntegration",
    "ListProfileObjectTypes": "GetProfileObjectType",
}
TAGGED: Final = frozenset({"CreateDomain", "CreateIntegrationWorkflow", "UpdateDomain"})
"""Requests with tags, beside those that make what is in KINDS."""

_READING: Final = (
    "BatchGet", "Count", "Describe", "Detect", "Explain", "Find", "Get", "Preview", "Search"
)  # fmt: skip


def _access(name: str) -> Access:
    if name.startswith("List"):
        return Access.LIST
    return Access.READ if name.startswith(_READING) else Access.WRITE


def _makes_or_removes(name: str) -> bool:
    """Whether a resource that can have tags may come or go."""
    return name.startswith(("Create", "Delete", "Put"))


def _declared() -> Iterator[tuple[str, Action]]:
    for kind, names in TOUCHED.items():
        for name in names.split():
            makes = name.startswith(("Create", "Put")) and name not in _MAKING_OTHERS
            yield (
                name,
                Action(
                    access=_access(name),
                    kind=kind,
                    member=KINDS[kind],
                    has_tags=makes,
                    changes_tags=_makes_or_removes(name) and name not in _MAKING_OTHERS,
                ),
            )
    for name in IN_DOMAIN.split():
        yield (
            name,
            Action(
                access=_access(name),
                has_tags=name in TAGGED,
                changes_tags=name == "DeleteDomain",
                lists=LISTED.get(name),
            ),
        )
    for name in WITHOUT_RESOURCE.split():
        yield (
            name,
            Action(
                access=_access(name),
                is_in_domain=False,
                has_tags=name in TAGGED,
                changes_tags=name == "CreateDomain",
                lists=LISTED.get(name),
            ),
        )
    for name in PERMISSIONS.split():
        yield name, Action(access=Access.PERMISSIONS, is_in_domain=False)
    for name in ("TagResource", "UntagResource", "ListTagsForResource"):
        changes = name != "ListTagsForResource"
        yield name, Action(access=Access.TAGGING, has_tags=changes, changes_tags=changes)


_MAKING_OTHERS: Final = frozenset(
    {
        "BatchPutProfileObject",
        "CreateSegmentSnapshot",
        "DeleteProfileObject",
        "DeleteSegmentSubscription",
        "PutProfileObject",
        "PutSegmentSubscription",
    }
)
"""They make or remove what has no tags, inside what has."""

ACTIONS: Final[dict[str, Action]] = dict(sorted(_declared()))
"""Each operation that comes over HTTP. One of our own that does not is about the domain that its
request names, or about the account.
"""

INTERNAL: Final = Action(access=Access.WRITE)
