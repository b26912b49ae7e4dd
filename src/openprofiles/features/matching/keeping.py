"""What a run found as rows to store."""

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from openprofiles.core.ids import Id

IDS_AT_ONCE = 50_000
ROWS_AT_ONCE = 100_000


def without_gone(groups: pa.Table, existing: Callable[[Iterable[Id]], set[Id]]) -> pa.Table:
    """Groups without profiles that were removed while the engine ran."""
    ids = groups["profile_id"]
    gone: list[Id] = []
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = [str(profile_id) for profile_id in ids.slice(start, IDS_AT_ONCE).to_pylist()]
        gone.extend(set(some) - existing(some))
    if not gone:
        return groups
    return groups.filter(pc.invert(pc.is_in(ids, value_set=pa.array(gone, pa.string()))))


def queue(groups: pa.Table) -> pa.Table:
    """The groups of two profiles and more: `match_id`, `gain` (how many profiles too many a group
    is expected to take away) and `confidence`.
    """
    counted = groups.group_by("match_id").aggregate(
        [("profile_id", "count"), ("confidence", "max")]
    )
    waiting = counted.filter(pc.greater(counted["profile_id_count"], pa.scalar(1)))
    others = pc.subtract(waiting["profile_id_count"], pa.scalar(1))
    # As the database holds it, where what is left of a group is counted anew.
    confidence = waiting["confidence_max"].cast(pa.float32())
    gain = pc.multiply(others.cast(pa.float64()), confidence.cast(pa.float64()))
    return pa.table({"match_id": waiting["match_id"], "gain": gain, "confidence": confidence})


def as_lines(table: pa.Table, domain_id: int, job_id: Id) -> Iterator[bytes]:
    """Rows as CSV, each with the domain and the job in front."""
    for start in range(0, table.num_rows, ROWS_AT_ONCE):
        some = table.slice(start, ROWS_AT_ONCE)
        whole = pa.table(
            {
                "domain_id": pa.repeat(domain_id, some.num_rows),
                "job_id": pa.repeat(job_id, some.num_rows),
                **{name: some[name] for name in some.column_names},
            }
        )
        buffer = BytesIO()
        csv.write_csv(whole, buffer, csv.WriteOptions(include_header=False))
        yield buffer.getvalue()
