"""Run our engine on one Parquet file, as `splink_peer.py` runs Splink: `our_run.py FILE
MAPPING.json OUT.parquet`. Prints seconds and gigabytes as JSON.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

from openprofiles import resolution

THREADS = 2
PAIRS_FROM = 0.01
MEMORY = "5GB"


def main() -> None:
    """Read the arguments, run, write groups and pairs."""
    path, mapping_path, out = (Path(argument) for argument in sys.argv[1:])
    written = json.loads(mapping_path.read_text("utf-8"))
    mapping = resolution.ColumnMapping(
        id=written["id"],
        fields={field: tuple(names) for field, names in written["fields"].items()},
        identifiers=tuple(written["identifiers"]),
        country=written["country"],
    )
    started = time.perf_counter()
    with (
        tempfile.TemporaryDirectory(dir=out.parent) as spill,
        resolution.DuckDBEngine(
            threads=THREADS, memory_limit=MEMORY, spill_to=Path(spill)
        ) as engine,
    ):
        found = resolution.resolve(path, mapping, engine, pairs_from=PAIRS_FROM)
        seconds = time.perf_counter() - started
    pq.write_table(found.groups, out)
    pq.write_table(found.pairs, out.with_suffix(".pairs.parquet"))
    # Kibibytes at most, of which the run is all but a tenth of a gigabyte.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "gigabytes": peak * 1024 / 1e9}))


if __name__ == "__main__":
    main()
