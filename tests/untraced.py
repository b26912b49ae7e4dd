"""Processes that tests start and coverage does not follow."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def untraced() -> Iterator[None]:
    """Coverage does not follow processes that are started meanwhile: it doubles what a service
    takes to start, and its end takes two seconds more. Other tests cover what they run.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield
