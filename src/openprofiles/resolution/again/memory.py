"""What a whole run leaves in a folder for those that build on it: the values it read, what it found
out about them, every candidate with its pattern, and the groups. Nothing is changed afterwards: a
run builds on the last whole one, whatever ran between.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from openprofiles.resolution.again import key_index
from openprofiles.resolution.again.key_index import KeyIndex, Kinds
from openprofiles.resolution.again.sameness import what_was_done
from openprofiles.resolution.model import Model
from openprofiles.resolution.steps import literal
from openprofiles.resolution.terms import Terms

NAMES = ("first_name", "last_name", "town")
"""What is counted, each in a table with an `s` at the end."""
VALUES = ("phone_values", "email_values")
"""The tables of values that are not one person's."""
TABLES = (*VALUES, *(f"{name}s" for name in NAMES))
ABOUT, READ = "run.json", "values.arrow"


@dataclass(frozen=True, slots=True)
class Arrays:
    """Columns that rest in files of their own, and are read where they are looked at."""

    def write(self, folder: Path) -> None:
        """Write each to `folder`."""
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What `write` wrote."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in names))


@dataclass(frozen=True, slots=True)
class Records(Arrays):
    """By row the codes of names (-1 for none), and what the counts of these tell."""

    first_name: NDArray[np.int32]
    last_name: NDArray[np.int32]
    town: NDArray[np.int32]
    tiers: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Candidates(Arrays):
    """By pair: its rows, what found it, and the place of its pattern in `patterns`, of which each
    has `numbers` pairs.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    found: NDArray[np.uint32]
    code: NDArray[np.int32]
    patterns: NDArray[np.int64]
    numbers: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grouping(Arrays):
    """By row: its component, the least row of its group, and the confidence of its best link
    inside.
    """

    component: NDArray[np.int32]
    label: NDArray[np.int32]
    best: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Memory:
    """The last whole run."""

    folder: Path
    size: int
    records: Records
    candidates: Candidates
    grouping: Grouping
    keys: KeyIndex
    values: pa.Table

    def table(self, name: str) -> str:
        """What stands after FROM for a table that the run made."""
        return f"read_parquet({literal(str(self.folder / f'{name}.parquet'))})"


def recall(folder: Path, terms: Terms) -> Memory | None:
    """What the last whole run left in `folder`; None when a run on these terms cannot build on
    it.
    """
    about = _about(folder)
    if about is None or about["done"] != what_was_done(terms):
        return None
    try:
        for table in TABLES:
            pq.read_metadata(folder / f"{table}.parquet")
        return Memory(
            folder,
            about["size"],
            Records.read(folder),
            Candidates.read(folder),
            Grouping.read(folder),
            KeyIndex.read(folder, Kinds.of(len(terms.mapping.identifiers), about["size"])),
            pa.ipc.open_file(pa.memory_map(str(folder / READ))).read_all(),
        )
    except (OSError, ValueError):
        return None


def last_model(folder: Path) -> Model | None:
    """The model of the whole run that left something in `folder`; None when none did. Raises
    UnknownModel.
    """
    about = _about(folder)
    return Model.from_json(json.dumps(about["model"])) if about else None


def _about(folder: Path) -> dict[str, Any] | None:
    # Missing is what was not written, and broken what was not on the disk yet when the machine
    # stopped, or of a version that said it otherwise.
    try:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    is_ours = isinstance(about, dict) and about.keys() >= {"done", "size", "model"}
    return about if is_ours else None


def forget(folder: Path) -> None:
    """Remove what a run left, if one did; nothing else that may be in the folder."""
    for name in (ABOUT, READ):
        (folder / name).unlink(missing_ok=True)
    key_index.forget(folder)
    for kind in (Records, Candidates, Grouping):
        for field in fields(kind):
            (folder / f"{field.name}.npy").unlink(missing_ok=True)
    for table in TABLES:
        (folder / f"{table}.parquet").unlink(missing_ok=True)
