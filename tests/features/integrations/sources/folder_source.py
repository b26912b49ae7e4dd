"""A connector for tests, installed as any other: JSON Lines in a folder, read by line number.

It bears the name of a ConnectorType, as a flow names no other. Files beside the data say how the
source feels: `down` (may hold the seconds of a Retry-After), `refused`, `broken` (it raises what no
connector may), `slow` (seconds for each page).
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from openprofiles.connectors import (
    Connector,
    ConnectorKind,
    Malformed,
    Page,
    Pull,
    Setting,
    SourceObject,
    SourceRefused,
    SourceUnavailable,
)

TOKEN = "open sesame"


class FolderSource:
    """The lines of `{object}.jsonl` in a folder."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._folder = Path(values["folder"])
        if not self._folder.is_absolute():
            raise SourceRefused("folder must be an absolute path")
        self._token = values["token"]
        self._page = int(values.get("page", "100"))

    def check(self) -> None:
        """The folder is there and the token is right."""
        self._feel()
        if self._token != TOKEN:
            raise SourceRefused("The token is not accepted")

    def objects(self) -> Sequence[SourceObject]:
        """The files."""
        return [SourceObject(name=path.stem, text="") for path in self._folder.glob("*.jsonl")]

    def read(self, pull: Pull) -> Iterator[Page]:
        """Lines behind the bookmark."""
        self.check()
        done = (pull.bookmark or {"line": 0})["line"]
        path = self._folder / f"{pull.object_name}.jsonl"
        if not path.exists():
            raise SourceRefused("There is no such object")
        lines = path.read_text("utf-8").splitlines()
        while done < len(lines):
            self._feel()
            some = lines[done : done + self._page]
            records = [self._record(line, done + place) for place, line in enumerate(some, 1)]
            done += len(some)
            yield Page([r for r in records if _is_within(r, pull)], {"line": done})
        if not lines:
            yield Page([], {"line": 0})

    def close(self) -> None:
        """Nothing is open."""

    def _record(self, line: str, number: int) -> Any:
        try:
            return json.loads(line)
        except json.JSONDecodeError:
            return Malformed(f"line {number}", "The line is not valid JSON", line)

    def _feel(self) -> None:
        down, slow = self._folder / "down", self._folder / "slow"
        if down.exists():
            text = down.read_text()
            raise SourceUnavailable("The source is down", retry_after=float(text) if text else None)
        if (self._folder / "refused").exists():
            raise SourceRefused("The source says no")
        if (self._folder / "broken").exists():
            raise ZeroDivisionError("a value of a customer")
        if slow.exists():
            time.sleep(float(slow.read_text()))


def _is_within(record: Any, pull: Pull) -> bool:
    if isinstance(record, Malformed) or pull.timestamp_field not in record:
        return True
    moment = datetime.fromisoformat(record[pull.timestamp_field])
    return (pull.since is None or moment >= pull.since) and (
        pull.until is None or moment < pull.until
    )


def _open(values: Mapping[str, str]) -> Connector:
    return FolderSource(values)


KIND = ConnectorKind(
    name="Marketo",
    text="A folder of JSON Lines",
    settings=(
        Setting(name="folder", text="Where the files are"),
        Setting(name="token", text="Who may read them", is_secret=True),
        Setting(name="page", text="Lines of a page", is_required=False),
    ),
    open=_open,
    default_timestamp_field="updated",
)
