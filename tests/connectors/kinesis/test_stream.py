"""Streams: the suite, resharding, and places that are lost."""

import gzip
import json
from contextlib import closing
from uuid import uuid4

import boto3
import pytest

from openprofiles.connectors import Malformed, Pull, SourceRefused, SourceUnavailable
from openprofiles.connectors.kinesis import KIND, StreamConnector
from openprofiles.connectors.kinesis.client import Stream
from openprofiles.connectors.testing import ConnectorSuite, KnownSource
from tests.connectors.conftest import KEYS
from tests.connectors.gate import Fault

AMZ_JSON = {"Content-Type": "application/x-amz-json-1.1"}


def refusal(code, status=400):
    """An answer that is an error of Kinesis."""
    body = json.dumps({"__type": code, "message": "about jane@example.com"}).encode()
    return Fault(status, body, AMZ_JSON)


class StreamSource(KnownSource):
    """A stream of two shards."""

    secrets = ("s3cret", "jane@example.com")

    def __init__(self, endpoint, gate):
        self.gate = gate
        self.name = f"contacts-{uuid4()}"
        self.kinesis = boto3.client(
            "kinesis", endpoint_url=endpoint, region_name="eu-central-1", **KEYS
        )
        self.kinesis.create_stream(StreamName=self.name, ShardCount=2)

    def settings(self):
        return {
            "stream_name": self.name,
            "region": "eu-central-1",
            "endpoint": self.gate.url,
            "access_key_id": "me",
            "secret_access_key": "s3cret",
        }

    def connect(self):
        return StreamConnector(Stream(self.name, self.settings()), records_of_page=2)

    def connect_wrongly(self):
        self.withdraw()
        return self.connect()

    def pull(self):
        return Pull(object_name=self.name)

    def unknown_pull(self):
        self.kinesis.delete_stream(StreamName=self.name)
        return self.pull()

    def put(self, identifier, text):
        self.send(json.dumps({"id": identifier, "text": text}).encode(), identifier)

    def put_malformed(self, text):
        self.send(f'{{"id": {text}'.encode(), "bad")

    def send(self, data, key):
        self.kinesis.put_record(StreamName=self.name, Data=data, PartitionKey=key)

    def identify(self, record):
        return record["id"], record["text"]

    def go_down(self):
        self.gate.fault = Fault(503)

    def withdraw(self):
        self.gate.fault = refusal("UnrecognizedClientException")

    def break_answers(self):
        self.gate.fault = Fault(200, b"<html>", AMZ_JSON)

    def come_back(self):
        self.gate.fault = None


@pytest.fixture
def source(aws, gate):
    return StreamSource(aws, gate)


class TestStream(ConnectorSuite):
    """A stream as a source."""

    @pytest.fixture
    def source(self, aws, gate):
        return StreamSource(aws, gate)


def read(source, bookmark=None, pages=None):
    """All records of a pull, and the last bookmark."""
    found = []
    with closing(source.connect()) as connector:
        for page in connector.read(Pull(object_name=source.name, bookmark=bookmark)):
            found += [
                record if isinstance(record, Malformed) else record["id"] for record in page.records
            ]
            bookmark = json.loads(json.dumps(page.bookmark))
            if pages is not None and (pages := pages - 1) == 0:
                break
    return found, bookmark


def fill(source, *identifiers):
    for identifier in identifiers:
        source.put(identifier, "text")


def test_shards_that_the_stream_forgot_are_forgotten(source):
    fill(source, *"abc")
    _, bookmark = read(source)

    fill(source, "d")
    found, later = read(source, {"shards": {**bookmark["shards"], "shardId-gone": "finished"}})

    assert found == ["d"]
    assert later["shards"].keys() == bookmark["shards"].keys()


def test_a_place_that_expired_is_looked_up_anew(source):
    fill(source, *"abcdefgh")
    with closing(source.connect()) as connector:
        pages = connector.read(Pull(object_name=source.name))
        found = list(next(pages).records)
        source.gate.fail_once("GetRecords", refusal("ExpiredIteratorException"))
        found += [record for page in pages for record in page.records]

    assert sorted(record["id"] for record in found) == list("abcdefgh")


def test_a_place_that_is_too_old_begins_with_what_there_is(source):
    fill(source, *"abcd")
    _, bookmark = read(source)
    source.gate.fail_once("GetShardIterator", refusal("InvalidArgumentException"))

    found, _ = read(source, bookmark)

    assert found
    assert set(found) < set("abcd")


def test_a_throttled_request_is_tried_again(source):
    fill(source, "a")
    source.gate.fail_once("GetRecords", refusal("ProvisionedThroughputExceededException"))

    assert read(source)[0] == ["a"]


def test_a_stream_that_throttles_on_is_unavailable(source):
    source.gate.fault = refusal("ThrottlingException")

    with closing(source.connect()) as connector, pytest.raises(SourceUnavailable):
        connector.check()


def test_a_look_that_finds_nothing_yet_is_followed_by_another(source):
    fill(source, "a")
    slept: list[float] = []
    shard = source.kinesis.list_shards(StreamName=source.name)["Shards"][0]["ShardId"]
    iterator = source.kinesis.get_shard_iterator(
        StreamName=source.name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    sparse = {"Records": [], "NextShardIterator": iterator, "MillisBehindLatest": 1000}
    source.gate.fail_once("GetRecords", Fault(200, json.dumps(sparse).encode(), AMZ_JSON))
    connector = StreamConnector(Stream(source.name, source.settings()), sleep=slept.append)

    with closing(connector):
        pages = list(connector.read(source.pull()))

    assert [record for page in pages for record in page.records] == [{"id": "a", "text": "text"}]
    assert slept == [0.2]


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("ListShards", b"{}"),
        ("ListShards", b'{"Shards": [{}]}'),
        ("GetShardIterator", b"{}"),
        ("GetRecords", b"{}"),
        ("GetRecords", b'{"Records": [{"Data": "e30="}]}'),
        ("GetRecords", b'{"Records": [{"SequenceNumber": "1"}]}'),
    ],
)
def test_an_answer_that_lacks_its_content_is_unavailable(source, operation, body):
    fill(source, "a")
    source.gate.fail_once(operation, Fault(200, body, AMZ_JSON))

    with closing(source.connect()) as connector, pytest.raises(SourceUnavailable, match="is none"):
        list(connector.read(source.pull()))


def test_a_record_may_be_packed_or_be_several(source):
    source.send(gzip.compress(b'{"id": "a"}'), "x")
    source.send(b'{"id": "b"}{"id": "c"}\n{"id": "d"}\n', "x")

    assert read(source)[0] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("bookmark", [{"shards": []}, {"shards": {"a": 1}}, {"other": 1}])
def test_a_bookmark_of_something_else_is_refused(source, bookmark):
    with pytest.raises(SourceRefused, match="not one of a stream"):
        read(source, bookmark)


def test_a_stream_without_an_endpoint_is_where_aws_has_it(source, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_KINESIS", source.gate.url)
    fill(source, "a")
    settings = source.settings()
    del settings["endpoint"]

    with closing(KIND.open(settings)) as connector:
        connector.check()


def test_a_stream_is_named_by_its_arn(source):
    fill(source, "a")
    arn = source.kinesis.describe_stream_summary(StreamName=source.name)[
        "StreamDescriptionSummary"
    ]["StreamARN"]
    source.name = arn
    settings = source.settings()
    del settings["region"]

    connector = KIND.open({**settings, "stream_name": arn})

    with closing(connector):
        connector.check()
        assert [list(page.records) for page in connector.read(source.pull())] == [
            [{"id": "a", "text": "text"}]
        ]


def test_a_stream_needs_a_name():
    with pytest.raises(SourceRefused, match="stream_name is missing"):
        KIND.open({})


def test_settings_that_cannot_be_meant_are_refused():
    with pytest.raises(SourceRefused, match="cannot be meant") as refused:
        KIND.open({"stream_name": "a", "endpoint": "jane@example.com"})

    assert "jane" not in str(refused.value)


def test_nobody_listening_is_unavailable(source):
    settings = {**source.settings(), "endpoint": "http://127.0.0.1:1"}

    with closing(KIND.open(settings)) as connector, pytest.raises(SourceUnavailable):
        connector.check()
