"""Addresses and networks, as settings list them."""

import ipaddress

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
