"""What tests of events share: senders that sign as their vendors document it, and a domain whose
integration takes what they send.

The service has a database of its own, since events of all accounts are forgotten together, and
these tests turn the clock.
"""

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import WSGIApplication

import pytest

from openprofiles.app import Application
from openprofiles.storage.embedded import EmbeddedServer
from openprofiles.wire.own_routes import PREFIX
from tests.conftest import TurnableClock, service_on_its_own_database
from tests.features.profiles.conftest import World
from tests.own import Own
from tests.own_service import database, invoke, session_client, settings
from tests.wire.calling import Reply, Request, send

__all__ = ["database", "invoke", "session_client", "settings"]

SECRET = "hush-hush-hush"
URI = "arn:aws:app-integrations:eu-central-1:{account}:event-integration/{name}"


@dataclass(frozen=True)
class Sender:
    """Sends bodies to an event source over HTTP."""

    application: WSGIApplication
    domain: str
    source: str
    headers_of: Callable[[bytes], Mapping[str, str]]
    sent: list[Reply] = field(default_factory=list)

    def reply(self, body: Any, **headers: str | None) -> Reply:
        """The reply to a body, signed unless headers say otherwise (None = without it); names with
        an underscore in place of each hyphen.
        """
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        given: dict[str, str | None] = {**self.headers_of(data)}
        given |= {name.replace("_", "-"): text for name, text in headers.items()}
        environ = {
            "HTTP_" + name.upper().replace("-", "_"): text
            for name, text in given.items()
            if text is not None
        }
        target = f"{PREFIX}/events/{self.domain}/{self.source}"
        return send(self.application, Request("POST", target, data), environ=environ)

    def send(self, body: Any, **headers: str | None) -> Any:
        """The answer to a body that is taken."""
        reply = self.reply(body, **headers)
        assert reply.status == 200, reply.content
        return reply.content


def shopify_headers(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """shopify.dev, "Verify webhook deliveries": base64 of HMAC-SHA256 over the raw body."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "X-Shopify-Hmac-SHA256": base64.b64encode(digest).decode(),
        "X-Shopify-Topic": "customers/create",
        "X-Shopify-Shop-Domain": "acme.myshopify.com",
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": hashlib.md5(body, usedforsecurity=False).hexdigest(),
    }


def segment_headers(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """Segment, "Webhooks destination": hex of HMAC-SHA1 over the body."""
    return {"X-Signature": hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}


@pytest.fixture(scope="session")
def application(server: EmbeddedServer, turnable_clock: TurnableClock) -> Iterator[Application]:
    """The service on its own database."""
    with service_on_its_own_database(
        server, turnable_clock, "events", domains_per_account=1_000_000
    ) as application:
        yield application


@pytest.fixture
def own(application, domain) -> Own:
    """Our own operations on the domain, over the wire."""
    return Own(application.wsgi, domain)


@pytest.fixture
def world(client, domain) -> World:
    """A fresh domain."""
    return World(client, domain)


@pytest.fixture
def connect(client, own, application, domain) -> Callable[..., Sender]:
    """A function that makes an event source, and an integration that takes its events."""

    def make(kind: str, types: dict[str, str] | None, *, name: str = "", **more: Any) -> Sender:
        name = name or kind
        own.post(f"/event-sources/{name}", Kind=kind, Secrets=more.pop("secrets", [SECRET]))
        if types is not None:
            more["ObjectTypeNames"] = types
        if more:
            # An integration belongs to one domain of the account, whatever account it names.
            uri = URI.format(account=f"{random.randrange(10**12):012d}", name=name)
            client.put_integration(DomainName=domain, Uri=uri, **more)
        signers: dict[str, Callable[[bytes], Mapping[str, str]]] = {
            "shopify": shopify_headers,
            "segment": segment_headers,
            "eventbridge": lambda _: {"X-Api-Key": SECRET},
        }
        return Sender(application.wsgi, domain, name, signers[kind])

    return make
