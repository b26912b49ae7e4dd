"""A rejected object, and how it shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openprofiles.core.ids import Id


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedObject:
    """One object that was taken and could not be placed; `tries` counts those after the first.

    `document` is None where only the list is wanted.
    """

    id: Id
    object_type: str
    reason: str
    rejected_at: datetime
    request_id: str
    size: int
    tries: int
    tried_at: datetime | None
    document: str | None = None

    def as_response(self) -> dict[str, Any]:
        """The object in the shape of an item of ListRejectedObjects, or of GetRejectedObject."""
        members = {
            "RejectionId": self.id,
            "ObjectTypeName": self.object_type,
            "Reason": self.reason,
            "RejectedAt": self.rejected_at,
            "RequestId": self.request_id,
            "Size": self.size,
            "Tries": self.tries,
            "TriedAt": self.tried_at,
            "Object": self.document,
        }
        return {name: value for name, value in members.items() if value is not None}
