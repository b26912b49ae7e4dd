"""Finds the kinds of sources that are installed, through entry points."""

from functools import cache
from importlib.metadata import entry_points

from openprofiles.connectors.connector import ConnectorKind

GROUP = "openprofiles.connectors"


class UnknownKind(LookupError):
    """No kind of source that is installed has this name; the text lists those that have one."""


@cache
def names() -> tuple[str, ...]:
    """The names of all kinds that are installed."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


@cache
def require(name: str) -> ConnectorKind:
    """The kind of source called `name`, which is loaded now. Raises UnknownKind."""
    for point in entry_points(group=GROUP):
        if point.name == name:
            kind = point.load()
            if not isinstance(kind, ConnectorKind):
                raise UnknownKind(f"The entry point {name} of {GROUP} is no ConnectorKind")
            return kind
    raise UnknownKind(f"No connector {name} is installed; there are {', '.join(names())}")
