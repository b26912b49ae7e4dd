"""Logs: a JSON object per line on stderr, and never a customer's value in one."""

import logging
import sys
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec

LEVELS = ("debug", "info", "warning", "error")
OURS = "openprofiles"

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure_logs(level: str, stream: TextIO | None = None) -> None:
    """Write our log from `level` on, and that of libraries from warnings on, to `stream` (stderr).

    Libraries' finer logs stay off at any level: they show requests and statements with their
    values.
    """
    root = logging.getLogger()
    root.handlers[:] = [JsonLines(stream or sys.stderr)]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())
    logging.captureWarnings(capture=True)


def log_line(level: int, source: str, message: str, fields: dict[str, Any]) -> None:
    """Write what the logger `source` would, without a record: for the line of each request.

    A record looks up where the code is, and which thread and process runs it, which costs as much
    as the answer to a small request.
    """
    for handler in logging.getLogger().handlers:
        if isinstance(handler, JsonLines):
            handler.write(_line(time.time(), level, source, message) | fields)


class JsonLines(logging.Handler):
    """A record as JSON: time, level, source, message, and whatever `extra` gave it."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        line = _line(record.created, record.levelno, record.name, record.getMessage())
        line.update((name, value) for name, value in record.__dict__.items() if name not in _USUAL)
        if record.exc_info and record.exc_info[1] is not None:
            line["errors"] = [_describe(error) for error in _chain(record.exc_info[1])]
        self.write(line)

    def write(self, line: dict[str, Any]) -> None:
        """Write a line; a log that cannot be written is no reason to fail."""
        text = msgspec.json.encode(line, enc_hook=str).decode()
        with suppress(OSError, ValueError):
            self._stream.write(f"{text}\n")
            self._stream.flush()


def _line(moment: float, level: int, source: str, message: str) -> dict[str, Any]:
    return {
        "time": datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds"),
        "level": logging.getLevelName(level).lower(),
        "source": source,
        "message": message,
    }


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
