"""Receives forms with a file of any size: fields first, then the file, written as it comes.

Flask keeps a form in memory or, twice, on disk before a page sees it. Here a page sees the fields
before the first byte of the file, so that what it refuses is never stored.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

from flask import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.sansio.multipart import (
    NEED_DATA,
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
)

CHUNK_BYTES = 1 << 16
MOST_FIELD_BYTES = 10_000
MOST_PARTS = 20

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "takes_file"


def takes_file(view: View) -> View:
    """Mark a page as one that receives a file, and checks the proof of its form by itself."""
    setattr(view, _MARK, True)
    return view


def is_taking_file(view: Callable[..., Any] | None) -> bool:
    """Whether a page receives a file."""
    return bool(getattr(view, _MARK, False))


def _decoder(boundary: str) -> MultipartDecoder:
    # It holds what it cannot tell yet, such as a head without an end: not without bound.
    return MultipartDecoder(
        boundary.encode(), max_form_memory_size=4 * CHUNK_BYTES, max_parts=MOST_PARTS
    )


class Receiving:
    """The form of the request at hand: `fields` up to the file, `file_name`, then `keep`.

    Raises BadRequest when it is no form with a file, and RequestEntityTooLarge when the request is
    larger than `most` bytes and the fields may be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        room = most + MOST_PARTS * MOST_FIELD_BYTES
        # Enforced here: what is declared may be wrong, and what is sent in pieces declares nothing.
        request.max_content_length = room
        if (request.content_length or 0) > room:
            raise RequestEntityTooLarge
        boundary = request.mimetype_params.get("boundary", "")
        if request.mimetype != "multipart/form-data" or not boundary:
            raise BadRequest("This form must come with a file")
        self._events = self._read(_decoder(boundary))
        self.fields: dict[str, str] = {}
        self.file_name = self._read_fields()

    def keep(self, path: Path) -> None:
        """Write the file to `path`, where it is once it is whole."""
        partial = path.with_suffix(".part")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with os.fdopen(
                os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as file:
                size = 0
                for data in self._data():
                    size += len(data)
                    if size > self._most:
                        raise RequestEntityTooLarge
                    file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
        finally:
            partial.unlink(missing_ok=True)

    def _read_fields(self) -> str:
        for event in self._events:
            if isinstance(event, File):
                return event.filename
            if isinstance(event, Field):
                self.fields[event.name] = self._text()
        raise BadRequest("This form must come with a file")

    def _text(self) -> str:
        found = bytearray()
        for data in self._data():
            found += data
            if len(found) > MOST_FIELD_BYTES:
                raise RequestEntityTooLarge
        return found.decode("utf-8", "replace")

    def _data(self) -> Iterator[bytes]:
        """What the part at hand holds."""
        has_more = True
        while has_more:
            # Nothing else comes between the head of a part and its end.
            part = cast("Data", next(self._events))
            has_more = part.more_data
            yield part.data

    def _read(self, decoder: MultipartDecoder) -> Iterator[Event]:
        """What the decoder finds in the request, until its end."""
        try:
            while True:
                data = request.stream.read(CHUNK_BYTES)
                decoder.receive_data(data or None)
                while (event := decoder.next_event()) is not NEED_DATA:
                    yield event
                    if isinstance(event, Epilogue):
                        return
        except ValueError as error:
            raise BadRequest("This form was cut off") from error
