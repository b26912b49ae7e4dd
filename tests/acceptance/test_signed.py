"""boto3 and plain HTTP against a running service that asks for signatures."""

import http.client
import urllib.request
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.acceptance.conftest import Endpoint
from tests.acceptance.service import Service

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient


def client_of(endpoint: Endpoint, region: str = "us-east-1") -> "CustomerProfilesClient":
    """A client that signs."""
    client: CustomerProfilesClient = boto3.client(
        "customer-profiles",
        region_name=region,
        endpoint_url=endpoint.url,
        aws_access_key_id=endpoint.access_key_id,
        aws_secret_access_key=endpoint.secret,
        aws_session_token=endpoint.session_token,
        config=Config(retries={"total_max_attempts": 1}),
    )
    return client


@pytest.fixture(params=["lasting", "temporary"])
def key(request: pytest.FixtureRequest) -> Endpoint:
    found: Endpoint = request.getfixturevalue(f"{request.param}_key")
    return found


def _read(url: str) -> tuple[int, str | None]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 (of our own service)
            return answer.status, None
    except HTTPError as error:
        with error:
            return error.code, error.headers["x-amzn-ErrorType"]


def _refusal_of(endpoint: Endpoint, region: str = "us-east-1") -> tuple[int, str]:
    with pytest.raises(ClientError) as failure:
        client_of(endpoint, region).list_domains()
    answer: Any = failure.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def test_arns_in_paths_and_words_in_queries_are_signed(key: Endpoint):
    client, name = client_of(key), f"domain-{uuid.uuid4().hex}"
    client.create_domain(DomainName=name, DefaultExpirationDays=366, Tags={"a:b": "c/d"})
    arn = f"arn:aws:profile:us-east-1:000000000000:domains/{name}"

    client.tag_resource(resourceArn=arn, tags={"x+y": "ü", "z": "1"})
    client.untag_resource(resourceArn=arn, tagKeys=["x+y", "z"])

    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"a:b": "c/d"}


def test_a_presigned_url_is_one_request(key: Endpoint):
    client, name = client_of(key), f"domain-{uuid.uuid4().hex}"
    client.create_domain(DomainName=name, DefaultExpirationDays=366)
    arn = f"arn:aws:profile:us-east-1:000000000000:domains/{name}"

    url = client.generate_presigned_url("get_domain", {"DomainName": name}, ExpiresIn=60)
    tags = client.generate_presigned_url("list_tags_for_resource", {"resourceArn": arn})

    assert (_read(url), _read(tags)) == ((200, None), (200, None))
    assert _read(url.replace(name, f"{name}x")) == (403, "InvalidSignatureException")


def test_who_does_not_hold_the_key_is_refused(key: Endpoint):
    forged = (403, "InvalidSignatureException")
    unknown = (403, "UnrecognizedClientException")

    assert _refusal_of(replace(key, secret="guessed")) == forged
    assert _refusal_of(replace(key, access_key_id="OPAKAAAABBBBCCCCDDDD")) == unknown
    assert _refusal_of(replace(key, session_token="guessed")) == unknown
    assert _refusal_of(key, region="eu-west-1") == forged


def test_some_pages_need_no_signature(signed_service: Service):
    missing = (403, "MissingAuthenticationTokenException")

    assert _read(f"{signed_service.url}/_openprofiles/v1/health/ready") == (200, None)
    assert _read(f"{signed_service.url}/metrics") == (200, None)
    assert _read(f"{signed_service.url}/domains") == missing
    assert _read(f"{signed_service.url}/_openprofiles/v1/domains/shop/merges") == missing


def test_an_event_is_proven_by_its_own_signature(signed_service: Service, lasting_key: Endpoint):
    name = f"domain-{uuid.uuid4().hex}"
    client_of(lasting_key).create_domain(DomainName=name, DefaultExpirationDays=366)
    connection = http.client.HTTPConnection("127.0.0.1", signed_service.port, timeout=30)

    connection.request("POST", f"/_openprofiles/v1/events/{name}/nobody", b"{}")
    answer = connection.getresponse()
    answer.read()
    connection.close()

    # So far nobody asked for a signature of ours.
    assert (answer.status, answer.getheader("x-amzn-ErrorType")) == (
        404,
        "ResourceNotFoundException",
    )
