"""Domains: what contains everything else, with configuration and statistics (reference §2.1)."""

from openprofiles.features.domains.domain import Domain
from openprofiles.features.domains.matching import effective_rules, require_consistent
from openprofiles.features.domains.operations import OPERATIONS, create_domain, update_domain
from openprofiles.features.domains.reaching import (
    count,
    count_profiles,
    own,
    require,
    require_for_write,
)
from openprofiles.features.domains.store import list_all, sum_counts

__all__ = [
    "OPERATIONS",
    "Domain",
    "count",
    "count_profiles",
    "create_domain",
    "effective_rules",
    "list_all",
    "own",
    "require",
    "require_consistent",
    "require_for_write",
    "sum_counts",
    "update_domain",
]
