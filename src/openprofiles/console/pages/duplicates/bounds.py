"""Which groups somebody looks at: found by whom, how sure. It stays in the address."""

from dataclasses import dataclass
from typing import Any

from flask import request

KINDS = {"model": "MODEL", "rules": "RULES"}
BANDS: dict[str, tuple[str, float | None, float | None]] = {
    "": ("All", None, None),
    "sure": ("95 % and more", 0.95, None),
    "likely": ("80 to 95 %", 0.8, 0.95),
    "doubtful": ("Below 80 %", None, 0.8),
}
"""Name in the address -> what it says, the least confidence, what it is below."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked at: `kind` and `band` as the address has them."""

    kind: str = "model"
    band: str = ""

    @property
    def is_rules(self) -> bool:
        """Whether it is what the rules find."""
        return self.kind == "rules"

    def parameters(self) -> dict[str, Any]:
        """The confidence, for operations; rules have none."""
        _, least, below = BANDS[self.band]
        return {} if self.is_rules else {"MinConfidence": least, "BelowConfidence": below}

    def query(self) -> dict[str, Any]:
        """What stands in the address of pages that keep to it."""
        query: dict[str, Any] = {"kind": self.kind} if self.is_rules else {}
        return query | ({"confidence": self.band} if self.band else {})


def wanted_now() -> Wanted:
    """What the address of this page says; what it does not say well is not said."""
    kind, band = request.args.get("kind", "model"), request.args.get("confidence", "")
    return Wanted(kind if kind in KINDS else "model", band if band in BANDS else "")
