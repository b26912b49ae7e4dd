"""What tests of logs share."""

import io
import logging
from collections.abc import Iterator

import pytest

from openprofiles.observing import configure_logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What the log writes to while the test runs."""
    root, ours = logging.getLogger(), logging.getLogger("openprofiles")
    before = root.handlers[:], root.level, ours.level
    stream = io.StringIO()
    configure_logs("info", stream)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level, ours.level = before
