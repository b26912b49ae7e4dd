"""What a run leaves in a folder for the next one: the values it read, every candidate with its
pattern, and what was found out about each record's values.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from openprofiles.resolution.cleaning import EMAIL_SLOTS, PHONE_SLOTS
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.fields import ColumnMapping
from openprofiles.resolution.model import Model

_FORMAT = 1
"""To be raised when a level, a blocking key or a kept value comes to mean something else."""

_VALUES, _PAIRS, _JUDGED = "values.parquet", "pairs.parquet", "judged.parquet"
_MODEL, _ABOUT = "model.json", "run.json"


@dataclass(frozen=True, slots=True)
class Memory:
    """The last run: `values` is the file it read, `pairs` has `l`, `r`, `found` and `pattern` by
    the rows of that file, `judged` for each row what was found out about its values.
    """

    size: int
    values: Path
    pairs: pa.Table
    judged: NDArray[np.int64]


def recall(folder: Path, mapping: ColumnMapping, model: Model | None) -> Memory | None:
    """What the last run left in `folder`; None when a run with this mapping and model cannot build
    on it.
    """
    about = folder / _ABOUT
    if model is None or not about.exists():
        return None
    said = json.loads(about.read_text("utf-8"))
    if said != _about(said["size"], mapping, model):
        return None
    judged = pq.read_table(folder / _JUDGED)["judged"].to_numpy()
    return Memory(said["size"], folder / _VALUES, pq.read_table(folder / _PAIRS), judged)


def remember(
    folder: Path, source: Path, mapping: ColumnMapping, model: Model, engine: Engine, size: int
) -> None:
    """Leave what the run that `engine` has just done on the file `source` has for the next one."""
    forget(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(source, folder / _VALUES)
    pairs = engine.table("select l, r, found, pattern from compared where found > 0")
    pq.write_table(pairs, folder / _PAIRS, compression="lz4", use_dictionary=False)
    pq.write_table(judged_now(engine), folder / _JUDGED, compression="lz4")
    (folder / _MODEL).write_text(model.to_json(), "utf-8")
    # Last, so that what is left of a run that was killed is none.
    (folder / _ABOUT).write_text(json.dumps(_about(size, mapping, model)), "utf-8")


def last_model(folder: Path) -> Model | None:
    """The model of the run that left something in `folder`; None when none did. Raises
    UnknownModel.
    """
    path = folder / _MODEL
    return Model.from_json(path.read_text("utf-8")) if path.exists() else None


def forget(folder: Path) -> None:
    """Remove what a run left, if one did; nothing else that may be in the folder."""
    for name in (_ABOUT, _MODEL, _JUDGED, _PAIRS, _VALUES):
        (folder / name).unlink(missing_ok=True)


def judged_now(engine: Engine) -> pa.Table:
    """What the run found out about each record's values, as one number, in the records' order."""
    kinds = [f"p{slot}" for slot in range(1, PHONE_SLOTS + 1)]
    kinds += [f"e{slot}" for slot in range(1, EMAIL_SLOTS + 1)]
    packed = " + ".join(
        f"(coalesce({name} & 3, 0) << {6 + 2 * place})" for place, name in enumerate(kinds)
    )
    return engine.table(
        "select (coalesce(town_is_rare, false)::bigint + (coalesce(last_tier, 0)::bigint << 1)"
        f" + (coalesce(name_tier, 0)::bigint << 3) + {packed})::bigint as judged"
        " from features order by rid"
    )


def _about(size: int, mapping: ColumnMapping, model: Model) -> dict[str, object]:
    return {
        "format": _FORMAT,
        "model": model.version,
        "identifiers": list(mapping.identifiers),
        "columns": list(mapping.kept),
        "size": size,
    }
