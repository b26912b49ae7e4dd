"""Profile history: what happened to each profile, with what it and its objects were (extended
reference §11).

It is derived from the journal. `purge` forgets what is too old; an erasure takes a person's values
out of it (`redact`) and lets the acts stand; `tell` tells all of it.
"""

from openprofiles.features.history import following, operations
from openprofiles.features.history.purging import purge
from openprofiles.features.history.redacting import redact
from openprofiles.features.history.telling import tell

OPERATIONS = (*operations.OPERATIONS, *following.OPERATIONS)

__all__ = ["OPERATIONS", "purge", "redact", "tell"]
