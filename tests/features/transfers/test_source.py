"""What files are, and what identifies them."""

import pytest

from openprofiles.connectors.files import Unreadable
from openprofiles.features.transfers.source import SAMPLE_BYTES, Source, find_sources


@pytest.mark.parametrize(
    ("name", "format", "is_compressed"),
    [
        ("a.csv", "csv", False),
        ("a.TSV", "csv", False),
        ("a.b.jsonl.gz", "jsonl", True),
        ("a.ndjson", "jsonl", False),
        ("a.json", "jsonl", False),
        ("a.parquet", "parquet", False),
    ],
)
def test_the_name_tells_the_format(tmp_path, name, format, is_compressed):
    (tmp_path / name).write_bytes(b"abc")

    (source,) = find_sources([str(tmp_path / name)])

    assert source == Source(
        path=tmp_path / name, format=format, is_compressed=is_compressed, size=3
    )
    assert source.name == name


def test_a_given_format_wins(tmp_path):
    (tmp_path / "a.csv").touch()

    (source,) = find_sources([str(tmp_path / "a.csv")], given_format="jsonl")

    assert source.format == "jsonl"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.csv", "does not exist"),
        ("folder.csv", "is not a file"),
        ("a.txt", "say --format"),
        ("plain", "say --format"),
        ("a.gz", "say --format"),
        ("a.parquet.gz", "unpack the .gz first"),
        ("a.txt/b.csv", "cannot be read: Not a directory"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, name, reason):
    (tmp_path / "folder.csv").mkdir()
    for file in ("a.txt", "plain", "a.gz", "a.parquet.gz"):
        (tmp_path / file).touch()

    with pytest.raises(Unreadable, match=reason):
        find_sources([str(tmp_path / name)])


def test_the_standard_input_is_json_lines_only():
    (source,) = find_sources(["-"])

    assert (source.name, source.format, source.identity()) == ("stdin", "jsonl", ["-", 0, ""])
    with pytest.raises(Unreadable, match="JSON Lines only"):
        find_sources(["-"], given_format="csv")


@pytest.mark.parametrize("place", [0, 3 * SAMPLE_BYTES - 1])
def test_a_change_at_either_end_makes_another_file(tmp_path, place):
    path = tmp_path / "a.csv"
    content = bytearray(3 * SAMPLE_BYTES)
    path.write_bytes(content)
    (before,) = find_sources([str(path)])
    identity = before.identity()
    content[place] = 1
    path.write_bytes(content)

    assert before.identity() != identity


def test_a_file_that_went_away_is_said_as_such(tmp_path):
    path = tmp_path / "a.csv"
    path.touch()
    (source,) = find_sources([str(path)])
    path.unlink()

    with pytest.raises(Unreadable, match="does not exist"):
        source.identity()
