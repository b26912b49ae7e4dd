"""Files of records: CSV, JSON and Parquet in an object store or a folder; and their readers, which
imports use too."""

from openprofiles.connectors.files import content, csv_files, json_lines, parquet_files
from openprofiles.connectors.files.formats import FORMATS, Format, of_name
from openprofiles.connectors.files.kind import BUCKET_SETTINGS, KIND, buckets_of
from openprofiles.connectors.files.lines import MAX_LINE_BYTES
from openprofiles.connectors.files.packing import unpacked
from openprofiles.connectors.files.pulling import FilesConnector
from openprofiles.connectors.files.record import Record, Skip, Unreadable, storable

__all__ = [
    "BUCKET_SETTINGS",
    "FORMATS",
    "KIND",
    "MAX_LINE_BYTES",
    "FilesConnector",
    "Format",
    "Record",
    "Skip",
    "Unreadable",
    "buckets_of",
    "content",
    "csv_files",
    "json_lines",
    "of_name",
    "parquet_files",
    "storable",
    "unpacked",
]
