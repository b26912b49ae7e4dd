"""Logs: one JSON object per line, with what was given and without what customers said."""

import io
import json
import logging
from typing import Any

import psycopg

from openprofiles.storage.errors import CannotStart


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_an_object_with_what_was_given(stream):
    logging.getLogger("openprofiles.jobs").info("Swept %s", 3, extra={"objects": 3, "at": object})

    (line,) = lines(stream)

    assert line["level"] == "info"
    assert line["source"] == "openprofiles.jobs"
    assert line["message"] == "Swept 3"
    assert line["objects"] == 3
    assert line["at"] == str(object)
    assert str(line["time"]).endswith("+00:00")


def test_libraries_are_heard_from_warnings_on(stream):
    logging.getLogger("botocore").info("a request with its body")
    logging.getLogger("botocore").warning("careful")
    logging.getLogger("openprofiles").debug("too fine")

    assert [line["message"] for line in lines(stream)] == ["careful"]


def test_the_text_of_a_foreign_error_is_left_out_because_it_may_quote_a_customer(stream, database):
    logger = logging.getLogger("openprofiles")
    try:
        database.run(
            lambda transaction: transaction.row("select 'jane@example.com'::integer"),
            reads_only=True,
        )
    except psycopg.DataError:
        logger.exception("It failed")

    (line,) = lines(stream)

    assert "jane" not in stream.getvalue()
    (error, *_) = line["errors"]
    assert error["type"] == "psycopg.errors.InvalidTextRepresentation"
    assert error["sqlstate"] == "22P02"
    assert any("test_logs.py" in place for place in error["trace"])


def test_the_text_of_our_own_error_is_kept_with_its_causes(stream):
    try:
        try:
            raise ValueError("jane@example.com")
        except ValueError as cause:
            raise CannotStart("Choose another port") from cause
    except CannotStart:
        logging.getLogger("openprofiles").exception("It failed")

    errors = lines(stream)[0]["errors"]

    assert [error.get("text") for error in errors] == ["Choose another port", None]
    assert errors[1]["type"] == "builtins.ValueError"


def test_a_log_that_cannot_be_written_stops_nobody(stream):
    stream.close()

    logging.getLogger("openprofiles").error("Nobody reads this")
