"""An object type, and how it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

LISTED = ("Description", "MaxProfileObjectCount", "SourcePriority")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType:
    """One defined object type; `definition` has the members of PutProfileObjectType, a
    template's put in.
    """

    name: str
    definition: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime

    def as_response(self, tags: Mapping[str, str], *, available: int) -> dict[str, Any]:
        """The type in the shape of Put- and GetProfileObjectType; `available` objects are
        unclaimed.
        """
        return {
            "ObjectTypeName": self.name,
            **self.definition,
            **self._shared(tags, available),
        }

    def as_list_item(self, tags: Mapping[str, str], *, available: int) -> dict[str, Any]:
        """The type in the shape of an item of ListProfileObjectTypes: without fields and keys."""
        listed = {name: self.definition[name] for name in LISTED if name in self.definition}
        return {"ObjectTypeName": self.name, **listed, **self._shared(tags, available)}

    def _shared(self, tags: Mapping[str, str], available: int) -> dict[str, Any]:
        return {
            "MaxAvailableProfileObjectCount": available,
            "CreatedAt": self.created_at,
            "LastUpdatedAt": self.updated_at,
            "Tags": dict(tags),
        }
