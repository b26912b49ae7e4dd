"""Which data keys a domain seals with: a column of its row, so that it is known with the domain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Numbers of data keys: `values` seals what profiles hold, `index` makes the tokens that they
    are found by; `types` have their own for their objects. None = in the clear.

    While a domain `is_turning` from tokens to values or the other way, profiles that were not
    turned yet have what `former_index` makes, or values in the clear if that is None.
    """

    values: int | None = None
    index: int | None = None
    types: Mapping[str, int] = field(default_factory=dict)
    is_turning: bool = False
    former_index: int | None = None
    is_resealing: bool = False
    """Whether some values may still be sealed by keys that are not named here."""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "State":
        """The state behind its JSON."""
        return cls(**stored)

    def as_json(self) -> dict[str, Any] | None:
        """What is stored; None when nothing is sealed."""
        members = {
            "values": self.values,
            "index": self.index,
            "types": dict(self.types),
            "is_turning": self.is_turning,
            "former_index": self.former_index,
            "is_resealing": self.is_resealing,
        }
        return {name: value for name, value in members.items() if value} or None

    def key_of(self, object_type: str) -> int | None:
        """The key of a type's objects: its own, else the domain's."""
        return self.types.get(object_type, self.values)

    def numbers(self) -> set[int]:
        """All keys that it names."""
        named = (self.values, self.index, self.former_index, *self.types.values())
        return {key for key in named if key is not None}
