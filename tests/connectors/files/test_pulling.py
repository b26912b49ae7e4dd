"""Pulls of files: formats, what is left aside, what changes meanwhile, what is broken."""

import gzip
import io
import json
import os
import shutil
import tracemalloc
from contextlib import closing

import pyarrow
import pyarrow.parquet
import pytest

from openprofiles.connectors import Malformed, Pull, SourceRefused, SourceUnavailable
from openprofiles.connectors.files import KIND, FilesConnector, buckets_of
from openprofiles.connectors.files.pulling import FILES_OF_PAGE
from openprofiles.storage.buckets import Buckets
from tests.connectors.files.test_suite import S3Source
from tests.connectors.gate import Fault

PULL = Pull(object_name="in")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "drop" / "in"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def connector(tmp_path, folder):
    assert folder.is_dir()
    return FilesConnector(buckets_of({"url": tmp_path.as_uri()}), bucket="drop", records_of_page=3)


def open_kind(tmp_path, **settings):
    return KIND.open({"url": tmp_path.as_uri(), "bucket_name": "drop", **settings})


def read(connector, bookmark=None, pages=None):
    """The records of a pull, and the bookmark then."""
    found, count = [], 0
    for page in connector.read(Pull(object_name="in", bookmark=bookmark)):
        found += page.records
        bookmark, count = json.loads(json.dumps(page.bookmark)), count + 1
        if count == pages:
            break
    return found, bookmark


def write_parquet(path, rows):
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=4)


def name_of(value):
    """The name of a case is that of its file: what is packed differs each time."""
    return value if isinstance(value, str) else ""


CSV = b"id;name\n1;Ann\n2;Bob\n"
CSV_ROWS = [{"id": "1", "name": "Ann"}, {"id": "2", "name": "Bob"}]
JSON_ROWS = [{"id": 1, "tags": ["x"]}, {"id": 2.5, "more": {"a": None}}]
JSON_LINES = "\n".join(json.dumps(row) for row in JSON_ROWS).encode()


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.csv", CSV, CSV_ROWS),
        ("a.TSV", CSV.replace(b";", b"\t"), CSV_ROWS),
        ("a.csv.gz", gzip.compress(CSV), CSV_ROWS),
        # Packed though its name does not say so, and the other way round.
        ("a.csv", gzip.compress(CSV), CSV_ROWS),
        ("a.csv.gz", CSV, CSV_ROWS),
        ("a.jsonl", JSON_LINES, JSON_ROWS),
        ("a.ndjson.gz", gzip.compress(JSON_LINES), JSON_ROWS),
        ("a.json", json.dumps(JSON_ROWS, indent=2).encode(), JSON_ROWS),
        # Without an ending, the first bytes tell.
        ("a", CSV, CSV_ROWS),
        ("a", JSON_LINES, JSON_ROWS),
        ("a", gzip.compress(JSON_LINES), JSON_ROWS),
        ("a", json.dumps(JSON_ROWS).encode(), JSON_ROWS),
    ],
    ids=name_of,
)
def test_a_format_is_told_by_name_or_content(folder, connector, name, content, rows):
    (folder / name).write_bytes(content)

    assert read(connector)[0] == rows


@pytest.mark.parametrize("name", ["a.parquet", "a"])
def test_parquet_is_read(folder, connector, name):
    rows = [{"id": number, "name": "Ann"} for number in range(10)]
    write_parquet(folder / name, rows)

    assert read(connector)[0] == rows


@pytest.mark.parametrize("pages", [1, 2, 3])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.csv.gz"])
def test_reading_goes_on_within_a_file(folder, connector, name, pages):
    rows = [{"id": str(number)} for number in range(11)]
    if name == "a.parquet":
        write_parquet(folder / name, rows)
    elif name == "a.jsonl":
        (folder / name).write_text("\n".join(map(json.dumps, rows)))
    else:
        content = b"id\n" + b"\n".join(row["id"].encode() for row in rows)
        (folder / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)

    first, bookmark = read(connector, pages=pages)
    rest, _ = read(connector, bookmark)

    assert len(first) == 3 * pages
    assert first + rest == rows


def test_a_given_format_and_delimiter_hold_for_all_files(tmp_path, folder):
    (folder / "a.txt").write_text("id~name,x\n1~Ann,y\n")

    connector = open_kind(tmp_path, format="CSV", delimiter="~")

    assert read(connector)[0] == [{"id": "1", "name,x": "Ann,y"}]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"format": "xml"}, "format must be one of csv, jsonl, parquet"),
        ({"delimiter": "ab"}, "one character"),
        ({"delimiter": '"'}, "no quote"),
        ({"url": "ftp://x"}, "must begin with one of"),
        ({"url": "az://", "account_key": "c2VjcmV0"}, "account_key needs account_name"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(tmp_path, settings, reason):
    with pytest.raises(SourceRefused, match=reason):
        open_kind(tmp_path, **settings)


def test_what_has_no_records_is_left_aside(tmp_path, folder, connector):
    for name in ("_SUCCESS", ".a.csv.swp", "_tmp.csv", "README.md", "a.zip", "a.tar.gz"):
        (folder / name).write_text("not a record")
    (folder / "empty.csv").touch()
    (folder / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    (tmp_path / "elsewhere.csv").write_bytes(CSV)
    (folder.parent / "in-other").mkdir()
    (folder.parent / "in-other" / "a.csv").write_bytes(CSV)
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "deep" / "deeper" / "a.csv").write_bytes(CSV)

    assert read(connector)[0] == CSV_ROWS


def test_a_name_that_is_not_utf_8_is_a_name(folder, connector):
    (folder / os.fsdecode(b"\xff.csv")).write_bytes(CSV)

    found, bookmark = read(connector)

    assert found == CSV_ROWS
    assert read(connector, bookmark)[0] == []


def test_a_bad_record_does_not_stop_the_rest(folder, connector):
    (folder / "a.csv").write_bytes(b"id;name\n1\n2;Bob\n\xff;Cid\n3;Dan\n")
    (folder / "b.jsonl").write_text('{"id": 1}\n[1]\noops\n{"id": 1e999}\n"text"\n{"id": 2}\n')

    found, _ = read(connector)

    bad = [each for each in found if isinstance(each, Malformed)]
    assert [each for each in found if not isinstance(each, Malformed)] == [
        {"id": "2", "name": "Bob"},
        {"id": "3", "name": "Dan"},
        {"id": 1},
        {"id": 2},
    ]
    assert [(each.place, each.reason) for each in bad] == [
        ("in/a.csv:2", "The row has 1 columns, the header has 2"),
        ("in/a.csv:4", "The record is not UTF-8"),
        ("in/b.jsonl:2", "The record is not a JSON object"),
        ("in/b.jsonl:3", "The record is not JSON"),
        ("in/b.jsonl:4", "The record is not JSON"),
        ("in/b.jsonl:5", "The record is not a JSON object"),
    ]
    assert bad[3].text == "oops"


def test_what_a_malformed_record_holds_can_be_stored(folder, connector):
    (folder / "a.jsonl").write_bytes(b'{"id": 1}\n{"id": "\0"}\n')

    _, bad = read(connector)[0]

    assert bad == Malformed("in/a.jsonl:2", "The record is not JSON", '{"id": "\\x00"}')


def test_a_record_nested_too_deeply_is_malformed(folder, connector):
    (folder / "a.jsonl").write_text('{"a":' * 10_000 + "1" + "}" * 10_000 + '\n{"b": 1}')

    bad, good = read(connector)[0]

    assert bad.reason == "The record is not JSON"
    assert good == {"b": 1}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"id;id\n1;2\n", "twice"),
        ("a.csv.gz", gzip.compress(CSV * 99)[:-9], "is broken"),
        ("a.jsonl", "{}".encode("utf-16"), "convert it to UTF-8"),
        ("a.parquet", b"PAR1 and no more", "cannot be read as Parquet"),
    ],
    ids=name_of,
)
def test_a_bad_file_does_not_stop_the_rest(folder, connector, name, content, reason):
    (folder / name).write_bytes(content)
    (folder / "z.csv").write_bytes(CSV)

    found, bookmark = read(connector)

    bad = [each for each in found if isinstance(each, Malformed) and not each.text]
    assert [each.place for each in bad] == [f"in/{name}"]
    assert reason in bad[0].reason
    assert found[-2:] == CSV_ROWS
    assert read(connector, bookmark)[0] == []


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(folder, connector):
    (folder / "a.csv").write_bytes(b"id\n" + b"old\n" * 7)
    pages = connector.read(PULL)
    found = list(next(pages).records)
    (folder / "b.csv").write_bytes(b"id\nnew\n")
    (folder / "b.csv").rename(folder / "a.csv")
    bookmark = None
    for page in pages:
        found += page.records
        bookmark = page.bookmark

    # The folder keeps the old content for who has it open.
    assert found == [{"id": "old"}] * 7
    assert read(connector, bookmark)[0] == [{"id": "new"}]


def test_a_file_that_is_replaced_or_deleted_before_its_turn_is_passed_over(folder, connector):
    (folder / "a.csv").write_bytes(b"id\n" + b"1\n" * 7)
    for name in ("b.csv", "c.csv"):
        (folder / name).write_bytes(CSV)
    pages = connector.read(PULL)
    found = list(next(pages).records)
    (folder / "b.csv").write_bytes(b"id\nnew\n")
    (folder / "c.csv").unlink()
    bookmark = None
    for page in pages:
        found += page.records
        bookmark = page.bookmark

    assert found == [{"id": "1"}] * 7
    assert read(connector, bookmark)[0] == [{"id": "new"}]


def test_a_file_that_is_moved_in_with_an_old_time_is_read(folder, connector, tmp_path):
    (folder / "a.csv").write_bytes(CSV)
    _, bookmark = read(connector)
    old = tmp_path / "old.csv"
    old.write_bytes(b"id\nold\n")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    shutil.move(old, folder / "old.csv")

    assert read(connector, bookmark)[0] == [{"id": "old"}]


def test_a_page_ends_after_so_many_files(folder, tmp_path):
    for number in range(FILES_OF_PAGE + 1):
        (folder / f"{number}.csv").write_bytes(b"id\n1\n")

    with closing(open_kind(tmp_path)) as connector:
        pages = list(connector.read(PULL))

    assert [len(page.records) for page in pages] == [FILES_OF_PAGE, 1]


def test_memory_stays_small_with_large_records(folder, tmp_path):
    with (folder / "a.jsonl").open("w") as file:
        for number in range(200):
            file.write(json.dumps({"id": number, "text": "x" * 500_000}) + "\n")

    tracemalloc.start()
    with closing(open_kind(tmp_path)) as connector:
        count = sum(len(page.records) for page in connector.read(PULL))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 200
    assert peak < 40 << 20


def test_memory_stays_small_with_large_rows_of_parquet(folder, tmp_path):
    rows = [{"id": number, "text": os.urandom(100_000).hex()} for number in range(300)]
    write_parquet(folder / "a.parquet", rows)
    del rows

    before = pyarrow.total_allocated_bytes()
    peak = 0
    with closing(open_kind(tmp_path)) as connector:
        for page in connector.read(PULL):
            assert page.records
            peak = max(peak, pyarrow.total_allocated_bytes() - before)

    assert peak < 40 << 20


@pytest.mark.parametrize("bucket", ["..", "../drop", "drop/in", "", ".", "lost", "a\0b"])
def test_a_bucket_is_a_folder_right_below(tmp_path, bucket):
    (tmp_path / "drop" / "drop" / "in").mkdir(parents=True)
    connector = FilesConnector(buckets_of({"url": (tmp_path / "drop").as_uri()}), bucket=bucket)

    with pytest.raises(SourceRefused):
        connector.check()


@pytest.mark.parametrize("prefix", ["..", "in/../..", "in/.", "a\0b"])
def test_a_prefix_stays_within_its_bucket(connector, prefix):
    with pytest.raises(SourceRefused, match=r"no '\.\.' in it"):
        list(connector.read(Pull(object_name=prefix)))


def test_a_prefix_leads_over_no_link(connector, folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.csv").write_bytes(CSV)
    (folder / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SourceRefused, match="over a link"):
        list(connector.read(Pull(object_name="in/link")))
    assert read(connector)[0] == []


def test_a_prefix_that_is_not_there_yet_has_no_files(connector):
    assert list(connector.read(Pull(object_name="later"))) == []


def test_a_pull_needs_a_bucket(tmp_path):
    connector = KIND.open({"url": tmp_path.as_uri()})

    with pytest.raises(SourceRefused, match="needs a BucketName"):
        list(connector.read(PULL))


def test_a_folder_that_went_away_is_refused(folder, connector):
    assert [each.name for each in connector.objects()] == ["in"]
    shutil.rmtree(folder.parent)

    with pytest.raises(SourceRefused, match="no such folder"):
        connector.objects()


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl.gz"])
def test_a_file_in_s3_is_fetched_block_by_block(aws, gate, name, tmp_path):
    source = S3Source(aws, gate)
    rows = [{"id": str(number), "text": os.urandom(900).hex()} for number in range(3000)]
    path = tmp_path / name
    if name == "a.parquet":
        write_parquet(path, rows)
    elif name == "a.csv":
        path.write_text("id,text\n" + "".join(f"{row['id']},{row['text']}\n" for row in rows))
    else:
        path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    source.s3.put_object(Bucket=source.bucket, Key=f"customers/{name}", Body=path.read_bytes())
    connector = KIND.open({**source.settings(), "bucket_name": source.bucket})

    pages = list(connector.read(source.pull()))

    assert [record for page in pages for record in page.records] == rows


def test_a_file_in_s3_that_is_replaced_while_it_is_read_ends_there(aws, gate):
    source = S3Source(aws, gate)
    source.write("a.csv", "id,text\n" + ("old," + "x" * 1000 + "\n") * 10_000)
    connector = KIND.open({**source.settings(), "bucket_name": source.bucket})
    pages = connector.read(source.pull())
    found = list(next(pages).records)
    source.write("a.csv", "id\nnew\n")
    bookmark = None
    for page in pages:
        found += page.records
        bookmark = page.bookmark

    later = connector.read(Pull(object_name="customers", bookmark=bookmark))

    # What was fetched already is read; the row that lies across its end is not.
    assert 2000 <= len(found) < 10_000
    assert all(isinstance(record, dict) and record["id"] == "old" for record in found)
    assert [page.records for page in later] == [[{"id": "new"}]]


class FailingDisk(Buckets):
    """Folders on a disk that fails while a file is read."""

    def open(self, *_):
        class Failing(io.RawIOBase):
            def readable(self):
                return True

            def readinto(self, _):
                raise OSError(5, "Input/output error")

        return io.BufferedReader(Failing())


def test_a_disk_that_fails_is_unavailable(folder, tmp_path):
    (folder / "a.csv").write_bytes(CSV)
    connector = FilesConnector(FailingDisk(tmp_path.as_uri(), "us-east-1"), bucket="drop")

    with pytest.raises(SourceUnavailable, match="cannot be read at the moment"):
        list(connector.read(PULL))


@pytest.mark.parametrize("name", ["a.parquet", "a.csv.gz", "a.jsonl"])
def test_a_store_that_goes_down_within_a_file_is_unavailable(aws, gate, name, tmp_path):
    source = S3Source(aws, gate)
    content = os.urandom(5 << 20).hex()
    path = tmp_path / name
    if name == "a.parquet":
        rows = [{"text": content[number * 2000 :][:2000]} for number in range(5000)]
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=500)
    elif name == "a.csv.gz":
        path.write_bytes(gzip.compress(b"id\n" + b"\n".join([content.encode()[:1000]] * 10_000), 0))
    else:
        path.write_text("\n".join(json.dumps({"id": content[:1000]}) for _ in range(10_000)))
    source.s3.put_object(Bucket=source.bucket, Key=f"customers/{name}", Body=path.read_bytes())
    connector = FilesConnector(
        buckets_of(source.settings()), bucket=source.bucket, records_of_page=1
    )
    pages = connector.read(source.pull())
    next(pages)
    gate.fault = Fault(503)

    with pytest.raises(SourceUnavailable, match="cannot be reached"):
        list(pages)


def test_a_bucket_that_is_not_there_is_refused(aws, gate):
    source = S3Source(aws, gate)
    connector = KIND.open({**source.settings(), "bucket_name": "lost"})

    with pytest.raises(SourceRefused, match="cannot be read"):
        connector.check()


def test_a_key_that_is_no_path_is_refused(aws, gate):
    source = S3Source(aws, gate)
    source.write("/double.csv", "id\n1\n")

    with closing(source.connect()) as connector, pytest.raises(SourceRefused, match="empty part"):
        list(connector.read(source.pull()))


def test_azure_is_reached_too():
    connector = KIND.open(
        {
            "url": "az://",
            "endpoint": "http://127.0.0.1:1",
            "account_name": "me",
            "account_key": "c2VjcmV0",
            "bucket_name": "drop",
        }
    )

    with pytest.raises(SourceUnavailable, match="cannot be reached"):
        connector.check()
