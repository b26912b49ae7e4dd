"""TLS in front of a server that has none, as a proxy would do it, and certificates for it."""

import datetime
import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from psycopg.conninfo import conninfo_to_dict, make_conninfo

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate of a server called `name`, signed by itself, and its key: two files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{name}.crt", folder / f"{name}.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    files[1].chmod(0o600)
    return files


@dataclass(frozen=True, slots=True)
class Tls:
    """Where a database answers over TLS, and the certificate that proves who it is."""

    port: int
    certificate: Path

    def url_of(self, conninfo: str, **options: str) -> str:
        """How to reach a database of that server by TLS, checking its name."""
        known: dict[str, str | int] = {
            "host": "localhost",
            "hostaddr": "127.0.0.1",
            "port": self.port,
            "sslmode": "verify-full",
            "sslrootcert": str(self.certificate),
        }
        return make_conninfo(conninfo, **(known | options))


@contextmanager
def tls_in_front_of(conninfo: str, folder: Path) -> Iterator[Tls]:
    """Speak TLS with clients, and hand what they say on to the socket of a server."""
    certificate, key = make_certificate(folder, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    parts = conninfo_to_dict(conninfo)
    target = f"{parts['host']}/.s.PGSQL.{parts.get('port', 5432)}"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads: list[threading.Thread] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    thread = threading.Thread(target=_serve, args=(client, context, target))
                    thread.start()
                    threads.append(thread)

        accepting = threading.Thread(target=accept)
        accepting.start()
        yield Tls(listener.getsockname()[1], certificate)
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()
        for thread in threads:
            thread.join()


def _serve(client: socket.socket, context: ssl.SSLContext, target: str) -> None:
    # A client that does not like the certificate goes; one that ends may leave without a word.
    with suppress(OSError), client:
        if client.recv(len(SSL_REQUEST)) != SSL_REQUEST:
            return
        client.sendall(b"S")
        with (
            context.wrap_socket(client, server_side=True) as shielded,
            socket.socket(socket.AF_UNIX) as plain,
        ):
            plain.connect(target)
            _exchange(shielded, plain)


def _exchange(shielded: ssl.SSLSocket, plain: socket.socket) -> None:
    while True:
        ready = [shielded] if shielded.pending() else select.select([shielded, plain], [], [])[0]
        for source, sink in ((shielded, plain), (plain, shielded)):
            if source in ready:
                content = source.recv(1 << 16)
                if not content:
                    return
                sink.sendall(content)
