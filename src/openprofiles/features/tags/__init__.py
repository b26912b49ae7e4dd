"""Tags: words that callers hang on a domain or on what it holds, by ARN (core reference §10)."""

from openprofiles.features.tags.operations import (
    OPERATIONS,
    delete_under,
    list_of,
    list_of_domains,
    list_of_resources,
    replace,
)

__all__ = [
    "OPERATIONS",
    "delete_under",
    "list_of",
    "list_of_domains",
    "list_of_resources",
    "replace",
]
