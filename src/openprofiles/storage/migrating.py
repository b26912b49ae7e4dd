"""Bring a database to the schema this version needs: forward only, by numbered SQL files that
Alembic runs in order.
"""

from pathlib import Path

import psycopg

from openprofiles.storage.database import Transaction
from openprofiles.storage.errors import CannotStart

MIGRATIONS = Path(__file__).parent / "migrations"
OLDEST_SERVER, NEWEST_SERVER = 15, 18
LOCK = 0x6F70656E70726F66
"""The advisory lock of who migrates: "openprof" as a number."""


def migrate(conninfo: str) -> None:
    """Bring the database to `newest_version()`; of several callers, one does it, the others wait.

    Raises CannotStart when the database cannot be reached, is no PostgreSQL we support, or is newer
    than we are.
    """
    try:
        with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as connection:
            check_server(connection)
            version = current_version(connection)
        check_version(version)
        if version != newest_version():
            _upgrade(conninfo)
    except psycopg.Error as error:
        raise CannotStart(_explain(error)) from error


def newest_version() -> str:
    """The version this code needs: the number of the last SQL file."""
    return known_versions()[-1]


def known_versions() -> list[str]:
    """The numbers of all SQL files, oldest first."""
    return sorted(path.name.split("_")[0] for path in MIGRATIONS.glob("[0-9]*.sql"))


def current_version(connection: psycopg.Connection) -> str | None:
    """The version a database has, None when it is empty."""
    found = connection.execute("select to_regclass('alembic_version')").fetchone()
    if found is None or found[0] is None:
        return None
    row = connection.execute("select version_num from alembic_version").fetchone()
    return None if row is None else str(row[0])


def database_version(transaction: Transaction) -> str:
    """The version of a migrated database, for who asks whether it is there."""
    row = transaction.row("select version_num from alembic_version")
    return str(row[0]) if row else ""


def check_version(version: str | None) -> None:
    """CannotStart when a newer openprofiles has been at the database."""
    if version is not None and version not in known_versions():
        raise CannotStart(
            f"The database has schema {version}, this openprofiles knows schemas up to "
            f"{newest_version()}: "
            "install the version of openprofiles that last used it, or a newer one"
        )


def check_server(connection: psycopg.Connection) -> None:
    """CannotStart when the server is too old for us or does not store Unicode."""
    major = connection.info.server_version // 10_000
    if major < OLDEST_SERVER:
        raise CannotStart(
            f"The database server is PostgreSQL {major}; openprofiles needs {OLDEST_SERVER} to "
            f"{NEWEST_SERVER}: "
            "upgrade it, or leave database_url out to use the embedded one"
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise CannotStart(
            f"The database stores text as {encoding}; openprofiles needs UTF8: "
            "make one with `create database … encoding 'UTF8' template template0`"
        )


def _upgrade(conninfo: str) -> None:
    # Imported here: most starts find nothing to do, and importing takes longest of all they do.
    import sqlalchemy
    from alembic import command
    from alembic.config import Config

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(conninfo, connect_timeout=10),
        poolclass=sqlalchemy.NullPool,
    )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        # One transaction for lock and changes: who waited sees what the other has reached.
        with engine.begin() as connection:
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except sqlalchemy.exc.DBAPIError as error:
        # The driver's own error, which says more.
        raise error.orig or error from error


def _explain(error: psycopg.Error) -> str:
    said = error.diag.message_primary or " ".join(str(error).split())
    if error.sqlstate is not None:
        return (
            f"The database cannot be brought to schema {newest_version()}: {said}. "
            "Its user needs the right to create and change tables in the schema public"
        )
    if isinstance(error, psycopg.ProgrammingError):
        # What it said would quote the URL, and the password in it.
        return "database_url is no PostgreSQL URL such as postgresql://user:password@host:5432/name"
    return f"The database cannot be reached: check database_url, and that the server runs. {said}"
