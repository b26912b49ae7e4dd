"""How large and how busy the database is."""

from dataclasses import dataclass
from datetime import datetime

from openprofiles.storage.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The server's version, the size of the database in bytes, connections of the whole server and
    how many it takes, and since when it runs.
    """

    version: str
    size: int
    connections: int
    most_connections: int
    started_at: datetime


def measure(transaction: Transaction) -> Measures:
    """The measures of now."""
    [row] = transaction.rows(
        """
        select current_setting('server_version'), pg_database_size(current_database()),
            (select count(*) from pg_stat_activity where backend_type = 'client backend'),
            current_setting('max_connections')::integer, pg_postmaster_start_time()
        """
    )
    version, size, connections, most_connections, started_at = row
    return Measures(
        version=version,
        size=size,
        connections=connections,
        most_connections=most_connections,
        started_at=started_at,
    )
