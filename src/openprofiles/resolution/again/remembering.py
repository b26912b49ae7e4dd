"""What a whole run leaves, written as soon as it is there."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from openprofiles.resolution import kept, outcome
from openprofiles.resolution.again import key_index
from openprofiles.resolution.again.memory import (
    ABOUT,
    NAMES,
    READ,
    VALUES,
    Candidates,
    Grouping,
    Records,
    forget,
)
from openprofiles.resolution.again.rows import TIERS, by_row, read_digests
from openprofiles.resolution.again.sameness import what_was_done
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.fields import ColumnMapping
from openprofiles.resolution.steps import Step
from openprofiles.resolution.terms import Terms


def remember_records(
    folder: Path, engine: Engine, source: tuple[str, str], mapping: ColumnMapping
) -> None:
    """Leave what the run that `engine` is doing read from `source` and found out about it, when
    `features` and `copies` are there.
    """
    forget(folder)
    digest, _ = read_digests(engine, source, mapping)
    values = engine.table(f"from ({kept.read(mapping, *source)}) order by rid")
    values = values.drop_columns(["rid"])
    with pa.ipc.new_file(str(folder / READ), values.schema) as file:
        file.write_table(values.combine_chunks())
    for name in NAMES:
        engine.create(
            Step(
                f"coded_{name}s",
                f"select *, (row_number() over () - 1)::integer as code from {name}s",
            )
        )
    codes = ", ".join(f"coalesce({name}s.code, -1) as {name}_code" for name in NAMES)
    joins = " ".join(f"left join coded_{name}s {name}s using ({name})" for name in NAMES)
    about = by_row(engine, f"select rid, {codes}, {TIERS} from features {joins}", len(digest))
    Records(*about).write(folder)
    for name in VALUES:
        pq.write_table(engine.table(f"from {name}"), folder / f"{name}.parquet")
    for name in NAMES:
        pq.write_table(engine.table(f"from coded_{name}s"), folder / f"{name}s.parquet")
        engine.drop(f"coded_{name}s")
    key_index.write(folder, engine, len(mapping.identifiers), digest)


def remember_candidates(folder: Path, engine: Engine, scores: pa.Table) -> None:
    """Leave all candidates of the run that `engine` is doing."""
    left, right, found, code = outcome.read_candidates(engine, scores, "l, r, found::uinteger")
    patterns, numbers = scores["pattern"].to_numpy(), scores["pairs"].to_numpy()
    Candidates(left, right, found, code, patterns, numbers).write(folder)


def remember_groups(folder: Path, grouping: Grouping, terms: Terms) -> None:
    """Leave the groups of a run, and that it is whole."""
    grouping.write(folder)
    about = {
        "done": what_was_done(terms),
        "size": len(grouping.label),
        "model": json.loads(terms.model.to_json()),
    }
    # Last, so that what is left of a run that was killed is none.
    (folder / ABOUT).write_text(json.dumps(about), "utf-8")
