"""The connector of streams: each shard from its bookmark to what is newest, parents before the
shards that came from them."""

import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, cast

from openprofiles.connectors.connector import (
    Bookmark,
    Malformed,
    Page,
    Pull,
    SourceObject,
    SourceRecord,
    SourceRefused,
)
from openprofiles.connectors.files import content
from openprofiles.connectors.kinesis.client import (
    Answer,
    IteratorExpired,
    SequenceUnknown,
    Shard,
    Stream,
)

RECORDS_OF_PAGE = 2000
PAUSE_SECONDS = 0.2
"""Between looks at a shard whose records are far apart: five a second are allowed."""

FINISHED = "finished"
"""In place of a sequence number: a closed shard was read to its end."""


class StreamConnector:
    """A stream; a pull ends when each shard was read to what was newest then."""

    def __init__(
        self,
        stream: Stream,
        *,
        records_of_page: int = RECORDS_OF_PAGE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._stream = stream
        self._records_of_page = records_of_page
        self._sleep = sleep

    def check(self) -> None:
        """List the shards."""
        self._stream.shards()

    def objects(self) -> Sequence[SourceObject]:
        """The stream itself."""
        name = self._stream.name
        return [SourceObject(name=name, text=f"Records of the stream {name}")]

    def read(self, pull: Pull) -> Iterator[Page]:
        """The records of all shards, whichever object the pull names: a stream has one.

        A shard's records come in their order; a record that was changed is another record.
        """
        shards = self._stream.shards()
        places = _places(pull.bookmark)
        known = {shard.id for shard in shards}
        # What the stream has forgotten need not be remembered.
        places = {shard: place for shard, place in places.items() if shard in known}
        for shard in shards:
            if self._is_ready(shard, known, places):
                for records in self._read_shard(shard, places):
                    yield Page(records, {"shards": dict(places)})

    def close(self) -> None:
        """Close the connections."""
        self._stream.close()

    @staticmethod
    def _is_ready(shard: Shard, known: set[str], places: Mapping[str, str]) -> bool:
        """Whether a shard is not finished, and those it came from are: what they have is older."""
        open_parents = [
            parent for parent in shard.parents if parent in known and places.get(parent) != FINISHED
        ]
        return places.get(shard.id) != FINISHED and not open_parents

    def _read_shard(
        self, shard: Shard, places: dict[str, str]
    ) -> Iterator[list[SourceRecord | Malformed]]:
        """Pages of a shard; `places` has its place behind each when it is given."""
        iterator: str | None = self._iterator(shard, places)
        is_at_end = False
        while iterator is not None and not is_at_end:
            try:
                answer = self._stream.records(iterator, self._records_of_page)
            except IteratorExpired:
                iterator = self._iterator(shard, places)
                continue
            iterator, is_at_end = answer.next_iterator, answer.is_at_end
            if answer.records:
                places[shard.id] = answer.records[-1].sequence
            is_finished = iterator is None or (is_at_end and shard.is_closed)
            if is_finished:
                places[shard.id] = FINISHED
            if answer.records or is_finished:
                yield self._taken(shard, answer)
            elif not is_at_end:
                self._sleep(PAUSE_SECONDS)

    def _iterator(self, shard: Shard, places: Mapping[str, str]) -> str:
        try:
            return self._stream.iterator(shard.id, places.get(shard.id))
        except SequenceUnknown:
            # Too old, or the stream was made anew: what there is, is all new.
            return self._stream.iterator(shard.id, None)

    def _taken(self, shard: Shard, answer: Answer) -> list[SourceRecord | Malformed]:
        taken: list[SourceRecord | Malformed] = []
        for record in answer.records:
            place = f"{shard.id}:{record.sequence}"
            data = cast("BinaryIO", io.BufferedReader(io.BytesIO(record.data)))
            items = content.items(data, place, format="jsonl", delimiter=None, skip=0)
            taken += [item.record for item in items]
        return taken


def _places(bookmark: Bookmark | None) -> dict[str, str]:
    """How far each shard was read."""
    places: Any = bookmark.get("shards") if bookmark else {}
    if not isinstance(places, dict) or not all(isinstance(each, str) for each in places.values()):
        raise SourceRefused("The bookmark is not one of a stream")
    return dict(places)
