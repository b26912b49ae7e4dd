"""Records of any number of files, one after the other, in constant memory."""

from collections.abc import Iterator, Sequence

from openprofiles.connectors.files import Record, Skip, csv_files, json_lines, parquet_files
from openprofiles.features.transfers.source import Source, opened

RECORDS_PER_LOOK = 256
"""How often the position in the file is looked up for the progress bar."""


class Reading:
    """The records of `sources` after the first `skip`; raises Unreadable while it is iterated."""

    def __init__(
        self, sources: Sequence[Source], *, skip: int = 0, delimiter: str | None = None
    ) -> None:
        self._sources = sources
        self._skip = Skip(skip)
        self._delimiter = delimiter
        self.total_bytes = sum(source.size for source in sources)
        self.bytes_done = 0

    def __iter__(self) -> Iterator[Record]:
        before = 0
        for source in self._sources:
            self.bytes_done = before
            yield from self._records_of(source, before)
            before += source.size
        self.bytes_done = before

    def _records_of(self, source: Source, before: int) -> Iterator[Record]:
        def progress(done: int) -> None:
            self.bytes_done = before + done

        with opened(source) as file:
            content, name = file.content, source.name
            if source.format == "parquet":
                records = parquet_files.read(
                    content, name, self._skip, lambda part: progress(int(source.size * part))
                )
                yield from records
                return
            if source.format == "csv":
                records = csv_files.read(content, name, self._skip, delimiter=self._delimiter)
            else:
                records = json_lines.read(content, name, self._skip)
            for number, record in enumerate(records):
                if number % RECORDS_PER_LOOK == 0:
                    progress(file.bytes_done)
                yield record
