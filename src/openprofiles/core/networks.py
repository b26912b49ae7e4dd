"""Addresses, networks and names, as settings list them."""

import ipaddress
from urllib.parse import urlsplit

from openprofiles.core.settings import Settings, listed

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks_of(settings: Settings, name: str) -> tuple[Network, ...]:
    """The networks that a setting lists; ValueError naming it when one is none."""
    try:
        return tuple(
            ipaddress.ip_network(part, strict=False) for part in listed(getattr(settings, name))
        )
    except ValueError as error:
        raise ValueError(f"{name} is not a list of addresses and networks") from error


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`, a name or an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_own_name(host: str, settings: Settings) -> bool:
    """Whether a `Host` header means this machine, or a name that settings say is ours.

    A page elsewhere can have its own name lead here (DNS rebinding), and then is of one origin with
    us for the browser; what it cannot do is to send another name than its own.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        console = urlsplit(settings.console_url or "").hostname
    except ValueError:
        return False
    known = {settings.host, console, *listed(settings.host_names)}
    # Browsers take all of .localhost for this machine, whatever a resolver says.
    return name in known or is_loopback(name) or name.endswith(".localhost")
