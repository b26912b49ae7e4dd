"""Files of a bucket through the connector that comes with the service."""

import csv
import json
from dataclasses import replace

import pytest

from openprofiles.features.integrations import uri as uris
from openprofiles.features.integrations.source import source_of
from tests.features.integrations.conftest import every, flow
from tests.features.integrations.test_runs import counts


@pytest.fixture
def bucket(source):
    """A folder that is the service's buckets, with one of them; the domain that pulls it."""
    (source.folder / "drop" / "in").mkdir(parents=True)
    settings = replace(source.machine.settings, buckets_url=f"file://{source.folder}")
    return source.on(settings=settings)


def drop(bucket, name, numbers):
    with (bucket.folder / "drop" / "in" / name).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "mail"])
        writer.writerows([str(number), f"lead{number}@example.com"] for number in numbers)


@pytest.mark.parametrize("name", ["s3://drop/in", "arn:aws:s3:::drop/in"])
def test_a_bucket_is_pulled_by_its_uri(bucket, name):
    drop(bucket, "one.csv", range(5))
    bucket.client.put_integration(DomainName=bucket.domain, Uri=name, ObjectTypeName="customers")

    bucket.work()

    assert counts(bucket.runs()[0]) == ("COMPLETE", 5, 5, 0, 0)


def test_each_file_is_pulled_once(bucket, clock):
    uri = bucket.integrate(flow(TriggerConfig=every("rate(15minutes)")))
    drop(bucket, "one.csv", range(3000))
    bucket.work()
    drop(bucket, "two.csv", [1, 4000])
    clock.turn(minutes=16)

    bucket.work()

    assert [counts(run) for run in bucket.runs()] == [
        ("COMPLETE", 2, 2, 0, 0),
        ("COMPLETE", 3000, 3000, 0, 0),
    ]
    assert bucket.count() == (3001, 3001)
    assert counts(bucket.run(uri)) == ("COMPLETE", 0, 0, 0, 0)


def test_contact_records_and_streams_have_connectors_of_their_own():
    stream = "arn:aws:kinesis:eu-central-1:1:stream/contacts"
    instance = "arn:aws:connect:eu-central-1:1:instance/1-2"

    found = source_of(stream, None, "CTR-NoInferred")
    assert found is not None
    assert (found.kind, found.connection, found.object_name) == (
        "ContactRecords",
        "contacts",
        "CTR",
    )
    assert found.values == {"stream_name": stream, "region": "eu-central-1"}
    assert found.needs_none
    others = source_of(stream, None, "orders")
    assert others is not None
    assert (others.kind, others.object_name) == ("Kinesis", "contacts")
    contacts = source_of(instance, None, "CTR")
    assert contacts is not None
    assert (contacts.kind, contacts.connection) == ("ContactRecords", "1-2")
    assert not contacts.needs_none


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("arn:aws:appflow:us-east-1:1:flow/x", "flow"),
        ("arn:aws:app-integrations:us-east-1:1:event-integration/x", "events"),
        ("arn:aws:connect-campaigns:us-east-1:1:instance/x", "campaigns"),
        ("arn:aws:flow:region:account:URIOfIntegration1", "other"),
        ("connector://Shopify/shop", "other"),
    ],
)
def test_other_uris_have_nothing_to_pull(uri, kind):
    assert uris.form_of(uri).kind == kind
    assert source_of(uri, None) is None


def test_any_connector_is_pulled_by_a_uri_of_our_own(source):
    source.write([{"id": "1", "mail": "a@example.com"}])
    uri = "connector://Marketo/folder/leads"
    source.client.put_integration(DomainName=source.domain, Uri=uri, ObjectTypeName="customers")

    source.work()

    assert counts(source.runs()[0]) == ("COMPLETE", 1, 1, 0, 0)


def test_a_stream_without_a_connection_is_is_due_at_once(source):
    uri = "arn:aws:kinesis:us-east-1:1:stream/nowhere"
    source.client.put_integration(DomainName=source.domain, Uri=uri, ObjectTypeName="customers")

    run = source.own("ListIntegrationStates")["Items"][0]

    assert run["NextRunAt"] is not None


def test_contact_records_of_an_instance_come_through_their_connection(source):
    folder = source.folder / "records" / "ctr"
    folder.mkdir(parents=True)
    contact = {
        "ContactId": "c-1",
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": "2026-11-01T10:00:00Z",
        "LastUpdateTimestamp": "2026-11-01T10:05:00Z",
        "CustomerEndpoint": {"Address": "+12063457890", "Type": "TELEPHONE_NUMBER"},
    }
    (folder / "one.jsonl").write_text(json.dumps(contact) + "\n" + '{"no": "contact"}\n')
    settings = {
        "url": f"file://{source.folder}",
        "bucket_name": "records",
        "bucket_prefix": "ctr",
    }
    source.own("PutConnection", Name="1-2-3", Kind="ContactRecords", Settings=settings)
    uri = "arn:aws:connect:us-east-1:1:instance/1-2-3"
    source.client.put_integration(DomainName=source.domain, Uri=uri, ObjectTypeName="CTR")

    source.work()

    assert counts(source.runs()[0]) == ("COMPLETE", 2, 1, 1, 0)
    found = source.client.search_profiles(
        DomainName=source.domain, KeyName="_ctrContactId", Values=["c-1"]
    )
    assert [item["PhoneNumber"] for item in found["Items"]] == ["+12063457890"]
