"""A PostgreSQL server of one's own by `--database-url`, from the oldest supported version on."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.external import ExternalServer, wheel
from tests.acceptance.service import (
    Load,
    Service,
    assert_nothing_is_lost,
    drain,
    make_domain,
    wait_until,
)

INSTALLED = sorted(Path("/usr/lib/postgresql").glob("1[5-8]/bin"))


@pytest.fixture(params=["wheel", *(path.parent.name for path in INSTALLED)])
def external(request, tmp_path) -> Iterator[ExternalServer]:
    """A running server: the wheel's, and each version that this machine has installed."""
    names = {path.parent.name: path for path in INSTALLED}
    server = ExternalServer(names.get(request.param) or wheel(), tmp_path)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.folder)


def test_the_service_runs_on_it_and_lives_through_its_absence(external, tmp_path, keys_of_domains):
    service = Service(tmp_path / "data", "--database-url", external.url).start()
    try:
        client = service.client()
        domain = make_domain(client, f"external-{uuid.uuid4().hex}")

        with Load(client, domain, threads=3) as load:
            load.wait_for(50)
            external.stop()
            # Longer than a caller waits for a connection: callers are told.
            wait_until(lambda: load.failed.qsize() >= 3)
            external.start()
            load.wait_for(50)

        codes = {error_code(error) for _, error in drain_again(load)}
        assert codes == {"InternalServerException"}
        assert_nothing_is_lost(client, domain, load)
        # The keys of secrets, with which cookies are signed too, those of domains that have some,
        # and no database.
        kept = {"secrets.key", *(["encryption-keys"] if keys_of_domains else [])}
        assert {path.name for path in (tmp_path / "data").iterdir()} == kept
    finally:
        service.end()


def test_health_tells_the_absence_of_the_database(tmp_path):
    external = ExternalServer(wheel(), tmp_path)
    external.start()
    service = Service(tmp_path / "data", "--database-url", external.url).start()
    try:
        external.stop()
        assert service.status("/_openprofiles/v1/health/live") == 200
        assert service.status("/_openprofiles/v1/health/ready") == 503

        external.start()

        wait_until(lambda: service.status("/_openprofiles/v1/health/ready") == 200, 20)
    finally:
        service.end()
        external.stop()


def drain_again(load: Load) -> list[tuple[str, Exception]]:
    failed = list(drain(load.failed))
    for failure in failed:
        load.failed.put(failure)
    return failed


def error_code(error: Exception) -> str:
    assert isinstance(error, ClientError), error
    return error.response["Error"]["Code"]


def test_a_data_directory_that_cannot_be_written_is_told_once(tmp_path):
    external = ExternalServer(wheel(), tmp_path)
    external.start()
    (tmp_path / "data").write_text("in its place")
    service = Service(tmp_path / "data", "--database-url", external.url)
    try:
        process = service.spawn()
        process.communicate(timeout=60)

        said = service.log.read_text()
        assert (process.returncode, said.count("cannot be read or made")) == (1, 1)
        assert "--data-dir" in said
    finally:
        external.stop()
