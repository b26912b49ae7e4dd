"""What happens in a domain, as the audit tells it."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def audit(invoke, caller, domain) -> Callable[..., list[dict[str, Any]]]:
    """A function that reads the audit of the domain."""

    def read(**filters: Any) -> list[dict[str, Any]]:
        request = {"DomainName": domain, **filters}
        return list(invoke("ListAuditEntries", request, caller)["Items"])

    return read


@pytest.fixture
def kinds(audit) -> Callable[..., list[str]]:
    """A function that tells what was done, the oldest first."""
    return lambda **filters: [entry["Kind"] for entry in audit(**filters)]
