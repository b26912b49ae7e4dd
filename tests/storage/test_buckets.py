"""Buckets are read as they were listed, and what goes wrong is told apart: for ever, or for now."""

import io
import os
from datetime import UTC, datetime

import pytest

from openprofiles.storage import bucket_files
from openprofiles.storage.buckets import (
    BucketFile,
    BucketRefused,
    Buckets,
    BucketUnavailable,
    FileGone,
)
from tests.connectors.conftest import aws, gate  # noqa: F401 - fixtures
from tests.connectors.files.test_suite import S3Source
from tests.connectors.gate import Fault


@pytest.fixture
def local(tmp_path):
    (tmp_path / "drop" / "in").mkdir(parents=True)
    (tmp_path / "drop" / "in" / "a.csv").write_bytes(b"abc")
    return Buckets(tmp_path.as_uri(), "us-east-1")


@pytest.fixture
def source(aws, gate):  # noqa: F811 - the fixtures
    return S3Source(aws, gate)


@pytest.fixture
def s3(source):
    credentials = {"access_key_id": "me", "secret_access_key": "s3cret"}
    return Buckets("s3://", "us-east-1", source.gate.url, credentials)


def listed(s3, source):
    """The one file that is no mark of a folder."""
    (file,) = [file for file in s3.files(source.bucket, "customers") if file.size]
    return file


def test_credentials_do_not_show(s3):
    assert "s3cret" not in repr(s3)


@pytest.fixture
def machine(monkeypatch):
    """A machine that has credentials of its own."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"):
        monkeypatch.setenv(f"AWS_{name}", "machine")
    monkeypatch.setenv("AZURE_STORAGE_TOKEN", "machine")


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("token", [{}, {"session_token": "mine"}])
def test_a_given_key_of_s3_goes_without_what_the_machine_has(source, token):
    given = {"access_key_id": "me", "secret_access_key": "s3cret", **token}
    source.write("a.csv", "abc")

    listed(Buckets("s3://", "us-east-1", source.gate.url, given), source)

    assert "Credential=me/" in source.gate.last_headers["authorization"]
    assert source.gate.last_headers.get("x-amz-security-token") == token.get("session_token")


@pytest.mark.usefixtures("machine")
def test_without_a_key_s3_is_asked_with_the_machines(source):
    source.write("a.csv", "abc")

    listed(Buckets("s3://", "us-east-1", source.gate.url), source)

    assert "Credential=machine/" in source.gate.last_headers["authorization"]
    assert source.gate.last_headers["x-amz-security-token"] == "machine"


@pytest.mark.usefixtures("machine")
def test_a_given_key_of_azure_goes_without_what_the_machine_has(gate):  # noqa: F811
    gate.fault = Fault(403)
    given = {"account_name": "me", "account_key": "c2VjcmV0"}

    with pytest.raises(BucketRefused):
        list(Buckets("az://", "us-east-1", f"{gate.url}/me", given).files("drop", ""))

    assert gate.last_headers["authorization"].startswith("SharedKey me:")


def test_a_file_is_read_as_it_was_listed(s3, source):
    source.write("a.csv", "abc")

    file = listed(s3, source)

    assert (file.key, file.size) == ("customers/a.csv", 3)
    assert abs(file.time / 1_000_000 - datetime.now(UTC).timestamp()) < 60
    with s3.open(source.bucket, file) as content:
        assert content.read() == b"abc"


@pytest.mark.parametrize("content", ["xyz", "longer than before", ""])
def test_a_file_that_was_replaced_is_gone(s3, source, content):
    source.write("a.csv", "abc")
    file = listed(s3, source)
    source.write("a.csv", content)

    with s3.open(source.bucket, file) as opened, pytest.raises(FileGone):
        opened.read()


def test_a_file_that_was_deleted_is_gone(s3, source):
    source.write("a.csv", "abc")
    file = listed(s3, source)
    source.s3.delete_object(Bucket=source.bucket, Key=file.key)

    with s3.open(source.bucket, file) as opened, pytest.raises(FileGone):
        opened.read()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, BucketRefused),
        (403, BucketRefused),
        (400, BucketRefused),
        (429, BucketUnavailable),
        (500, BucketUnavailable),
        (503, BucketUnavailable),
    ],
)
def test_what_passes_is_told_from_what_does_not(s3, source, status, kind):
    source.gate.fault = Fault(status, b"<Error><Message>about jane@example.com</Message></Error>")

    with pytest.raises(kind) as failure:
        list(s3.files(source.bucket, ""))

    assert "jane" not in str(failure.value)
    assert failure.value.__cause__ is None


def test_a_url_of_something_else_is_refused():
    buckets = Buckets("memory://", "us-east-1")

    with pytest.raises(BucketRefused, match="must begin with"):
        list(buckets.files("drop", ""))


def test_a_credential_that_the_store_does_not_know_is_refused():
    buckets = Buckets("gs://", "us-east-1", credentials={"account_key": "x"})

    with pytest.raises(BucketRefused):
        list(buckets.files("drop", ""))


def test_a_store_without_tags_goes_by_time_and_size():
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    entry = {"path": "a", "last_modified": moment, "size": 3, "e_tag": None, "version": None}

    file = bucket_files.of_entry(entry)  # type: ignore[arg-type]  # a plain dict will do

    assert file.version == f"{file.time}-3"


def test_parts_of_a_file_can_be_read():
    content = bytes(range(256)) * 50_000
    file = BucketFile(key="a", size=len(content), version="1", time=0)
    with bucket_files.opened(file, lambda start, end: content[start:end]) as opened:
        assert opened.seek(-10, io.SEEK_END) == len(content) - 10
        assert opened.read() == content[-10:]
        assert opened.read() == b""
        assert opened.seek(5) == 5
        assert opened.seek(3, io.SEEK_CUR) == 8
        assert opened.read(6_000_000) == content[8:6_000_008]
        assert opened.tell() == 6_000_008


class TestFolders:
    """Buckets that are folders."""

    def test_a_file_is_read_as_it_was_listed(self, local):
        (file,) = local.files("drop", "in/")

        assert (file.key, file.size) == ("in/a.csv", 3)
        with local.open("drop", file) as content:
            assert content.read() == b"abc"
        assert local.folders("drop") == ["in"]

    def test_a_file_that_was_replaced_is_gone(self, local, tmp_path):
        (file,) = local.files("drop", "in")
        (tmp_path / "drop" / "in" / "a.csv").write_bytes(b"other")

        with pytest.raises(FileGone, match="replaced"):
            local.open("drop", file)

    def test_a_file_that_was_deleted_is_gone(self, local, tmp_path):
        (file,) = local.files("drop", "in")
        (tmp_path / "drop" / "in" / "a.csv").unlink()

        with pytest.raises(FileGone, match="no longer there"):
            local.open("drop", file)

    def test_a_file_that_goes_away_while_it_is_listed_is_none(self, local, tmp_path):
        for name in ("b.csv", "c.csv"):
            (tmp_path / "drop" / "in" / name).write_bytes(b"abc")
        files = local.files("drop", "in")
        keys = [next(files).key]
        (tmp_path / "drop" / "in" / "b.csv").unlink()

        assert keys + [file.key for file in files] == ["in/a.csv", "in/c.csv"]

    def test_a_file_that_cannot_be_opened_is_refused(self, local, tmp_path):
        (file,) = local.files("drop", "in")
        (tmp_path / "drop" / "in" / "a.csv").unlink()
        (tmp_path / "drop" / "in" / "a.csv").mkdir()

        with pytest.raises(BucketRefused, match="cannot be read"):
            local.open("drop", file)

    @pytest.mark.parametrize("path", ["in/a.csv", "/".join(["in", *["x" * 200] * 20])])
    def test_a_folder_that_cannot_be_read_is_refused(self, local, path):
        with pytest.raises(BucketRefused, match="a folder that cannot be read"):
            list(local.files("drop", path))

    def test_a_pipe_is_no_file(self, local, tmp_path):
        os.mkfifo(tmp_path / "drop" / "in" / "pipe.csv")

        assert [file.key for file in local.files("drop", "in")] == ["in/a.csv"]

    @pytest.mark.parametrize("bucket", ["..", "a/b", "", "a\\b"])
    def test_a_name_is_no_path(self, local, bucket):
        with pytest.raises(BucketRefused, match="no path"):
            local.write(bucket, "key", ())
