"""Measure the engine: `python measure.py accuracy --data DIR`, `shapes`, `hostile`, `speed
1000000`, `kept 1000000`, `again 1000000`.

Truth columns are taken out before the engine sees a table. One configuration for all.
"""

import argparse
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import sets
from generate import write
from numpy.typing import NDArray

from openprofiles import resolution

THREADS = 2


@dataclass(frozen=True)
class Accuracy:
    """How well groups and pairs agree with the truth."""

    pair_f1: float
    b_cubed: float
    sure: int
    sure_right: float
    calibration_error: float

    def __str__(self) -> str:
        return (
            f"{self.pair_f1:.4f} / {self.b_cubed:.4f} | {self.sure_right:.4f} of {self.sure:,}"
            f" | {self.calibration_error:.4f}"
        )


def measure(
    table: pa.Table,
    truth: NDArray[np.int64],
    mapping: resolution.ColumnMapping,
    *,
    cut_off: float = 0.5,
) -> Accuracy:
    """Resolve `table`, whose rows belong to the people that `truth` numbers."""
    with resolution.DuckDBEngine(threads=THREADS) as engine:
        found = resolution.resolve(table, mapping, engine, cut_off=cut_off, pairs_from=0.0)
    rows = {name: row for row, name in enumerate(table[mapping.id].cast(pa.string()).to_pylist())}
    groups = np.arange(len(truth))
    first: dict[int, int] = {}
    for name, group in zip(*(found.groups[c].to_pylist() for c in ("id", "group")), strict=True):
        groups[rows[name]] = first.setdefault(group, rows[name])
    pair_f1, b_cubed = compared(groups, truth)
    left, right = (
        np.array([rows[name] for name in found.pairs[column].to_pylist()], dtype=np.int64)
        for column in ("left_id", "right_id")
    )
    confidence = found.pairs["confidence"].to_numpy()
    right_ones = truth[left] == truth[right]
    sure = confidence >= 0.99
    return Accuracy(
        pair_f1,
        b_cubed,
        int(sure.sum()),
        float(right_ones[sure].mean()) if sure.any() else 1.0,
        calibration_error(confidence, right_ones),
    )


def compared(groups: NDArray[np.int64], truth: NDArray[np.int64]) -> tuple[float, float]:
    """Pair F1 and B-cubed F1 of groups against the truth."""
    _, group = np.unique(groups, return_inverse=True)
    _, person = np.unique(truth, return_inverse=True)
    _, cell, shared = np.unique(
        group.astype(np.int64) * (person.max() + 1) + person,
        return_inverse=True,
        return_counts=True,
    )
    found, real = np.bincount(group), np.bincount(person)

    def pairs(sizes: NDArray[np.int64]) -> float:
        return float((sizes * (sizes - 1) // 2).sum())

    both = pairs(shared)
    if pairs(real) == 0:
        pair_f1 = float(pairs(found) == 0)
    else:
        pair_f1 = 2 * both / (pairs(found) + pairs(real))
    precision, recall = (shared[cell] / sizes for sizes in (found[group], real[person]))
    return pair_f1, float(2 * precision.mean() * recall.mean() / (precision.mean() + recall.mean()))


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean gap between confidence and truth over ten bins, weighed by their pairs."""
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = [
        abs(confidence[bins == place].mean() - right[bins == place].mean()) * (bins == place).mean()
        for place in range(10)
        if (bins == place).any()
    ]
    return float(sum(gaps))


def accuracy(data: Path | None) -> None:
    """Print the table of accuracy for the sets in `data`, and for generated ones."""
    print("set | cluster pair F1 / B-cubed F1 | of pairs >= .99 right | calibration error")
    for name, table, truth, mapping in sets.known(data):
        print(name, "|", measure(table, truth, mapping), flush=True)


def shapes() -> None:
    """Print, for sets of other shapes, the accuracy at the fixed cut-off and at the best one."""
    print("shape | F1 / B-cubed at .5 | pairs >= .99 right | calibration | share of best | best at")
    for name, table, truth, mapping in sets.shapes():
        fixed = measure(table, truth, mapping)
        tried = {
            cut_off: measure(table, truth, mapping, cut_off=cut_off).pair_f1
            for cut_off in (0.1, 0.25, 0.75, 0.9, 0.97, 0.99)
        } | {0.5: fixed.pair_f1}
        best = max(tried, key=lambda cut_off: tried[cut_off])
        share = fixed.pair_f1 / max(tried[best], 1e-9)
        print(name, "|", fixed, "|", f"{share:.3f} | {best}", flush=True)


def hostile() -> None:
    """Print time, memory and the largest group for data that want to do harm."""
    print("data | records | seconds | MiB so far | groups | largest group")
    for name, table, mapping in sets.hostile():
        started = time.perf_counter()
        with resolution.DuckDBEngine(threads=THREADS) as engine:
            found = resolution.resolve(table, mapping, engine)
        seconds = time.perf_counter() - started
        sizes = np.unique(found.groups["group"].to_numpy(), return_counts=True)[1]
        largest = sizes.max() if len(sizes) else 1
        print(
            name,
            "|",
            table.num_rows,
            "|",
            f"{seconds:.1f} | {_peak()} | {len(sizes)} | {largest}",
            flush=True,
        )


def speed(count: int, file: Path | None, memory: str) -> None:
    """Print time and memory for `count` generated records, from raw columns in a Parquet file."""
    with tempfile.TemporaryDirectory() as folder:
        path = file or Path(folder) / "records.parquet"
        if not path.exists():
            write(path, count, seed=7)
        names = [name for name in pq.read_schema(path).names if name != "EntityId"]
        mapping = resolution.guess_mapping(names, id_column="ProfileId")
        before = _peak()
        started, used = time.perf_counter(), time.process_time()
        with resolution.DuckDBEngine(
            threads=THREADS, memory_limit=memory, spill_to=Path(folder)
        ) as engine:
            found = resolution.resolve(path, mapping, engine)
        seconds, used = time.perf_counter() - started, time.process_time() - used
    print("records | seconds | CPU seconds | MiB | MiB before | records in groups")
    print(f"{count} | {seconds:.1f} | {used:.1f} | {_peak()} | {before} | {found.groups.num_rows}")


def from_kept(count: int) -> None:
    """Print time for `count` generated records from raw columns, and from the values that were
    normalised before and kept, in turns.
    """
    with tempfile.TemporaryDirectory() as folder:
        raw, mapping, values = _normalised(Path(folder), count)
        kept = Path(folder) / "kept.parquet"
        resolution.kept.write(values, kept)
        print("from | seconds | CPU seconds | records in groups")
        for _ in range(3):
            _timed("raw columns", raw, mapping)
            _timed("kept values", kept, resolution.kept.mapping_after(mapping))


def again(count: int, share: float) -> None:
    """Print time for a first run on kept values of `count` generated records, and for a second one
    after a share of them changed, once building on the first and once as a whole run; whether both
    find the same.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _, mapping, values = _normalised(place, count)
        mapping = resolution.kept.mapping_after(mapping)
        resolution.kept.write(values.sort_by("id"), place / "then.parquet")
        now = _changed(values, share).sort_by("id")
        resolution.kept.write(now, place / "now.parquet")
        print("run | seconds | CPU seconds | records in groups")
        first = _timed("first", place / "then.parquet", mapping, folder=place / "memory")
        more = {"model": first.model}
        second = _timed("second", place / "now.parquet", mapping, folder=place / "memory", **more)
        whole = _timed("second, whole", place / "now.parquet", mapping, **more)
        print("the same groups:", second.groups.equals(whole.groups))


def _changed(values: pa.Table, share: float) -> pa.Table:
    """Of a share of records four in ten moved house and have another phone, three are gone, and as
    many came.
    """
    random = np.random.default_rng(3)
    count = len(values)
    drawn = random.choice(count, int(count * share), replace=False)
    moved, gone, copied = np.split(drawn, [len(drawn) * 4 // 10, len(drawn) * 7 // 10])
    others = values.take(random.choice(count, len(moved)))
    homes = {name: others[name] for name in ("p1", "house", "street", "zip", "town")}
    after = {name: values[name].take(pa.array(moved)) for name in values.column_names} | homes
    ids = [f"{name}-2" for name in values["id"].take(pa.array(copied)).to_pylist()]
    came = values.take(copied).set_column(0, "id", pa.array(ids))
    stays = np.ones(count, dtype=bool)
    stays[[*moved, *gone]] = False
    return pa.concat_tables([values.filter(pa.array(stays)), pa.table(after), came])


def _normalised(folder: Path, count: int) -> tuple[Path, resolution.ColumnMapping, pa.Table]:
    """A file of generated records, how it is read, and its normalised values."""
    raw = folder / "records.parquet"
    write(raw, count, seed=7)
    names = [name for name in pq.read_schema(raw).names if name != "EntityId"]
    mapping = resolution.guess_mapping(names, id_column="ProfileId")
    with resolution.DuckDBEngine(threads=THREADS) as engine:
        return raw, mapping, resolution.kept.normalise(raw, mapping, engine)


def _timed(
    name: str, path: Path, mapping: resolution.ColumnMapping, **more: Any
) -> resolution.Resolution:
    started, used = time.perf_counter(), time.process_time()
    with resolution.DuckDBEngine(threads=THREADS) as engine:
        found = resolution.resolve(path, mapping, engine, pairs_from=1.1, **more)
    seconds, used = time.perf_counter() - started, time.process_time() - used
    print(f"{name} | {seconds:.1f} | {used:.1f} | {found.groups.num_rows}", flush=True)
    return found


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("accuracy").add_argument("--data", type=Path)
    commands.add_parser("shapes")
    commands.add_parser("hostile")
    fast = commands.add_parser("speed")
    fast.add_argument("count", type=int)
    fast.add_argument("--file", type=Path)
    fast.add_argument("--memory", default="4GB")
    commands.add_parser("kept").add_argument("count", type=int)
    second = commands.add_parser("again")
    second.add_argument("count", type=int)
    second.add_argument("--share", type=float, default=0.01)
    given = parser.parse_args()
    if given.command == "accuracy":
        accuracy(given.data)
    elif given.command == "shapes":
        shapes()
    elif given.command == "hostile":
        hostile()
    elif given.command == "kept":
        from_kept(given.count)
    elif given.command == "again":
        again(given.count, given.share)
    else:
        speed(given.count, given.file, given.memory)


if __name__ == "__main__":
    main()
