"""The connector of files: new and changed files below a prefix, each once, in the order of their
times."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from openprofiles.connectors.connector import (
    Malformed,
    Page,
    Pull,
    SourceObject,
    SourceRecord,
    SourceRefused,
    SourceUnavailable,
)
from openprofiles.connectors.files import content, formats
from openprofiles.connectors.files.formats import Format
from openprofiles.connectors.files.progress import Progress
from openprofiles.storage.buckets import (
    BucketFile,
    BucketRefused,
    Buckets,
    BucketUnavailable,
    FileGone,
)

RECORDS_OF_PAGE = 2000
BYTES_OF_PAGE = 8 << 20
FILES_OF_PAGE = 100
"""A page ends at one of these, so that it fits into memory and the bookmark moves on."""


class FilesConnector:
    """Files in the folders of buckets. `bucket` is the one for pulls that name none."""

    def __init__(
        self,
        buckets: Buckets,
        *,
        bucket: str | None = None,
        format: Format | None = None,
        delimiter: str | None = None,
        records_of_page: int = RECORDS_OF_PAGE,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._buckets = buckets
        self._bucket = bucket
        self._format = format
        self._delimiter = delimiter
        self._records_of_page = records_of_page
        self._now = now

    def check(self) -> None:
        """List something of the bucket; without one there is nothing to reach yet."""
        if self._bucket is not None:
            with _as_source_errors():
                next(self._buckets.files(self._bucket, ""), None)

    def objects(self) -> Sequence[SourceObject]:
        """The folders of the bucket."""
        if self._bucket is None:
            return []
        with _as_source_errors():
            names = self._buckets.folders(self._bucket)
        return [SourceObject(name=name, text=f"Files below {name}/") for name in names]

    def read(self, pull: Pull) -> Iterator[Page]:
        """The records of all files that are new or changed.

        Options are `BucketName` and `BucketPrefix`; the prefix is the pull's object unless given. A
        file is read whole, whichever fields are wanted.
        """
        bucket = pull.options.get("BucketName") or self._bucket
        if bucket is None:
            raise SourceRefused("A pull of files needs a BucketName")
        prefix = pull.options.get("BucketPrefix", pull.object_name).strip("/")
        with _as_source_errors():
            yield from self._pages(bucket, prefix, pull)

    def close(self) -> None:
        """Nothing stays open between pages but the file at hand, which its pull closes."""

    def _pages(self, bucket: str, prefix: str, pull: Pull) -> Iterator[Page]:
        progress = Progress(pull.bookmark, now=round(self._now() * 1_000_000))
        files = filter(self._is_meant, self._buckets.files(bucket, prefix))
        page, files_of_page = _Filling(self._records_of_page), 0
        for file in progress.todo(files):
            done = progress.records_done(file)
            for item in self._items(bucket, file, done):
                if page.is_full:
                    progress.read_to(file, done)
                    yield page.turn(progress)
                    files_of_page = 0
                page.add(item)
                done += 1
            progress.finish(file)
            files_of_page += 1
            if files_of_page == FILES_OF_PAGE:
                yield page.turn(progress)
                files_of_page = 0
        if files_of_page:
            yield page.turn(progress)

    def _items(self, bucket: str, file: BucketFile, skip: int) -> Iterator[content.Item]:
        """The records of a file. When it is replaced or deleted meanwhile, it ends there: its new
        version is another file, which comes with the next pull."""
        try:
            with self._buckets.open(bucket, file) as opened:
                yield from content.items(
                    opened,
                    file.key,
                    format=self._format,
                    delimiter=self._delimiter,
                    skip=skip,
                )
        except FileGone:
            return

    def _is_meant(self, file: BucketFile) -> bool:
        """Whether a file has records: hidden and empty ones, and those of other endings, have none.

        A name that begins with `_` is a note of the program that writes the others (`_SUCCESS`).
        """
        name = file.key.rpartition("/")[2]
        if name.startswith((".", "_")) or not file.size:
            return False
        told, is_compressed = formats.of_name(name)
        has_ending = "." in name.removesuffix(".gz" if is_compressed else "")
        return bool(self._format or told or not has_ending)


class _Filling:
    """A page that is being filled."""

    def __init__(self, most_records: int) -> None:
        self._most_records = most_records
        self._records: list[SourceRecord | Malformed] = []
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        return len(self._records) >= self._most_records or self._bytes >= BYTES_OF_PAGE

    def add(self, item: content.Item) -> None:
        self._records.append(item.record)
        self._bytes += item.size

    def turn(self, progress: Progress) -> Page:
        """The page; an empty one is begun."""
        page = Page(self._records, progress.as_bookmark())
        self._records, self._bytes = [], 0
        return page


@contextmanager
def _as_source_errors() -> Iterator[None]:
    try:
        yield
    except BucketRefused as error:
        raise SourceRefused(str(error)) from error
    except BucketUnavailable as error:
        raise SourceUnavailable(str(error)) from error
    except OSError as error:
        raise SourceUnavailable("A file cannot be read at the moment") from error
