"""The requests that the measurements send, without end: a method, a path, headers, a body."""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from bench import workload

FIRST_VISIT = 900_000_000_000

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/profile/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date, "
    "Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024"
)
HEADERS = (
    ("Content-Type", "application/json"),
    ("User-Agent", "Boto3/1.44.0 md/Botocore#1.44.0 ua/2.1 os/linux md/arch#x86_64 lang/python"),
    ("X-Amz-Date", "20260101T000000Z"),
    ("Authorization", AUTHORIZATION),
    ("amz-sdk-invocation-id", "5f5c1b0e-1f39-4b0c-9a4b-1d2f9a3a5b11"),
    ("amz-sdk-request", "attempt=1"),
)
"""What boto3 sends; the signature has the right form, and with `auth = open` nobody checks it."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    method: str
    path: str
    body: bytes

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """All headers but Host and Content-Length."""
        return HEADERS


def puts(domain: str, *, known: int, seed: int) -> Iterator[Request]:
    """PutProfileObject by turns for a customer that nobody knows and for one of the `known`.

    Each brings a new visit. No two seeds below 100 bring the same new customer or visit.
    """
    draw = random.Random(seed)
    for step in itertools.count(seed * 1_000_000):
        fresh = step % 2 == 0
        customer = workload.FRESH + step if fresh else workload.KNOWN + draw.randrange(known)
        yield put(domain, FIRST_VISIT + step, customer)


def put(domain: str, number: int, customer: int) -> Request:
    """PutProfileObject of one visit."""
    body = {
        "ObjectTypeName": workload.OBJECT_TYPE,
        "Object": workload.as_text(workload.visit(number, customer)),
    }
    return Request("PUT", f"/domains/{domain}/profiles/objects", msgspec.json.encode(body))


def searches(domain: str, *, known: int, seed: int) -> Iterator[Request]:
    """SearchProfiles by the e-mail address of one of the `known` customers."""
    draw = random.Random(seed)
    path = f"/domains/{domain}/profiles/search"
    while True:
        email = workload.email_of(workload.KNOWN + draw.randrange(known))
        body = {"KeyName": workload.EMAIL_KEY, "Values": [email]}
        yield Request("POST", path, msgspec.json.encode(body))


KINDS: dict[str, Callable[..., Iterator[Request]]] = {"put": puts, "search": searches}
