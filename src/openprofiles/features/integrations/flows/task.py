"""One task of a flow, read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openprofiles.core.errors import BadRequest

Record = Mapping[str, Any]


class BadRecord(Exception):
    """A record that cannot be made an object; the text says why, without a value of it."""


class Terminated(Exception):
    """A record that is not valid, of a flow that is to end then; the text says which rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is done to `fields` of the source; `destination` is the field of the object."""

    type: str
    operator: str
    fields: tuple[str, ...]
    destination: str
    properties: Mapping[str, str]

    def require(self, name: str) -> str:
        """The value of a property; BadRequest when it is missing."""
        value = self.properties.get(name)
        if value is None:
            raise BadRequest(f"TaskProperties must have {name}")
        return value

    def require_number(self, name: str) -> int:
        """The value of a property that is a number of characters."""
        text = self.require(name).strip()
        if not (text.isascii() and text.isdigit() and len(text) < 7):
            raise BadRequest(f"TaskProperties.{name} must be a whole number")
        return int(text)


def read_task(entry: Mapping[str, Any], member: str, operators: Mapping[str, str]) -> Task:
    """A task as given; BadRequest when its operator is missing, another connector's, or it has no
    field to look at.
    """
    kind = entry["TaskType"]
    chosen = {
        name: value
        for name, value in (entry.get("ConnectorOperator") or {}).items()
        if value is not None
    }
    if chosen.keys() - {member}:
        raise BadRequest(f"ConnectorOperator must have {member}, and no other")
    operator = chosen.get(member) or operators.get(kind)
    if operator is None:
        raise BadRequest(f"ConnectorOperator.{member} must be given for a task of type {kind}")
    fields = tuple(entry["SourceFields"])
    if not fields and operator != "PROJECTION":
        raise BadRequest("SourceFields must not be empty")
    return Task(
        type=kind,
        operator=operator,
        fields=fields,
        destination=entry.get("DestinationField") or (fields[0] if fields else ""),
        properties=entry.get("TaskProperties") or {},
    )
