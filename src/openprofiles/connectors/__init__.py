"""Where records come from: one contract, one module or folder for each kind of source.

Connectors are found through the entry points `openprofiles.connectors`, so that a package of
somebody else adds one; `openprofiles.connectors.testing` is the suite that each of them passes.
"""

from openprofiles.connectors.connector import (
    Bookmark,
    Connector,
    ConnectorKind,
    Malformed,
    Page,
    Pull,
    Setting,
    SourceError,
    SourceField,
    SourceObject,
    SourceRecord,
    SourceRefused,
    SourceUnavailable,
)
from openprofiles.connectors.kinds import UnknownKind, names, require
from openprofiles.connectors.reaching import reaching

__all__ = [
    "Bookmark",
    "Connector",
    "ConnectorKind",
    "Malformed",
    "Page",
    "Pull",
    "Setting",
    "SourceError",
    "SourceField",
    "SourceObject",
    "SourceRecord",
    "SourceRefused",
    "SourceUnavailable",
    "UnknownKind",
    "names",
    "reaching",
    "require",
]
