"""SQL of the insight room: a row for each hour of a domain."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import msgspec

from openprofiles.features.insight.hours import Hour
from openprofiles.storage.database import Row, Transaction


def find_last(transaction: Transaction, domain_id: int) -> datetime | None:
    """The last hour that was counted; None when none was."""
    [row] = transaction.rows("select max(hour) from domain_hours where domain_id = %s", [domain_id])
    last: datetime | None = row[0]
    return last


def insert(transaction: Transaction, domain_id: int, hours: Sequence[Hour]) -> None:
    """Keep hours. Those that are there are counted anew, and held what they held."""
    rows: list[dict[str, Any]] = [
        {
            "hour": hour.start.isoformat(),
            "profiles": hour.profiles,
            "objects": hour.objects,
            **asdict(hour.flow),
        }
        for hour in hours
    ]
    transaction.send(
        """
        insert into domain_hours (
            domain_id, hour, profiles, objects, objects_put, rejected, matches_found, merged)
        select %s, hour, profiles, objects, objects_put, rejected, matches_found, merged
        from json_to_recordset(%s::json) as row (
            hour timestamptz, profiles bigint, objects bigint, objects_put bigint, rejected bigint,
            matches_found bigint, merged bigint)
        on conflict (domain_id, hour) do update set
            objects_put = excluded.objects_put, rejected = excluded.rejected,
            matches_found = excluded.matches_found, merged = excluded.merged
        """,
        [domain_id, msgspec.json.encode(rows).decode()],
    )


def delete_before(transaction: Transaction, domain_id: int, moment: datetime) -> None:
    """Forget hours that began before a moment."""
    transaction.send(
        "delete from domain_hours where domain_id = %s and hour < %s", [domain_id, moment]
    )


def list_steps(
    transaction: Transaction, domain_id: int, *, since: datetime, step: timedelta
) -> list[Row]:
    """The hours from a moment on, added up by steps: (beginning, profiles and objects at the last
    hour of it that knows them, objects put, rejected, matches found, merged).
    """
    return transaction.rows(
        """
        select date_bin(%s::interval, hour, %s::timestamptz) as step,
            (array_agg(profiles order by hour desc) filter (where profiles is not null))[1],
            (array_agg(objects order by hour desc) filter (where objects is not null))[1],
            sum(objects_put)::bigint, sum(rejected)::bigint, sum(matches_found)::bigint,
            sum(merged)::bigint
        from domain_hours where domain_id = %s and hour >= %s
        group by step order by step
        """,
        [step, since, domain_id, since],
    )
