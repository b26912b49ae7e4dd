"""Logs: one JSON object per line, with what was given and without what customers said."""

import io
import json
import logging
import subprocess
import sys
from typing import Any

import psycopg

from openprofiles.observing.logs import log_line
from openprofiles.storage.errors import CannotStart
from tests.acceptance.service import wait_until


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


def test_the_line_of_a_request_is_written_soon_and_before_a_later_warning(stream):
    log_line(logging.INFO, "openprofiles.requests", "answered", {"status": 200})
    log_line(logging.ERROR, "openprofiles.requests", "answered", {"status": 500})
    log_line(logging.INFO, "openprofiles.requests", "answered", {"status": 201})
    wait_until(lambda: len(lines(stream)) == 3)
    log_line(logging.INFO, "openprofiles.requests", "answered", {"status": 202})
    wait_until(lambda: len(lines(stream)) == 4)

    assert [line["status"] for line in lines(stream)] == [200, 500, 201, 202]


END = """
import logging, os
from openprofiles.observing import configure_logs
from openprofiles.observing.logs import log_line
from multiprocessing import get_context

def work():
    configure_logs("info")
    log_line(logging.INFO, "openprofiles.requests", "last", {})

process = get_context("fork").Process(target=work)
process.start()
process.join()
work()
"""


def test_what_waits_is_written_when_a_process_ends():
    done = subprocess.run([sys.executable, "-c", END], capture_output=True, text=True, check=True)

    told = [json.loads(line) for line in done.stderr.splitlines()]
    ours = [line for line in told if line["source"] == "openprofiles.requests"]
    assert [line["message"] for line in ours] == ["last", "last"]
