"""HTTPS, and a certificate that is renewed while the service runs."""

import socket
import ssl
from pathlib import Path

import boto3
import pytest
from cryptography import x509

from openprofiles.cli.listening import Certificate
from openprofiles.storage.errors import CannotStart
from tests.acceptance.certificates import make_certificate
from tests.acceptance.service import running, wait_until


def _options(folder: Path) -> list[str]:
    return [
        *("--tls-certificate", str(folder / "certificate.pem")),
        *("--tls-key", str(folder / "key.pem")),
    ]


def _served(port: int) -> int:
    """The serial number of the certificate that a connection gets; 0 when there is none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            context.wrap_socket(plain) as connection,
        ):
            found = connection.getpeercert(binary_form=True)
    except OSError:
        return 0
    assert found is not None
    return x509.load_der_x509_certificate(found).serial_number


def test_a_client_calls_by_https_and_a_renewed_certificate_is_taken(data_dir, tmp_path):
    folder = tmp_path / "tls"
    first = make_certificate(folder)
    with running(data_dir, "--workers", "1", *_options(folder)) as service:
        client = boto3.client(
            "customer-profiles",
            region_name="us-east-1",
            endpoint_url=service.url.replace("http:", "https:"),
            aws_access_key_id="any",
            aws_secret_access_key="any",
            verify=str(folder / "certificate.pem"),
        )
        assert client.list_domains()["Items"] == []
        assert _served(service.port) == first

        second = make_certificate(folder)
        service.reload()
        wait_until(lambda: _served(service.port) == second)

        (folder / "key.pem").write_text("nonsense")
        service.reload()
        wait_until(lambda: "The web workers stay as they are" in service.log.read_text())
        assert _served(service.port) == second


def test_without_https_the_workers_can_be_replaced_too(data_dir):
    with running(data_dir, "--workers", "1") as service:
        [old] = service.web_workers()
        service.reload()
        wait_until(lambda: not old.is_running() or old.status() == "zombie")

        assert service.status("/domains") == 200


def test_told_to_stop_it_does_not_finish_replacing_workers(data_dir):
    with running(data_dir, "--workers", "2") as service:
        service.reload()
        wait_until(lambda: len(service.web_workers()) == 3)

        assert service.stop() == 0


@pytest.mark.parametrize("name", ["certificate.pem", "key.pem"])
def test_a_certificate_that_cannot_be_used_is_refused_with_its_reason(tmp_path, name):
    make_certificate(tmp_path)
    certificate = Certificate(tmp_path / "certificate.pem", tmp_path / "key.pem")
    certificate.check()

    make_certificate(tmp_path / "other")
    (tmp_path / name).write_bytes((tmp_path / "other" / name).read_bytes())
    with pytest.raises(CannotStart, match="KEY_VALUES_MISMATCH"):
        certificate.check()
    (tmp_path / name).unlink()
    with pytest.raises(CannotStart, match="No such file"):
        certificate.check()
