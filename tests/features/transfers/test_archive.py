"""The archive of a domain: written in constant memory, whole or refused."""

import gzip
import io
import json
import shutil
import tarfile

import pytest

from openprofiles.connectors.files import Unreadable
from openprofiles.features.transfers import archive
from openprofiles.features.transfers.part import COLUMNS_NOT_EXPORTED, NOT_EXPORTED, PARTS

ROWS = {"tags": ['{"a": 1}', '{"a":\n 2}'], "profiles": []}


def write(path, rows=ROWS):
    with archive.writing(path) as writer:
        writer.write_head({"domain": "shop"}, {"configuration": {}})
        for part in PARTS:
            writer.write_part(part.name, rows.get(part.name, []))
        writer.write_end()
    return path


@pytest.fixture(params=["shop", "shop.tar.gz", "shop.tgz"])
def path(request, tmp_path):
    """Where an archive can be: a folder, or a packed file."""
    return tmp_path / request.param


def test_what_was_written_is_read_and_checked(path):
    write(path)

    contents = archive.check(path)

    assert archive.is_archive(path)
    assert contents.manifest == {
        "format": "openprofiles-domain",
        "version": 3,
        "domain": "shop",
    }
    assert contents.domain == {"configuration": {}}
    assert contents.rows == dict.fromkeys(archive.PART_NAMES, 0) | {"tags": 2}
    files = dict(archive.files(path))
    assert list(files) == ["manifest.json", "domain.json", "tags/000001.jsonl", "checks.json"]
    assert files["tags/000001.jsonl"] == b'{"a": 1}\n{"a":  2}\n'


def test_equal_domains_make_equal_archives(tmp_path):
    one, two = write(tmp_path / "one.tar.gz"), write(tmp_path / "two.tar.gz")

    assert one.read_bytes() == two.read_bytes()


def test_a_large_part_goes_on_in_the_next_file(path):
    row = json.dumps("x" * 1_000_000)
    write(path, {"profiles": [row] * 9})

    names = [name for name, _ in archive.files(path)]

    assert [name for name in names if name.startswith("profiles/")] == [
        "profiles/000001.jsonl",
        "profiles/000002.jsonl",
    ]
    assert archive.check(path).rows["profiles"] == 9


def test_nothing_is_overwritten(path):
    write(path)

    with pytest.raises(FileExistsError, match="exists already"):
        write(path)


def test_an_archive_that_did_not_come_to_its_end_is_not_there(path):
    class Stopped(Exception):
        pass

    def rows():
        yield "{}"
        raise Stopped

    with pytest.raises(Stopped):
        write(path, {"tags": rows()})

    assert list(path.parent.iterdir()) == []


def test_what_a_killed_export_left_behind_is_in_nobodys_way(path):
    partial = path.with_name(f"{path.name}.partial")
    if archive.is_packed(path):
        partial.write_bytes(b"half")
    else:
        partial.mkdir()

    write(path)

    assert archive.check(path).rows["tags"] == 2


def test_a_cut_archive_is_refused(path):
    write(path)
    if archive.is_packed(path):
        content = gzip.decompress(path.read_bytes())
        path.write_bytes(gzip.compress(content[: len(content) // 4]))
    else:
        (path / "checks.json").unlink()

    with pytest.raises(Unreadable):
        archive.check(path)


def test_a_packed_archive_without_its_end_is_refused(tmp_path):
    path = tmp_path / "a.tar.gz"
    with archive.writing(path) as writer:
        writer.write_head({"domain": "shop"}, {})

    with pytest.raises(Unreadable, match="its end is missing"):
        archive.check(path)


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("tags/000001.jsonl", b'{"a": 2}\n{"a":  2}\n', "changed or damaged"),
        ("tags/000002.jsonl", b"{}\n", "changed or damaged"),
        ("manifest.json", b'{"format": "openprofiles-domain", "version": 4}', "has version 4"),
        ("manifest.json", b'{"format": "other", "version": 1}', "is not an archive"),
        ("manifest.json", b"[]", "is not an archive"),
        ("domain.json", b"{", "is not valid JSON"),
    ],
)
def test_a_changed_archive_is_refused(tmp_path, name, change, reason):
    path = write(tmp_path / "shop")
    (path / name).write_bytes(change)

    with pytest.raises(Unreadable, match=reason):
        archive.check(path)


@pytest.mark.parametrize("name", ["../evil", "evil.txt", "profiles", "/etc/passwd"])
def test_a_file_that_does_not_belong_is_refused(tmp_path, name):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = 2
        tar.addfile(member, io.BytesIO(b"{}"))

    with pytest.raises(Unreadable, match="does not belong"):
        archive.check(path)


@pytest.mark.parametrize("kind", [tarfile.DIRTYPE, tarfile.SYMTYPE])
def test_only_plain_files_are_read(tmp_path, kind):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("profiles/000001.jsonl")
        member.type = kind
        tar.addfile(member)

    with pytest.raises(Unreadable):
        archive.check(path)


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(b"not packed")

    with pytest.raises(Unreadable, match="cannot be read as an archive"):
        archive.check(tmp_path / "a.tar.gz")
    with pytest.raises(Unreadable, match="does not exist"):
        archive.check(tmp_path / "b.tar.gz")
    with pytest.raises(Unreadable, match="its end is missing"):
        archive.check(tmp_path)
    assert not archive.is_archive(tmp_path)


def test_a_folder_that_was_packed_by_hand_is_read(tmp_path):
    write(tmp_path / "shop")
    shutil.make_archive(str(tmp_path / "packed"), "gztar", tmp_path / "shop")

    with pytest.raises(Unreadable):
        archive.check(tmp_path / "packed.tar.gz")


def _of_version_1(path):
    """Make a written archive one of version 1: without the parts that it did not have."""
    later = {part.name for part in PARTS if part.since > 1}
    manifest = json.loads((path / "manifest.json").read_bytes()) | {"version": 1}
    (path / "manifest.json").write_text(json.dumps(manifest))
    checks = json.loads((path / "checks.json").read_bytes())
    (path / "checks.json").write_text(
        json.dumps({name: check for name, check in checks.items() if name not in later})
    )


def test_an_archive_of_the_first_version_is_read(tmp_path):
    path = write(tmp_path / "shop")
    _of_version_1(path)

    assert archive.check(path).rows["tags"] == 2


def test_an_archive_of_the_first_version_holds_no_part_of_the_second(tmp_path):
    path = write(tmp_path / "shop", ROWS | {"merges": ["{}"]})
    _of_version_1(path)

    with pytest.raises(Unreadable, match="changed or damaged"):
        archive.check(path)


def test_each_table_of_a_domain_is_exported_or_said_not_to_be(database):
    with database.reading() as transaction:
        tables = transaction.rows(
            "select table_name from information_schema.columns"
            " where column_name = 'domain_id' and table_schema = 'public'"
        )

    assert sorted(row[0] for row in tables) == sorted([*archive.PART_NAMES, *NOT_EXPORTED])


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_each_column_of_a_part_is_exported(database, part):
    with database.reading() as transaction:
        columns = transaction.rows(
            "select column_name, format_type(atttypid, null) from information_schema.columns"
            " join pg_attribute on attrelid = table_name::regclass and attname = column_name"
            " where table_name = %s and table_schema = 'public' and column_name <> 'domain_id'",
            [part.name],
        )

    left = COLUMNS_NOT_EXPORTED.get(part.name, ())
    types = {"timestamp with time zone": "timestamptz"}
    assert {name: types.get(kind, kind) for name, kind in columns if name not in left} == dict(
        part.columns
    )
