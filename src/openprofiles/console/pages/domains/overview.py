"""One domain: what is in it, and how it is set up, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Response

from openprofiles.console.pages.domains.area import ONE, blueprint
from openprofiles.console.rendering import Page, render
from openprofiles.console.visit import ask


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainPage(Page):
    """One domain: what is in it, and how it is set up."""

    template: ClassVar[str] = "domains/overview.html"

    profiles: int
    """How many profiles it has."""
    objects: int
    """How many objects it has."""
    bytes: int
    """How many bytes its objects have."""
    days: int
    """How long a profile is kept that nobody writes to."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When its configuration was last changed."""
    tags: Mapping[str, str]
    """Its tags."""
    matching: str
    """Whether it finds who is one customer by itself, in words."""
    rules: str
    """Whether it has rules of matching, and how far they are, in words."""
    encryption_key: str | None
    """The key that its data are encrypted with; None for none."""
    dead_letter_queue: str | None
    """Where rejected objects are sent; None for nowhere."""


@blueprint.get(ONE)
def overview(domain_name: str) -> Response:
    """One domain."""
    domain = ask("GetDomain", DomainName=domain_name)
    stats = domain["Stats"]
    page = DomainPage(
        title=domain["DomainName"],
        profiles=stats["ProfileCount"],
        objects=stats["ObjectCount"],
        bytes=stats["TotalSize"],
        days=domain["DefaultExpirationDays"],
        created_at=domain["CreatedAt"],
        updated_at=domain["LastUpdatedAt"],
        tags=domain["Tags"] or {},
        matching=matching_in_words(domain),
        rules=rules_in_words(domain),
        encryption_key=domain.get("DefaultEncryptionKey"),
        dead_letter_queue=domain.get("DeadLetterQueueUrl"),
    )
    return render(page)


def matching_in_words(domain: Mapping[str, Any]) -> str:
    """Whether a domain finds who is one customer by itself."""
    matching = domain.get("Matching") or {}
    if not matching.get("Enabled"):
        return "Off"
    merging = (matching.get("AutoMerging") or {}).get("Enabled")
    return "On, merges by itself" if merging else "On"


def rules_in_words(domain: Mapping[str, Any]) -> str:
    """Whether a domain matches by rules, and how far they are."""
    rules = domain.get("RuleBasedMatching") or {}
    if not rules.get("Enabled"):
        return "Off"
    return "On" if rules.get("Status") == "ACTIVE" else "On, still going through old profiles"
