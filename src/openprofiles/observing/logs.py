"""Logs: a JSON object per line on stderr, and never a customer's value in one."""

import logging
import sys
import traceback
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
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())
    logging.captureWarnings(capture=True)


class JsonFormatter(logging.Formatter):
    """A record as JSON: time, level, source, message, and whatever `extra` gave it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "source": record.name,
            "message": record.getMessage(),
        }
        line.update((name, value) for name, value in record.__dict__.items() if name not in _USUAL)
        if record.exc_info and record.exc_info[1] is not None:
            line["errors"] = [_describe(error) for error in _chain(record.exc_info[1])]
        return msgspec.json.encode(line, enc_hook=str).decode()


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
