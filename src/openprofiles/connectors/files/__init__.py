"""Files of records: CSV, JSON and Parquet in an object store or a folder; and their readers, which
imports use too."""

from openprofiles.connectors.files import csv_files, json_lines, parquet_files
from openprofiles.connectors.files.formats import FORMATS, Format, of_name
from openprofiles.connectors.files.kind import KIND
from openprofiles.connectors.files.lines import MAX_LINE_BYTES
from openprofiles.connectors.files.packing import unpacked
from openprofiles.connectors.files.record import Record, Skip, Unreadable, storable

__all__ = [
    "FORMATS",
    "KIND",
    "MAX_LINE_BYTES",
    "Format",
    "Record",
    "Skip",
    "Unreadable",
    "csv_files",
    "json_lines",
    "of_name",
    "parquet_files",
    "storable",
    "unpacked",
]
