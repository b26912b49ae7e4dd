"""`make bench ARGS=resolution`: our engine and Splink on the same files, in turns, and the table of
both in docs/performance.md.

Splink runs in an environment of its own (`peer-requirements.txt`), which is set up on first use.
Both get the same columns and no labels; each has one configuration for all sets.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sets
from generate import write
from measure import calibration_error, compared
from numpy.typing import NDArray

from openprofiles.resolution import ColumnMapping

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PEER = ROOT / ".venv" / "splink"
BEGIN, END = "<!-- resolution: begin -->", "<!-- resolution: end -->"
TARGETS = {
    "customers_10k": (0.92, 0.96),
    "fake_1000": (0.90, 0.93),
    "febrl3": (0.9995, 0.9997),
    sets.TRUTH_SET: (0.85, 0.94),
    "generated 100,000": (0.90, 0.955),
    "generated 100,000, contact only": (0.87, 0.945),
    "generated 1,000,000": (0.87, 0.945),
}


@dataclass(frozen=True)
class Goal:
    """What a file of one size may take, and how many times as long Splink took on the machine that
    the seconds were set on.
    """

    seconds: float
    ratio: float
    gigabytes: float


GOALS = {1_000_000: Goal(8.0, 2.6, 0.9), 10_000_000: Goal(75.0, 1.4, 8.0)}


@dataclass(frozen=True)
class Run:
    """What one engine found in one file, and what it took."""

    pair_f1: float
    b_cubed: float
    sure_right: float
    calibration: float
    seconds: float
    gigabytes: float


class Field:
    """A folder with a file for both engines to run on."""

    def __init__(self, folder: Path, peer: Path) -> None:
        self._folder, self._peer = folder, peer

    def run(self, table: pa.Table | Path, truth: NDArray[np.int64], mapping: ColumnMapping) -> None:
        """Run both on `table`; `ours` and `splink` hold the results, None where Splink failed."""
        path = table if isinstance(table, Path) else self._folder / "records.parquet"
        if isinstance(table, pa.Table):
            pq.write_table(table, path)
        written = self._folder / "mapping.json"
        written.write_text(
            json.dumps(
                {
                    "id": mapping.id,
                    "fields": mapping.fields,
                    "identifiers": mapping.identifiers,
                    "country": mapping.country,
                }
            ),
            "utf-8",
        )
        ids = pq.read_table(path, columns=[mapping.id])[mapping.id].cast(pa.string())
        try:
            self.splink = self._measured(self._peer, "splink_peer.py", path, ids, truth)
        except subprocess.CalledProcessError as error:
            # Its training can end in an error on a small table, and then it has no result.
            print(f"Splink failed: {error.stderr.strip().splitlines()[-1]}", flush=True)
            self.splink = None
        self.ours = self._measured(Path(sys.executable), "our_run.py", path, ids, truth)

    def _measured(
        self, python: Path, script: str, path: Path, ids: pa.ChunkedArray, truth: NDArray[np.int64]
    ) -> Run:
        out = self._folder / "groups.parquet"
        command = [python, HERE / script, path, self._folder / "mapping.json", out]
        took = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
        )
        found = pq.read_table(out)
        groups = np.arange(len(truth))
        rows = _places(found["id"], ids)
        _, first, of = np.unique(
            np.array(found["group"].to_pylist()), return_index=True, return_inverse=True
        )
        groups[rows] = rows[first][of]
        pair_f1, b_cubed = compared(groups, truth)
        pairs = pq.read_table(out.with_suffix(".pairs.parquet"))
        right = truth[_places(pairs["left_id"], ids)] == truth[_places(pairs["right_id"], ids)]
        confidence = pairs["confidence"].to_numpy()
        sure = confidence >= 0.99
        return Run(
            pair_f1,
            b_cubed,
            float(right[sure].mean()) if sure.any() else 1.0,
            calibration_error(confidence, right),
            took["seconds"],
            took["gigabytes"],
        )


def _places(names: pa.ChunkedArray, ids: pa.ChunkedArray) -> NDArray[np.int64]:
    return pc.index_in(names.cast(pa.string()), value_set=ids.combine_chunks()).to_numpy()


def main() -> None:
    """Read the arguments, run, print, and write the page."""
    parser = argparse.ArgumentParser(prog="bench resolution", description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder of the public sets")
    parser.add_argument(
        "--truth-set",
        type=Path,
        nargs=2,
        metavar=("FOLDER", "KEY"),
        help="Senzing's truth set, and the key of its groups (truthset_key.csv)",
    )
    parser.add_argument("--speed", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--peer", type=Path, help="a Python that has the peer; else one is set up")
    parser.add_argument("--print-only", action="store_true", help="leave the page as it is")
    given = parser.parse_args()
    peer = given.peer or _peer()
    accuracy, speed = [], []
    with tempfile.TemporaryDirectory(prefix="openprofiles-bench-") as folder:
        field = Field(Path(folder), peer)
        tables = list(sets.known(given.data))
        if given.truth_set:
            tables.append(sets.truth_set(*given.truth_set))
        for name, table, truth, mapping in tables:
            field.run(table, truth, mapping)
            accuracy.append(_accuracy_row(name, field))
            print(accuracy[-1], flush=True)
        for count in given.speed:
            path = Path(folder) / f"{count}.parquet"
            write(path, count, seed=7)
            names = [name for name in pq.read_schema(path).names if name != "EntityId"]
            truth = pq.read_table(path, columns=["EntityId"])["EntityId"].to_numpy()
            field.run(path, truth, sets.guess_mapping(names, id_column="ProfileId"))
            accuracy.append(_accuracy_row(f"generated {count:,}", field))
            speed.append(_speed_row(count, field))
            print(accuracy[-1], speed[-1], sep="\n", flush=True)
    text = _page(accuracy, speed)
    if not given.print_only:
        _write(text)


def _peer() -> Path:
    """The Python of the peer's environment, set up when it is not there."""
    python = PEER / "bin" / "python"
    if not python.exists():
        venv.create(PEER, with_pip=True)
        requirements = HERE / "peer-requirements.txt"
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
    return python


def _accuracy_row(name: str, field: Field) -> str:
    target = TARGETS.get(name)
    goal, met = "", ""
    if target:
        goal = f"{target[0]:g} / {target[1]:g}"
        reached = field.ours.pair_f1 >= target[0] and field.ours.b_cubed >= target[1]
        met = "yes" if reached else "**no**"
    peer, ours = field.splink, field.ours
    found, sure, error = "fails", "", ""
    if peer:
        found = f"{peer.pair_f1:.3f} / {peer.b_cubed:.3f}"
        sure, error = f"{peer.sure_right:.3f}", f"{peer.calibration:.3f}"
    return (
        f"| {name} | {found} | {ours.pair_f1:.4f} / {ours.b_cubed:.4f} | {goal} | {met} |"
        f" {sure} | {ours.sure_right:.4f} | {error} | {ours.calibration:.3f} |"
    )


def _speed_row(count: int, field: Field) -> str:
    peer, ours = field.splink, field.ours
    ratio = peer.seconds / ours.seconds if peer else None
    told = [f"{count:,}", _took(peer), _took(ours), "" if ratio is None else f"{ratio:.2f}"]
    target, met = "", ""
    if goal := GOALS.get(count):
        target = f"{goal.seconds:g} s; {goal.ratio}; {goal.gigabytes:g} GB"
        is_met = (
            ours.seconds <= goal.seconds,
            ratio is None or ratio >= goal.ratio,
            ours.gigabytes <= goal.gigabytes,
        )
        met = "; ".join("yes" if met else "**no**" for met in is_met)
    return f"| {' | '.join((*told, target, met))} |"


def _took(run: Run | None) -> str:
    return "fails" if run is None else f"{run.seconds:.1f} s, {run.gigabytes:.2f} GB"


def _page(accuracy: list[str], speed: list[str]) -> str:
    day = datetime.now(UTC).date().isoformat()
    lines = [
        f"Measured on {day} with `make bench ARGS=resolution`, both engines on the same files, with"
        " two threads.",
        "",
        "| cluster pair F1 / B-cubed F1 | Splink | ours | target | met | pairs ≥ .99 right: Splink"
        " | ours | calibration error: Splink | ours |",
        "|---|---|---|---|---|---|---|---|---|",
        *accuracy,
        "",
        "| records, from raw columns to groups | Splink | ours | Splink : ours | target | met |",
        "|---|---|---|---|---|---|",
        *speed,
    ]
    return "\n".join(lines)


def _write(text: str) -> None:
    page = ROOT / "docs" / "performance.md"
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
