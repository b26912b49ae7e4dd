"""Logs: a JSON object per line on stderr, and never a customer's value in one."""

import logging
import sys
import time
import traceback
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing.util import Finalize
from threading import Event, Lock, Thread
from typing import Any, NamedTuple, TextIO

import msgspec

LEVELS = ("debug", "info", "warning", "error")
OURS = "openprofiles"

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


SOON_SECONDS = 0.05
"""How long the line of a request may wait for others. A system call for each line, and letting go
of the interpreter for it, took a tenth of what a search costs.
"""

_encode_lines = msgspec.json.Encoder(enc_hook=str).encode_lines


def configure_logs(level: str, stream: TextIO | None = None) -> None:
    """Write our log from `level` on, and that of libraries from warnings on, to `stream` (stderr).

    Libraries' finer logs stay off at any level: they show requests and statements with their
    values.
    """
    root = logging.getLogger()
    handler = JsonLines(stream or sys.stderr)
    # What logging does itself at the end of a program, but not of a process that was forked.
    Finalize(None, handler.flush, exitpriority=0)
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())
    logging.captureWarnings(capture=True)


def log_line(level: int, source: str, message: str, fields: dict[str, Any]) -> None:
    """Write what the logger `source` would, without a record: for the line of each request.

    A record looks up where the code is, and which thread and process runs it, which costs as much
    as the answer to a small request. Below a warning, the line is written a little later.
    """
    line = _Line(time.time(), level, source, message, fields)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, JsonLines):
            handler.write(line)


class _Line(NamedTuple):
    moment: float
    level: int
    source: str
    message: str
    fields: dict[str, Any]

    def content(self) -> dict[str, Any]:
        moment = datetime.fromtimestamp(self.moment, UTC)
        return {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": logging.getLevelName(self.level).lower(),
            "source": self.source,
            "message": self.message,
            **self.fields,
        }


class JsonLines(logging.Handler):
    """A record as JSON: time, level, source, message, and whatever `extra` gave it."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._waiting: deque[_Line] = deque()
        self._turn = Lock()
        self._news = Event()
        self._writer = Thread(target=self._write_soon, name="openprofiles-log", daemon=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, and what waits before it."""
        fields = {name: value for name, value in record.__dict__.items() if name not in _USUAL}
        if record.exc_info and record.exc_info[1] is not None:
            fields["errors"] = [_describe(error) for error in _chain(record.exc_info[1])]
        message = record.getMessage()
        self._waiting.append(_Line(record.created, record.levelno, record.name, message, fields))
        self.flush()

    def write(self, line: _Line) -> None:
        """Write a line: at once from a warning on, else soon, together with others."""
        self._waiting.append(line)
        if line.level >= logging.WARNING:
            self.flush()
        elif not self._news.is_set():
            self._wake_writer()

    def flush(self) -> None:
        """Write what waits; a log that cannot be written is no reason to fail."""
        with self._turn:
            waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
            text = _encode_lines([line.content() for line in waiting]).decode()
            with suppress(OSError, ValueError):
                self._stream.write(text)
                self._stream.flush()

    def _wake_writer(self) -> None:
        with self._turn:
            if self._writer.ident is None:
                self._writer.start()
        self._news.set()

    def _write_soon(self) -> None:
        while True:
            self._news.wait()
            time.sleep(SOON_SECONDS)
            self._news.clear()
            self.flush()


def _chain(error: BaseException) -> list[BaseException]:
    errors: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in errors:
        errors.append(following)
        following = following.__cause__ or following.__context__
    return errors


def _describe(error: BaseException) -> dict[str, Any]:
    """Kind and place of an error; its text only if it is ours, since others quote what they choked
    on.
    """
    kind = type(error)
    described: dict[str, Any] = {
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "trace": [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ],
    }
    if kind.__module__.split(".")[0] == OURS:
        described["text"] = str(error)
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate is not None:
        described["sqlstate"] = sqlstate
    return described
