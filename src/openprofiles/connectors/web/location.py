"""Where requests of a session may go: to one origin, and in the clear only within the machine."""

from urllib.parse import urlencode, urljoin, urlsplit

from openprofiles.connectors.connector import SourceRefused

Origin = tuple[str, str, int]
"""Scheme, host and port."""

_PORTS = {"http": 80, "https": 443}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def origin_of(url: str, *, service: str) -> Origin:
    """The origin of `url`; SourceRefused when it is no URL to send credentials to."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError as error:
        raise SourceRefused(f"{service}: the address is not a URL") from error
    if scheme not in _PORTS or not host:
        raise SourceRefused(f"{service}: the address must be a URL that begins with https://")
    if parts.username is not None:
        raise SourceRefused(f"{service}: credentials do not belong in the address")
    if scheme == "http" and host not in _LOOPBACK:
        raise SourceRefused(f"{service}: http:// would send credentials in the clear; use https://")
    return scheme, host, port or _PORTS[scheme]


def locate(base: str, path: str, parameters: list[tuple[str, str]], *, service: str) -> str:
    """The URL of `path` (relative to `base`, or a whole URL of the same origin) with parameters.

    A source that names a next page elsewhere is refused: the credentials are for its own origin.
    """
    try:
        url = urljoin(f"{base.rstrip('/')}/", path)
    except ValueError as error:
        raise SourceRefused(f"{service} named an address that is not a URL") from error
    if origin_of(url, service=service) != origin_of(base, service=service):
        raise SourceRefused(f"{service} named an address on another host, which gets no request")
    if not parameters:
        return url
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(parameters)}"
