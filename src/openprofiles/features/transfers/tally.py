"""What became of the records of an import: counted, the rejected ones by reason with a few
places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

EXAMPLES = 3
"""Places that are kept for each reason."""

REASONS = 100
"""Reasons that are told apart; a file of garbage must not fill memory with them."""

OTHER_REASONS = "Other reasons"


@dataclass(slots=True)
class Rejections:
    """Records rejected for one reason, and where the first of them are."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """`attached` objects went to a profile that was there, `created` ones made theirs, `updated`
    ones replaced an object with the same unique key.
    """

    attached: int = 0
    created: int = 0
    updated: int = 0
    rejected: dict[str, Rejections] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """All records."""
        return self.attached + self.created + self.updated + self.rejected_count

    @property
    def rejected_count(self) -> int:
        """The rejected records, whatever the reason."""
        return sum(rejections.count for rejections in self.rejected.values())

    def add(self, result: Literal["attached", "created", "updated"]) -> None:
        """Count a record that was stored."""
        setattr(self, result, getattr(self, result) + 1)

    def reject(self, reason: str, place: str) -> None:
        """Count a record that was not."""
        if reason not in self.rejected and len(self.rejected) >= REASONS:
            reason = OTHER_REASONS
        rejections = self.rejected.setdefault(reason, Rejections())
        rejections.count += 1
        if len(rejections.examples) < EXAMPLES:
            rejections.examples.append(place)

    def as_json(self) -> dict[str, Any]:
        """The counts as they are stored and answered."""
        return {
            "read": self.read,
            "attached": self.attached,
            "created": self.created,
            "updated": self.updated,
            "rejected": {
                reason: {"count": rejections.count, "examples": rejections.examples}
                for reason, rejections in self.rejected.items()
            },
        }

    @staticmethod
    def from_json(counts: Mapping[str, Any]) -> "Tally":
        """The tally that `as_json` wrote."""
        return Tally(
            counts["attached"],
            counts["created"],
            counts["updated"],
            {
                reason: Rejections(found["count"], list(found["examples"]))
                for reason, found in counts["rejected"].items()
            },
        )
