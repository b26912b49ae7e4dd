"""`openprofiles serve --auth sigv4` from its first start on: keys over a real connection."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.acceptance.service import Service


def _started(service: Service) -> dict[str, str]:
    """Start it; the variables that it printed before it said where it answers."""
    process = service.spawn()
    assert process.stdout is not None
    printed: dict[str, str] = {}
    for line in process.stdout:
        if "answers at" in line:
            service.port = int(line.rsplit(":", 1)[1])
            return printed
        name, _, value = line.strip().partition("=")
        if name.startswith("AWS_"):
            printed[name] = value
    raise AssertionError(service.log.read_text())


def _client(service: Service, key_id: str, secret: str):
    return boto3.client(
        "customer-profiles",
        region_name="us-east-1",
        endpoint_url=service.url,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def service(data_dir: Path) -> Iterator[Service]:
    """A service that asks for signatures; not started."""
    service = Service(data_dir, "--auth", "sigv4", "--workers", "2")
    yield service
    service.end()


def test_the_first_start_prints_a_key_that_may_do_everything(service):
    printed = _started(service)
    key_id, secret = printed["AWS_ACCESS_KEY_ID"], printed["AWS_SECRET_ACCESS_KEY"]

    assert _client(service, key_id, secret).create_domain(DomainName="crm", DefaultExpirationDays=1)
    with pytest.raises(ClientError) as refused:
        _client(service, key_id, "a guess").list_domains()
    assert refused.value.response["Error"]["Code"] == "InvalidSignatureException"
    with pytest.raises(ClientError) as unknown:
        _client(service, "OPAK" + "A" * 16, secret).list_domains()
    assert unknown.value.response["Error"]["Code"] == "UnrecognizedClientException"

    service.stop()
    assert _started(service) == {}
    [domain] = _client(service, key_id, secret).list_domains()["Items"]
    assert domain["DomainName"] == "crm"
    assert secret not in service.log.read_text()
