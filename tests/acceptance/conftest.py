"""What acceptance tests share: one running service."""

from collections.abc import Iterator

import pytest

from tests.acceptance.service import running


@pytest.fixture(scope="session")
def service_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real `openprofiles serve` with two workers."""
    folder = tmp_path_factory.mktemp("service")
    with running(folder / "data", "--workers", "2") as service:
        yield service.url
