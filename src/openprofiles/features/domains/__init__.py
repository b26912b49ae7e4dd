"""Domains: what contains everything else, with configuration and statistics (reference §2.1)."""

from openprofiles.features.domains.domain import Domain
from openprofiles.features.domains.operations import OPERATIONS
from openprofiles.features.domains.reaching import count, own, require, require_for_write

__all__ = ["OPERATIONS", "Domain", "count", "own", "require", "require_for_write"]
