"""The link to the database: whether others could read it, and what its URL gives away."""

import ipaddress
import logging

import psycopg
from psycopg.conninfo import conninfo_to_dict

logger = logging.getLogger(__name__)


def uses_tls(connection: psycopg.Connection) -> bool:
    """Whether a connection is encrypted."""
    return bool(connection.pgconn.ssl_in_use)


def is_exposed(address: str, *, over_tls: bool) -> bool:
    """Whether others could read what goes to the server at an IP address; "" is a socket."""
    return bool(address) and not over_tls and not ipaddress.ip_address(address).is_loopback


def warn_when_exposed(conninfo: str) -> None:
    """Log a warning when customers' data goes to the server over a network in the clear.

    Raises psycopg.OperationalError when the server cannot be reached.
    """
    with psycopg.connect(conninfo, connect_timeout=10) as connection:
        address = connection.info.hostaddr
        if is_exposed(address, over_tls=uses_tls(connection)):
            logger.warning(
                "The connection to the database is not encrypted: add sslmode=verify-full and"
                " sslrootcert=… to database_url",
                extra={"address": address},
            )


def has_password(conninfo: str) -> bool:
    """Whether a password stands in a URL, or in libpq's other form; False for what is neither."""
    try:
        return conninfo_to_dict(conninfo).get("password") is not None
    except psycopg.ProgrammingError:
        return False
