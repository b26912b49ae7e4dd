"""Which addresses requests to sources may lead to.

What a name leads to is looked up once, each address that it has is checked, and the connection is
made to one that was checked: a name that leads elsewhere a moment later (DNS rebinding) gains
nothing.
"""

import ipaddress
import socket

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

from openprofiles.connectors.reaching import Reach

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

METADATA = frozenset(
    map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
)
"""Where clouds tell their machines secrets, beside the link-local 169.254.169.254."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(Exception):
    """A name leads to an address that may not be reached."""


def may_reach(address: Address, reach: Reach) -> bool:
    """Whether a connection may be made to `address`."""
    inner = _inner(address)
    if inner.is_link_local or inner in METADATA:
        return False
    return reach == "any" or (inner.is_global and not inner.is_multicast)


def pool_manager(reach: Reach, **options: object) -> urllib3.PoolManager:
    """Connections that look up a name once and go to an address of it that was checked."""
    pools = urllib3.PoolManager(**options)  # type: ignore[arg-type]  # handed on as they are
    pools.pool_classes_by_scheme = {
        "http": _pool_class(HTTPConnectionPool, HTTPConnection, reach),
        "https": _pool_class(HTTPSConnectionPool, HTTPSConnection, reach),
    }
    return pools


def _pool_class(
    pool: type[HTTPConnectionPool], connection: type[HTTPConnection], reach: Reach
) -> type[HTTPConnectionPool]:
    class Checked(connection):  # type: ignore[misc, valid-type]  # a base that is handed in
        _dns_host: str

        def _new_conn(self) -> socket.socket:
            name = self._dns_host
            problem: NewConnectionError | None = None
            try:
                for address in _addresses(self, name, reach):
                    # Only where to connect: certificates are checked against the name.
                    self._dns_host = address
                    try:
                        opened: socket.socket = super()._new_conn()
                    except NewConnectionError as error:
                        problem = error
                    else:
                        return opened
            finally:
                self._dns_host = name
            raise problem or NewConnectionError(self, "The name has no address")

    return type("CheckedPool", (pool,), {"ConnectionCls": Checked})


def _addresses(connection: HTTPConnection, name: str, reach: Reach) -> list[str]:
    try:
        found = socket.getaddrinfo(name.strip("[]"), connection.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(
            name, connection, error if isinstance(error, socket.gaierror) else socket.gaierror()
        ) from error
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    for address in addresses:
        if not may_reach(ipaddress.ip_address(address.partition("%")[0]), reach):
            raise AddressRefused
    return addresses


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
