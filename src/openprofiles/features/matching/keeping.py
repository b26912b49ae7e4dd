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


def count(groups: pa.Table) -> int:
    """How many groups have two profiles and more."""
    counted = groups.group_by("match_id").aggregate([("profile_id", "count")])
    return sum(number > 1 for number in counted["profile_id_count"].to_pylist() if number)


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
