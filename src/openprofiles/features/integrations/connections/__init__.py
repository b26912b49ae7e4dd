"""Connections: how the source behind a ConnectorProfileName is reached; secrets are encrypted at
rest, never answered and never logged.
"""

from openprofiles.features.integrations.connections.connection import (
    CannotOpen,
    Connection,
    open_connector,
)
from openprofiles.features.integrations.connections.operations import OPERATIONS
from openprofiles.features.integrations.connections.store import find

__all__ = ["OPERATIONS", "CannotOpen", "Connection", "find", "open_connector"]
