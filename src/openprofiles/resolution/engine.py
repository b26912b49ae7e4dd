"""The seam to what runs the steps."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from openprofiles.resolution.blocking import Blocks
from openprofiles.resolution.fields import ColumnMapping
from openprofiles.resolution.steps import Step


class EngineUnavailable(Exception):
    """What an engine needs is missing; the text says what, for a person."""


class Engine(Protocol):
    """Runs steps on tables of its own. A table lives until it is dropped or the engine closed."""

    def read(self, source: pa.Table | Path, mapping: ColumnMapping) -> tuple[str, str]:
        """Make `source` readable; what stands after FROM, and the expression that numbers its
        rows from 0.
        """

    def create(self, step: Step) -> None:
        """Make the step's table."""

    def pair(self, blocks: Sequence[Blocks]) -> None:
        """Make `pairs`: each l, r (l < r) that a block or `copies` has, once, with `found`, a bit
        for each of `blocks` and the next one for `copies`, which is dropped. Raises
        EngineUnavailable for more records than the engine takes.
        """

    def put(self, name: str, table: pa.Table) -> None:
        """Make `table` a table of the engine."""

    def fetch(self, query: str) -> Mapping[str, Any]:
        """Columns of the answer, as numpy arrays by name."""

    def table(self, query: str) -> pa.Table:
        """The answer as an Arrow table."""

    def drop(self, name: str) -> None:
        """Forget a table, unless the engine keeps them for debugging."""

    def trim(self) -> None:
        """Give back the memory of what was dropped."""
