"""Tags: words that callers hang on a domain or on what it holds, by ARN (core reference §10)."""

from openprofiles.features.tags.operations import (
    OPERATIONS,
    delete_under,
    list_by_name,
    list_of,
    list_of_domains,
    list_of_resources,
    replace,
)
from openprofiles.features.tags.resource import parse as parse_arn

__all__ = [
    "OPERATIONS",
    "delete_under",
    "list_by_name",
    "list_of",
    "list_of_domains",
    "list_of_resources",
    "parse_arn",
    "replace",
]
