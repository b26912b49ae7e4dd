"""What the tests of domains share."""

import uuid

import pytest


@pytest.fixture
def fresh_name() -> str:
    """A name that no domain has."""
    return f"fresh-{uuid.uuid4().hex}"
