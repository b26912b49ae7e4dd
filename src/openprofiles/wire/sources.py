"""Where a request comes from: its address, seen through the proxies that we trust, and by TLS?"""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from openprofiles.core.networks import Network, networks_of
from openprofiles.core.settings import Settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Sources:
    """What `trusted_proxies` and `metrics_from` say about requests.

    Raises ValueError with a sentence when one of them is no list of addresses and networks.
    """

    def __init__(self, settings: Settings) -> None:
        self._proxies = networks_of(settings, "trusted_proxies")
        self._metrics = networks_of(settings, "metrics_from")

    def address_of(self, environ: Mapping[str, Any]) -> str | None:
        """The address that a request comes from; None when it came by no network.

        What `X-Forwarded-For` says is believed as far as trusted proxies wrote it: the last address
        in it that is none of theirs.
        """
        peer: str | None = environ.get("REMOTE_ADDR")
        if peer is None:
            return None
        told = environ.get("HTTP_X_FORWARDED_FOR", "") if self._proxies else ""
        address = _address(peer)
        for text in reversed(told.split(",") if told else []):
            if address is None or not _is_in(address, self._proxies):
                break
            before = _address(_without_port(text.strip()))
            if before is None:
                break
            address = before
        return peer if address is None else str(address)

    def is_secure(self, environ: Mapping[str, Any]) -> bool:
        """Whether it came by TLS, to us or to a trusted proxy."""
        if environ.get("wsgi.url_scheme") == "https":
            return True
        if not self._is_from_proxy(environ):
            return False
        told = str(environ.get("HTTP_X_FORWARDED_PROTO", ""))
        return told.rpartition(",")[2].strip().lower() == "https"

    def may_see_metrics(self, environ: Mapping[str, Any]) -> bool:
        """Whether it may read the metrics; not what a proxy that nobody named has forwarded."""
        forwarded = "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ
        if forwarded and not self._is_from_proxy(environ):
            return False
        address = self.address_of(environ)
        known = None if address is None else _address(address)
        return address is None or (known is not None and _is_in(known, self._metrics))

    def _is_from_proxy(self, environ: Mapping[str, Any]) -> bool:
        if not self._proxies:
            return False
        peer = _address(environ.get("REMOTE_ADDR", ""))
        return peer is not None and _is_in(peer, self._proxies)


def neighbourhood_of(address: str | None) -> str:
    """What is counted as one source: an IPv4 address, or the /64 that one host has of IPv6."""
    known = None if address is None else _address(address)
    if isinstance(known, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((known, 64), strict=False))
    return address or ""


@lru_cache(maxsize=1024)
def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
