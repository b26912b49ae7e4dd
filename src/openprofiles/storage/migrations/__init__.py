"""The schema's changes: numbered SQL files, and in `versions/` the Alembic revision of each."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op


def run(file_name: str) -> None:
    """Run the statements of an SQL file beside this module in the migration's transaction."""
    text = (Path(__file__).parent / file_name).read_text(encoding="utf-8")
    connection = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    # Bytes, because it is no literal; without parameters, so that % and : mean nothing.
    connection.execute(text.encode())
