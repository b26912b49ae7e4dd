"""Files become records, in order and in constant memory; what is none has its problem with it."""

import datetime
import decimal
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from openprofiles.connectors.files import MAX_LINE_BYTES, Record, Unreadable
from openprofiles.features.transfers.reading import Reading
from openprofiles.features.transfers.source import find_sources


def read(*paths: Path | str, skip: int = 0, **options: Any) -> list[Record]:
    return list(Reading(find_sources([str(path) for path in paths]), skip=skip, **options))


def contents(records: list[Record]) -> list[Any]:
    return [record.problem or json.loads(record.document) for record in records]


@pytest.fixture
def written(tmp_path):
    """A function that writes a file and gives its path."""

    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


class TestJsonLines:
    def test_each_line_is_a_record_as_it_stands(self, written):
        path = written("a.jsonl", '{"a": 1}\n\n  {"b":  "é"}  \r\n{"c": 3}')

        assert read(path) == [
            Record("a.jsonl", 1, '{"a": 1}'),
            Record("a.jsonl", 3, '{"b":  "é"}'),
            Record("a.jsonl", 4, '{"c": 3}'),
        ]

    def test_a_byte_order_mark_is_no_part_of_the_first_record(self, written):
        assert contents(read(written("a.jsonl", b"\xef\xbb\xbf{}"))) == [{}]

    def test_a_line_that_is_not_utf_8_is_a_problem_and_can_be_stored(self, written):
        (bad, good) = read(written("a.jsonl", b'{"a": "\xff\x00"}\n{}\n'))

        assert bad == Record("a.jsonl", 1, '{"a": "\\xff\\x00"}', "The record is not UTF-8")
        assert good.problem is None

    def test_a_line_beyond_any_object_is_a_problem_and_is_not_kept_whole(self, written):
        huge = "x" * (3 * MAX_LINE_BYTES)
        bad, good = read(written("a.jsonl", f"{huge}\n{{}}\n"))

        assert bad.problem == f"The record is larger than {MAX_LINE_BYTES} bytes"
        assert len(bad.document) == MAX_LINE_BYTES
        assert (good.line, good.document) == (2, "{}")

    def test_the_last_line_may_be_too_long_too(self, written):
        (bad,) = read(written("a.jsonl", "x" * (2 * MAX_LINE_BYTES)))

        assert bad.problem is not None

    def test_an_array_is_read_object_by_object(self, written):
        path = written("a.json", '[\n{"a": 1},\n{"a":\n 2}]')

        assert read(path) == [
            Record("a.json", 2, '{"a": 1}'),
            Record("a.json", 3, '{"a":\n 2}'),
        ]

    def test_utf_16_is_refused_with_advice(self, written):
        with pytest.raises(Unreadable, match="convert it to UTF-8"):
            read(written("a.jsonl", "{}".encode("utf-16")))

    def test_standard_input_is_json_lines(self, monkeypatch, written):
        with written("input", '{"a": 1}\n').open() as file:
            monkeypatch.setattr(sys, "stdin", file)
            (record,) = read("-")

        assert record == Record("stdin", 1, '{"a": 1}')


class TestCsv:
    def test_a_row_is_an_object_of_texts(self, written):
        path = written("a.csv", 'id, name\n1,"Ann ""A""\nB."\n2,\n\n3,Zoë\n')

        assert [(record.line, json.loads(record.document)) for record in read(path)] == [
            (2, {"id": "1", "name": 'Ann "A"\nB.'}),
            (4, {"id": "2", "name": ""}),
            (6, {"id": "3", "name": "Zoë"}),
        ]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_the_delimiter_is_found_out(self, written, delimiter):
        path = written("a.csv", f"id{delimiter}name\n1{delimiter}a\n")

        assert contents(read(path)) == [{"id": "1", "name": "a"}]

    def test_the_delimiter_can_be_given(self, written):
        path = written("a.csv", "id,x~name\n1~a,b\n")

        assert contents(read(path, delimiter="~")) == [{"id,x": "1", "name": "a,b"}]

    def test_a_byte_order_mark_is_no_part_of_the_first_name(self, written):
        assert contents(read(written("a.csv", b"\xef\xbb\xbfid\n1\n"))) == [{"id": "1"}]

    def test_a_row_of_another_width_is_a_problem(self, written):
        path = written("a.csv", "a,b\n1\n1,2,3\n1,2\n")

        assert contents(read(path)) == [
            "The row has 1 columns, the header has 2",
            "The row has 3 columns, the header has 2",
            {"a": "1", "b": "2"},
        ]

    def test_a_row_that_is_not_utf_8_is_a_problem(self, written):
        path = written("a.csv", b"a,b\n\xff,2\n1,2\n")

        assert contents(read(path)) == ["The record is not UTF-8", {"a": "1", "b": "2"}]

    def test_a_row_beyond_any_object_is_a_problem(self, written):
        path = written("a.csv", "a,b\n" + "x" * (MAX_LINE_BYTES + 5) + ",2\n1,2\n")

        assert contents(read(path)) == [
            f"The record is larger than {MAX_LINE_BYTES} bytes",
            {"a": "1", "b": "2"},
        ]

    def test_a_quote_that_is_never_closed_does_not_fill_memory(self, written):
        line = "x" * 1000 + ",2\n"
        path = written("a.csv", 'a,b\n"' + line * 1200)

        found = read(path)

        assert found[0].problem == "The row is not CSV"
        assert found[-1].problem is None
        assert found[-1].line == 1201

    @pytest.mark.parametrize(
        ("header", "reason"),
        [
            ("", "must name the columns"),
            ("a,,b\n", "column 2 has no name"),
            ("a,b,a\n", "names the column a twice"),
            (b"\xff\xfea\x00", "UTF-16"),
            (b"a,\xff\n", "in UTF-8"),
            ("a\rb\rc\n", "cannot be read as CSV"),
        ],
    )
    def test_a_header_that_is_none_is_refused(self, written, header, reason):
        with pytest.raises(Unreadable, match=reason):
            read(written("a.csv", header))

    def test_the_truth_sets_can_be_read(self):
        folder = Path(__file__).parents[2] / "data" / "truth-set"
        names = ("customers", "reference", "watchlist")

        tables = contents(read(*(folder / f"{name}.csv" for name in names)))
        lines = contents(read(*(folder / f"{name}.jsonl" for name in names)))

        assert len(tables) == len(lines) == 159
        assert [row["RECORD_ID"] for row in tables] == [line["RECORD_ID"] for line in lines]


class TestParquet:
    def test_a_row_is_an_object_with_values_that_json_has(self, tmp_path):
        moment = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, datetime.UTC)
        rows = [
            {
                "text": "Zoë",
                "whole": 2**60,
                "real": 1.5,
                "yes": True,
                "none": None,
                "nan": float("nan"),
                "exact": decimal.Decimal("12.50"),
                "bytes": b"\x00\xff",
                "day": moment.date(),
                "moment": moment,
                "time": datetime.time(1, 2, 3),
                "span": datetime.timedelta(seconds=90),
                "list": [moment, moment],
                "struct": {"inner": moment, "b": 2},
                "map": [("k", 1)],
            }
        ]
        nanoseconds: Any = pyarrow.timestamp("ns", "UTC")
        struct: dict[str, Any] = {"inner": nanoseconds, "b": pyarrow.int32()}
        columns: dict[str, Any] = {
            "text": pyarrow.string(),
            "whole": pyarrow.int64(),
            "real": pyarrow.float64(),
            "yes": pyarrow.bool_(),
            "none": pyarrow.string(),
            "nan": pyarrow.float64(),
            "exact": pyarrow.decimal128(10, 2),
            "bytes": pyarrow.binary(),
            "day": pyarrow.date32(),
            "moment": nanoseconds,
            "time": pyarrow.time64("ns"),
            "span": pyarrow.duration("ns"),
            "list": pyarrow.list_(nanoseconds),
            "struct": pyarrow.struct(struct),
            "map": pyarrow.map_(pyarrow.string(), pyarrow.int32()),
        }
        schema = pyarrow.schema(columns)
        path = tmp_path / "a.parquet"
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema), path)

        (record,) = read(path)

        written_moment = "2026-01-02T03:04:05.678901Z"
        assert (record.file, record.line, record.problem) == ("a.parquet", 1, None)
        assert json.loads(record.document) == {
            "text": "Zoë",
            "whole": 2**60,
            "real": 1.5,
            "yes": True,
            "none": None,
            "nan": None,
            "exact": 12.5,
            "bytes": "AP8=",
            "day": "2026-01-02",
            "moment": written_moment,
            "time": "01:02:03",
            "span": "PT90S",
            "list": [written_moment, written_moment],
            "struct": {"inner": written_moment, "b": 2},
            "map": {"k": 1},
        }

    def test_nanoseconds_are_cut(self, tmp_path):
        column = pyarrow.array([1_000_000_001], pyarrow.timestamp("ns"))
        path = tmp_path / "a.parquet"
        pyarrow.parquet.write_table(pyarrow.table({"at": column}), path)

        assert contents(read(path)) == [{"at": "1970-01-01T00:00:01"}]

    def test_what_is_not_parquet_is_refused(self, written):
        with pytest.raises(Unreadable, match="cannot be read as Parquet"):
            read(written("a.parquet", b"PAR1 but not really"))

    def test_a_file_that_went_away_is_refused(self, written):
        path = written("a.parquet", b"x")
        sources = find_sources([str(path)])
        path.unlink()

        with pytest.raises(Unreadable, match="does not exist"):
            list(Reading(sources))


@pytest.fixture
def four_files(written, tmp_path):
    """Files of all formats with the numbers 0 to 39."""
    lines = [json.dumps({"n": str(number)}) for number in range(40)]
    table = pyarrow.table({"n": [str(number) for number in range(20, 30)]})
    pyarrow.parquet.write_table(table, tmp_path / "c.parquet", row_group_size=4)
    return [
        written("a.jsonl", "\n".join(lines[:10])),
        written("b.csv.gz", gzip.compress(b"n\n" + b"\n".join(b"%d" % n for n in range(10, 20)))),
        tmp_path / "c.parquet",
        written("d.ndjson.gz", gzip.compress("\n".join(lines[30:]).encode())),
    ]


class TestManyFiles:
    @pytest.mark.parametrize("skip", [*range(0, 41, 3), 10, 20, 30, 40, 99])
    def test_any_number_of_records_is_skipped(self, four_files, skip):
        found = contents(read(*four_files, skip=skip))

        assert found == [{"n": str(number)} for number in range(skip, 40)]

    def test_the_line_of_a_record_does_not_depend_on_what_was_skipped(self, four_files):
        whole = [record.place for record in read(*four_files)]

        assert [record.place for record in read(*four_files, skip=27)] == whole[27:]

    def test_progress_comes_to_the_bytes_of_all_files(self, four_files):
        reading = Reading(find_sources([str(path) for path in four_files]))
        seen = [reading.bytes_done for _ in reading]

        assert seen == sorted(seen)
        assert reading.bytes_done == reading.total_bytes
        assert reading.total_bytes == sum(path.stat().st_size for path in four_files)


class TestBrokenFiles:
    @pytest.mark.parametrize("cut", [5, 30])
    def test_a_cut_gzip_file_is_refused_when_it_comes_to_the_cut(self, written, cut):
        packed = gzip.compress(b'{"a": 1}\n' * 1000)

        with pytest.raises(Unreadable, match="is broken"):
            read(written("a.jsonl.gz", packed[:-cut]))

    def test_what_is_not_gzip_is_refused(self, written):
        with pytest.raises(Unreadable, match="is broken"):
            read(written("a.jsonl.gz", b"not packed"))

    def test_damage_in_a_gzip_file_is_refused(self, written):
        packed = bytearray(gzip.compress(bytes(range(256)) * 100))
        packed[40:60] = b"x" * 20

        with pytest.raises(Unreadable, match="is broken"):
            read(written("a.jsonl.gz", bytes(packed)))
