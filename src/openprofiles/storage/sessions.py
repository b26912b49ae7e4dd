"""A connection of one's own, for locks that live as long as the process that holds them; and the
database's URL.

A transaction's locks (locks.py) order writers. A session's locks say who is alive: the database
gives them back when the process dies, however it dies.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, LiteralString
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict


class SessionLost(Exception):
    """The connection broke, and with it all locks it held."""


class Session:
    """One connection and its locks; used by one thread at a time. Raises SessionLost."""

    def __init__(self, conninfo: str) -> None:
        try:
            self._connection = psycopg.connect(conninfo, autocommit=True)
        except psycopg.OperationalError as error:
            raise SessionLost("The database cannot be reached") from error

    def try_lock(self, name: str) -> bool:
        """Take the lock `name` if nobody has it; raises SessionLost."""
        return bool(self._value("select pg_try_advisory_lock(hashtextextended(%s::text, 0))", name))

    def unlock(self, name: str) -> None:
        """Give the lock `name` back; raises SessionLost."""
        self._value("select pg_advisory_unlock(hashtextextended(%s::text, 0))", name)

    def check(self) -> None:
        """Raises SessionLost when the connection is gone."""
        self._value("select %s::text", "")

    def close(self) -> None:
        """Give back the connection and all its locks."""
        self._connection.close()

    def _value(self, query: LiteralString, name: str) -> Any:
        try:
            row = self._connection.execute(query, [name]).fetchone()
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise SessionLost("The connection to the database broke") from error
        return row[0] if row else None


@contextmanager
def holding(conninfo: str, name: str) -> Iterator[bool]:
    """Hold the lock `name` meanwhile, in a session of its own; False when somebody else does.

    Raises SessionLost.
    """
    session = Session(conninfo)
    is_held = session.try_lock(name)
    try:
        yield is_held
    finally:
        if is_held:
            # Closing alone would give it back a moment later; a lost session has given it back.
            with suppress(SessionLost):
                session.unlock(name)
        session.close()


def as_url(conninfo: str) -> str:
    """`conninfo`, in libpq's URL or `key=value` form, as a URL with host and port among its
    options.

    So a socket folder or several hosts need no escapes; raises psycopg.ProgrammingError when it is
    neither form.
    """
    options = {
        name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value is not None
    }
    user, password = options.pop("user", ""), options.pop("password", "")
    database = options.pop("dbname", "")
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    authority = f"{login}@" if login else ""
    return (
        f"postgresql://{authority}/{quote(database, safe='')}?{urlencode(options, quote_via=quote)}"
    )
