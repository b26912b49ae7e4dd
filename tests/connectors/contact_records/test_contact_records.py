"""Contact records, from a stream and from the files that Firehose writes."""

import gzip
import json
from contextlib import closing

import pytest

from openprofiles.connectors import Malformed, Pull, SourceRefused
from openprofiles.connectors.contact_records import KIND
from openprofiles.connectors.contact_records.kind import ContactRecords
from openprofiles.connectors.files import FilesConnector, buckets_of
from openprofiles.connectors.kinesis import StreamConnector
from openprofiles.connectors.kinesis.client import Stream
from openprofiles.connectors.testing import ConnectorSuite
from tests.connectors.files.test_suite import FolderSource
from tests.connectors.kinesis.test_stream import StreamSource


def contact(identifier, text="PHONE_NUMBER"):
    """A record as Connect's guide shows it, in short."""
    return {
        "AWSAccountId": "111122223333",
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Attributes": {"note": text},
        "Channel": "VOICE",
        "ContactId": identifier,
        "CustomerEndpoint": {"Address": "+436641234567", "Type": "TELEPHONE_NUMBER"},
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": "2026-01-02T03:04:05Z",
        "LastUpdateTimestamp": "2026-01-02T03:14:05Z",
        "Recordings": None,
    }


class Contacts:
    """What both sources of contact records have in common."""

    def pull(self):
        return Pull(object_name="CTR")

    def unknown_pull(self):
        return Pull(object_name="customers")

    def wanted_fields(self):
        return ("ContactId", "Attributes")

    def identify(self, record):
        return record["ContactId"], record["Attributes"]["note"]


class ContactFolder(Contacts, FolderSource):
    """What Firehose writes: packed, without endings, objects without anything between them."""

    def connect(self):
        files = FilesConnector(
            buckets_of({"url": self.root.as_uri()}),
            bucket="drop",
            format="jsonl",
            records_of_page=2,
        )
        return ContactRecords(files, "customers")

    def put(self, identifier, text):
        self.count += 1
        packed = gzip.compress(json.dumps(contact(identifier, text)).encode())
        (self.folder / f"ctr-stream-1-2026-01-02-{self.count}").write_bytes(packed)

    def put_malformed(self, text):
        self.count += 1
        self.write(f"ctr-{self.count}", json.dumps({"EventType": text}))


class ContactStream(Contacts, StreamSource):
    """The stream of an instance."""

    def connect(self):
        stream = StreamConnector(Stream(self.name, self.settings()), records_of_page=2)
        return ContactRecords(stream, "CTR")

    def put(self, identifier, text):
        self.send(json.dumps(contact(identifier, text)).encode(), identifier)


class TestFolder(ConnectorSuite):
    """Files of contact records."""

    @pytest.fixture
    def source(self, tmp_path):
        return ContactFolder(tmp_path)


class TestStream(ConnectorSuite):
    """A stream of contact records."""

    @pytest.fixture
    def source(self, aws, gate):
        return ContactStream(aws, gate)


def read(settings):
    with closing(KIND.open(settings)) as connector:
        connector.check()
        pages = connector.read(Pull(object_name="CTR"))
        return [record for page in pages for record in page.records]


def test_files_of_firehose_are_read(tmp_path):
    folder = tmp_path / "drop" / "ctr" / "2026" / "01"
    folder.mkdir(parents=True)
    content = "".join(json.dumps(contact(str(number))) for number in range(3))
    (folder / "plain").write_text(content)
    (folder / "packed.gz").write_bytes(gzip.compress(content.encode()))

    settings = {"url": tmp_path.as_uri(), "bucket_name": "drop", "bucket_prefix": "ctr"}

    assert read(settings) == [contact(str(number)) for number in range(3)] * 2


def test_a_stream_is_read(aws, gate):
    source = ContactStream(aws, gate)
    source.put("1", "one")

    assert read(source.settings()) == [contact("1", "one")]


@pytest.mark.parametrize("identifier", [None, 7, ""])
def test_what_has_no_contact_id_is_no_contact_record(tmp_path, identifier):
    (tmp_path / "drop").mkdir()
    record = {**contact("1"), "ContactId": identifier}
    (tmp_path / "drop" / "a.json").write_text(json.dumps(record))

    (found,) = read({"url": tmp_path.as_uri(), "bucket_name": "drop"})

    assert isinstance(found, Malformed)
    assert found.reason == "The record has no ContactId"
    assert json.loads(found.text) == record


def test_contact_records_are_somewhere():
    with pytest.raises(SourceRefused, match="stream_name or a bucket_name"):
        KIND.open({"url": "s3://"})


def test_each_setting_is_told_once():
    names = [setting.name for setting in KIND.settings]

    assert len(names) == len(set(names))
    assert {"stream_name", "bucket_name", "bucket_prefix", "secret_access_key"} <= set(names)
    assert all(setting.is_secret for setting in KIND.settings if "secret" in setting.name)
