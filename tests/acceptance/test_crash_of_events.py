"""Whatever is killed, events that were acknowledged are there once, and a replay and the letters to
a dead-letter queue go on where they were.
"""

import base64
import hashlib
import hmac
import json
import threading
from typing import Any

import boto3
import psycopg
import requests
from moto.server import ThreadedMotoServer

from tests.acceptance.service import Service, running, wait_until

SECRET = "hush-hush-hush"
OBJECTS = 3000


class Webhooks:
    """Delivers webhooks of Shopify until told to stop, each until it is acknowledged."""

    def __init__(self, service: Service, domain: str) -> None:
        self._service = service
        self._url = f"/_openprofiles/v1/events/{domain}/shopify"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._deliver)
        self.acknowledged: list[int] = []

    def __enter__(self) -> "Webhooks":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _deliver(self) -> None:
        number = 0
        while not self._stop.is_set():
            body = json.dumps({"id": number, "email": f"shop{number}@example.com"}).encode()
            digest = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
            headers = {
                "X-Shopify-Hmac-SHA256": base64.b64encode(digest).decode(),
                "X-Shopify-Topic": "customers/create",
                "X-Shopify-Webhook-Id": str(number),
            }
            try:
                reply = requests.post(
                    self._service.url + self._url, data=body, headers=headers, timeout=10
                )
            except requests.RequestException:
                # As Shopify does: it delivers again, for all it knows a second time.
                self._stop.wait(0.02)
                continue
            if reply.status_code == 200:
                self.acknowledged.append(number)
                number += 1


def prepare(client: Any, own: Any, queue: str) -> None:
    """A domain with stored customers whose type changes, a webhook, and a dead-letter queue."""
    client.create_domain(DomainName="crash", DefaultExpirationDays=366, DeadLetterQueueUrl=queue)
    client.put_integration(
        DomainName="crash",
        Uri="arn:aws:app-integrations:us-east-1:000000000000:event-integration/shopify",
        ObjectTypeNames={"ShopifyCreateCustomers": "Shopify-Customer"},
    )
    own("/domains/crash/event-sources/shopify", {"Kind": "shopify", "Secrets": [SECRET]})
    define(client, "Customer", {}, creates=True)
    define(client, "Order", {}, creates=False)


def define(client: Any, name: str, more: dict[str, Any], *, creates: bool) -> None:
    client.put_profile_object_type(
        DomainName="crash",
        ObjectTypeName=name,
        Description=name,
        AllowProfileCreation=creates,
        Fields={
            "id": {"Source": "_source.id"},
            "mail": {"Source": "_source.mail", "ContentType": "EMAIL_ADDRESS"},
            **more,
        },
        Keys={
            name: [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["id"]}],
            "_email": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["mail"]}],
        },
    )


def fill(client: Any) -> None:
    for start in range(0, OBJECTS, 10):
        items = [
            {"Id": str(n), "Object": json.dumps({"id": str(n), "mail": f"{n}@x.example", "n": "N"})}
            for n in range(start, start + 10)
        ]
        client.batch_put_profile_object(DomainName="crash", ObjectTypeName="Customer", Items=items)


def test_events_replays_and_letters_live_through_kills(data_dir, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    endpoint = "http://{}:{}".format(*moto.get_host_and_port())
    sqs = boto3.client("sqs", endpoint_url=endpoint, region_name="us-east-1")
    queue = sqs.create_queue(QueueName="rejected")["QueueUrl"]
    options = ("--sqs-endpoint-url", endpoint, "--dead-letter-schedule", "* * * * * *")
    with running(data_dir, *options) as service:

        def own(path: str, body: Any = None) -> Any:
            url = f"{service.url}/_openprofiles/v1{path}"
            reply = requests.post(url, json=body) if body is not None else requests.get(url)  # noqa: S113
            assert reply.status_code == 200, reply.text
            return reply.json()

        client = service.client()
        prepare(client, own, queue)
        fill(client)
        more = {"n": {"Source": "_source.n", "Target": "_profile.FirstName"}}
        define(client, "Customer", more, creates=True)
        for number in range(50):
            content = json.dumps({"id": str(number), "mail": "nobody@x.example"})
            client.put_profile_object(DomainName="crash", ObjectTypeName="Order", Object=content)
        replay = own("/domains/crash/object-types/Customer/replays", {})["ReplayId"]

        def done() -> int:
            query = "select (counts ->> 'objects')::integer from replays"
            with psycopg.connect(service.conninfo()) as connection:
                ((objects,),) = connection.execute(query).fetchall()
            return int(objects)

        with Webhooks(service, "crash") as webhooks:
            wait_until(lambda: len(webhooks.acknowledged) > 20 and done() > 0)
            service.kill(service.postmaster(), *service.postmaster().children())
            at_the_kill = len(webhooks.acknowledged)
            service.start()
            wait_until(lambda: len(webhooks.acknowledged) > at_the_kill + 20)
            wait_until(lambda: own(f"/domains/crash/replays/{replay}")["Status"] == "COMPLETED")
        wait_until(lambda: own("/domains/crash/dead-letter-queue")["Waiting"] == 0)

        state = own(f"/domains/crash/replays/{replay}")
        stats = service.client().get_domain(DomainName="crash")["Stats"]
        rejected = own("/domains/crash/rejected-objects/counts")["Items"]

    events = len(webhooks.acknowledged)
    assert webhooks.acknowledged == list(range(events))
    # The one at hand when it stopped may be there without having been acknowledged.
    assert stats["ObjectCount"] - OBJECTS in (events, events + 1)
    assert stats["ProfileCount"] == stats["ObjectCount"]
    assert (state["Objects"], state["Changed"], state["Rejected"]) == (OBJECTS, OBJECTS, 0)
    assert [item["Count"] for item in rejected] == [50]
    bodies: list[str] = []
    while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in found]
        for message in found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    moto.stop()
    # At least once: those at hand when the worker was killed may have come twice.
    assert {json.loads(body)["id"] for body in bodies} == {str(number) for number in range(50)}
