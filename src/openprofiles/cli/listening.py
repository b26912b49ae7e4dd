"""Where the service listens: which address is allowed, whether the port is free, its URL."""

import errno
import logging
import os
import resource
import socket
import ssl
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from openprofiles.core.networks import is_loopback
from openprofiles.core.settings import Settings
from openprofiles.core.stopping import Stop
from openprofiles.storage.errors import CannotStart

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0
"""How long a port may be taken: the processes of a service that was just killed need a moment to
go.
"""


def check_auth(settings: Settings) -> None:
    """CannotStart when the settings would let anybody on the network in."""
    if settings.auth == "open" and not is_loopback(settings.host):
        raise CannotStart(
            f"With auth open anybody who reaches {settings.host} could read and change everything: "
            "give --auth sigv4, or listen on 127.0.0.1"
        )


def warn_of_clear_text(settings: Settings) -> None:
    """Log that others on the network could read along, if they could."""
    if settings.tls_certificate is None and not is_loopback(settings.host):
        logger.warning(
            "What callers send and get can be read on its way to %s: give tls_certificate and "
            "tls_key, or put a proxy with HTTPS in front",
            settings.host,
        )


FILES_BESIDE_CONNECTIONS = 512
"""Files that a process has open beside connections of clients, at most."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files that we serve HTTPS with; each web worker reads them when it starts."""

    chain: Path
    key: Path

    def check(self) -> None:
        """CannotStart when they cannot be read, or do not belong together."""
        try:
            # Without a password: else OpenSSL would ask for it in the terminal.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
                self.chain, self.key, password=""
            )
        except OSError as error:
            if isinstance(error, ssl.SSLError):
                reason = error.reason
            else:
                reason = os.strerror(error.errno or 0)
            raise CannotStart(
                f"The certificate of tls_certificate and tls_key cannot be used ({reason}): both "
                "are files in PEM format, the key belongs to the certificate and has no password"
            ) from error


def certificate_of(settings: Settings) -> Certificate | None:
    """What to serve HTTPS with, if it is; CannotStart when it is half given or cannot be used."""
    if settings.tls_certificate is None and settings.tls_key is None:
        return None
    if settings.tls_certificate is None or settings.tls_key is None:
        raise CannotStart("tls_certificate and tls_key go together: give both, or none")
    certificate = Certificate(Path(settings.tls_certificate), Path(settings.tls_key))
    certificate.check()
    return certificate


def reserve(host: str, port: int, stop: Stop) -> socket.socket:
    """A socket that holds the port (0: a free one) for our workers, who bind it again to listen.

    Raises CannotStart when somebody else has it, SystemExit when told to stop while it waits.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return _bind(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CannotStart(
                    f"Cannot listen on {host} port {port} ({os.strerror(error.errno or 0)}): "
                    "choose another host or port"
                ) from error
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"Port {port} of {host} is in use: stop who uses it, or choose another with "
                    "--port"
                ) from error
        if stop.wait(0.05):
            sys.exit(stop.exit_code)


def url_of(host: str, port: int, *, is_secure: bool = False) -> str:
    """The service's URL."""
    scheme = "https" if is_secure else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def allow_files(connections: int) -> None:
    """Let each of our processes have so many connections open, if the system lets us."""
    wanted = connections + FILES_BESIDE_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Alone first: sharing a port, as our workers do, would let two services of one user have it at
    # once.
    with _reusable(family) as alone:
        alone.bind((host, port))
        port = alone.getsockname()[1]
    with ExitStack() as opened:
        shared = opened.enter_context(_reusable(family))
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        shared.bind((host, port))
        opened.pop_all()
        return shared


def _reusable(family: int) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return opened
