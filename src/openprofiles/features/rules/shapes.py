"""Requests of the operations on rules that are our own."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec
from msgspec import Meta

from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import Id
from openprofiles.core.shapes import DomainName, PageSize
from openprofiles.features.rules.rule import LEVELS

Level = Annotated[int, Meta(ge=1, le=LEVELS)]
AttributeName = Annotated[str, Meta(min_length=1, max_length=1000)]


class WorkRequest(TypedDict):
    """Work in a domain, or in the next one after the domain with the number `After`."""

    DomainName: NotRequired[str]
    ProfileIds: NotRequired[list[Id]]
    Rounds: NotRequired[int]
    After: NotRequired[int]


class Rule(TypedDict):
    """One level."""

    Rule: Annotated[list[AttributeName], Meta(min_length=1, max_length=15)]


class AttributeTypesSelector(TypedDict):
    """As in RuleBasedMatching."""

    AttributeMatchingModel: Literal["ONE_TO_ONE", "MANY_TO_MANY"]
    Address: NotRequired[Annotated[list[str], Meta(min_length=1, max_length=4)]]
    PhoneNumber: NotRequired[Annotated[list[str], Meta(min_length=1, max_length=4)]]
    EmailAddress: NotRequired[Annotated[list[str], Meta(min_length=1, max_length=3)]]


class PreviewRequest(TypedDict):
    """The members of RuleBasedMatching that decide about groups, and how much to look at."""

    DomainName: DomainName
    MatchingRules: NotRequired[Annotated[list[Rule], Meta(min_length=1, max_length=LEVELS)]]
    MaxAllowedRuleLevelForMatching: NotRequired[Level]
    MaxAllowedRuleLevelForMerging: NotRequired[Level]
    AttributeTypesSelector: NotRequired[AttributeTypesSelector]
    MaxProfiles: NotRequired[Annotated[int, Meta(ge=1, le=10_000_000)]]
    MaxResults: NotRequired[PageSize]


class StatusRequest(TypedDict):
    """With `CountsUnusable`, the keys of all profiles are gone through."""

    DomainName: DomainName
    CountsUnusable: NotRequired[bool]


PREVIEWED = (
    "MatchingRules",
    "MaxAllowedRuleLevelForMatching",
    "MaxAllowedRuleLevelForMerging",
    "AttributeTypesSelector",
)
"""The members of RuleBasedMatching that decide about groups."""


def checked_preview(request: Mapping[str, Any]) -> PreviewRequest:
    """A request for a preview that did not come over HTTP; BadRequest when it is not valid."""
    try:
        return msgspec.convert(request, PreviewRequest)
    except msgspec.ValidationError as error:
        raise BadRequest(f"The rules are not valid: {error}") from error
