"""What a run goes by."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from openprofiles.resolution.fields import ColumnMapping
from openprofiles.resolution.model import Model


@dataclass(frozen=True, slots=True)
class Terms:
    """How records are read and judged; pairs of at least `cut_off` may join a group, and those of
    the ids in `apart` are two people each.
    """

    mapping: ColumnMapping
    model: Model
    cut_off: float
    apart: Sequence[tuple[str, str]]

    @property
    def above(self) -> float:
        """The cut-off as weight, in bits."""
        return log2(self.cut_off / (1 - self.cut_off))
