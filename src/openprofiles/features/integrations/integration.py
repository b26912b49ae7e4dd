"""An integration: what is stored of it, and how it shows (core reference §9.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MEMBERS = (
    "ObjectTypeName",
    "ObjectTypeNames",
    "RoleArn",
    "EventTriggerNames",
    "Scope",
)
"""The members of PutIntegration that are stored and shown."""

PAUSED = "IsPaused"
"""The member of our own that says that no run begins by itself."""

UNSTRUCTURED = "_unstructured"
PROFILE, DOMAIN = "PROFILE", "DOMAIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """One source of a domain; `flow` is the FlowDefinition, None when it was named by its Uri.

    `bookmark` says how far incremental pulls have come, `next_run_at` when the next is due.
    """

    uri: str
    members: Mapping[str, Any]
    flow: Mapping[str, Any] | None
    bookmark: Mapping[str, Any] | None
    next_run_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def resource(self) -> str:
        """The end of its ARN, under which its tags are kept."""
        return resource_of(self.uri)

    @property
    def object_type(self) -> str | None:
        """The type of its records; None when it has one for each kind of event, or none at all."""
        name: str | None = self.members.get("ObjectTypeName")
        return name

    @property
    def is_paused(self) -> bool:
        """Whether its source is pulled by request only, whatever its flow says."""
        return bool(self.members.get(PAUSED))

    def as_response(self, domain_name: str, tags: Mapping[str, str]) -> dict[str, Any]:
        """The integration in the shape of PutIntegration, GetIntegration and of list items."""
        return {
            "DomainName": domain_name,
            "Uri": self.uri,
            **{member: value for member, value in self.members.items() if member != PAUSED},
            "Scope": self.members.get("Scope") or PROFILE,
            "Tags": dict(tags),
            "CreatedAt": self.created_at,
            "LastUpdatedAt": self.updated_at,
        }


def resource_of(uri: str) -> str:
    """The end of the ARN of the integration with this Uri: the Uri verbatim."""
    return f"integrations/{uri}"
