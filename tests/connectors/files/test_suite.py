"""The suite of connectors for files: in folders, in S3, in what speaks as Google's store does."""

import json
from uuid import uuid4

import boto3
import pytest

from openprofiles.connectors import Pull
from openprofiles.connectors.files import KIND
from openprofiles.connectors.files.kind import buckets_of
from openprofiles.connectors.files.pulling import FilesConnector
from openprofiles.connectors.testing import ConnectorSuite, KnownSource
from tests.connectors.conftest import KEYS
from tests.connectors.gate import Fault


class FolderSource(KnownSource):
    """A folder to which each change adds a file."""

    def __init__(self, root):
        self.root = root
        self.folder = root / "drop" / "customers"
        self.folder.mkdir(parents=True)
        self.count = 0

    def connect(self):
        return FilesConnector(
            buckets_of({"url": self.root.as_uri()}), bucket="drop", records_of_page=2
        )

    def pull(self):
        return Pull(object_name="customers")

    def unknown_pull(self):
        return Pull(object_name="customers", options={"BucketName": "lost"})

    def wanted_fields(self):
        return ("id", "text")

    def identify(self, record):
        return record["id"], record["text"]

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def put(self, identifier, text):
        self.count += 1
        record = {"id": identifier, "text": text, "more": 1}
        self.write(f"{self.count}.jsonl", json.dumps(record))

    def put_malformed(self, text):
        self.count += 1
        self.write(f"{self.count}.jsonl", f'{{"id": {text}')


class CsvSource(FolderSource):
    """A folder with one CSV file for each record."""

    def put(self, identifier, text):
        # The same name, so that a change replaces the file.
        self.write(f"{identifier}.csv", f"id;text\n{identifier};{text}\n")

    def put_malformed(self, text):
        self.write("bad.csv", f"id;text\n{text}\n")


class S3Source(FolderSource):
    """A bucket in S3."""

    secrets = ("s3cret",)

    def __init__(self, endpoint, gate):
        self.gate = gate
        self.bucket = f"drop{uuid4().hex}"
        self.s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **KEYS)
        self.s3.create_bucket(Bucket=self.bucket)
        self.s3.put_object(Bucket=self.bucket, Key="customers/")
        self.count = 0

    def settings(self, **more):
        keys = {"access_key_id": "me", "secret_access_key": "s3cret"}
        return {"endpoint": self.gate.url, **keys, **more}

    def connect(self):
        return FilesConnector(buckets_of(self.settings()), bucket=self.bucket, records_of_page=2)

    def connect_wrongly(self):
        self.withdraw()
        return self.connect()

    def write(self, name, text):
        self.s3.put_object(Bucket=self.bucket, Key=f"customers/{name}", Body=text.encode())

    def go_down(self):
        self.gate.fault = Fault(503, b"<Error><Code>SlowDown</Code></Error>")

    def withdraw(self):
        self.gate.fault = Fault(403, b"<Error><Code>AccessDenied</Code></Error>")

    def break_answers(self):
        self.gate.fault = Fault(200, b"<Error")

    def come_back(self):
        self.gate.fault = None


SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, Signature=x"


class GoogleSource(S3Source):
    """The same bucket as Google's store lists and reads it: its XML API has the form of S3's."""

    def __init__(self, endpoint, gate):
        super().__init__(endpoint, gate)
        # By this the server knows which of AWS's services is asked.
        gate.more_headers = {"Authorization": SIGNED}

    def settings(self, **more):
        key = {
            "gcs_base_url": self.gate.url,
            "disable_oauth": True,
            "client_email": "",
            "private_key": "s3cret",
            "private_key_id": "",
        }
        return {"url": "gs://", "service_account_key": json.dumps(key), **more}


class TestFolder(ConnectorSuite):
    """JSON Lines in a folder."""

    @pytest.fixture
    def source(self, tmp_path):
        return FolderSource(tmp_path)


class TestCsvFolder(ConnectorSuite):
    """CSV in a folder."""

    @pytest.fixture
    def source(self, tmp_path):
        return CsvSource(tmp_path)


class TestS3(ConnectorSuite):
    """JSON Lines in S3."""

    @pytest.fixture
    def source(self, aws, gate):
        return S3Source(aws, gate)


class TestGoogle(ConnectorSuite):
    """JSON Lines in Google Cloud Storage."""

    @pytest.fixture
    def source(self, aws, gate):
        return GoogleSource(aws, gate)


def test_the_kind_opens_what_it_is_told(tmp_path):
    source = FolderSource(tmp_path)
    source.put("1", "one")
    connector = KIND.open({"url": tmp_path.as_uri()})
    pull = Pull(object_name="any", options={"BucketName": "drop", "BucketPrefix": "/customers/"})

    connector.check()

    assert connector.objects() == []
    assert [page.records for page in connector.read(pull)] == [
        [{"id": "1", "text": "one", "more": 1}]
    ]
