"""A backup of a service under load has all that was acknowledged before, and nothing half."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from openprofiles.app import client_of, open_application
from openprofiles.core.settings import Settings
from openprofiles.storage import backups
from openprofiles.storage.errors import BackupFailed
from tests.acceptance.external import ExternalServer, wheel
from tests.acceptance.service import Load, Service, drain, make_domain, running, wait_until
from tests.acceptance.test_external_database import INSTALLED
from tests.features.profiles.consistency import check_domain
from tests.storage.tls import make_certificate

PATIENCE_SECONDS = 300


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Service]:
    """A service that is backed up while it runs."""
    with running(tmp_path_factory.mktemp("backup") / "data") as service:
        yield service


def command(name: str, *arguments: object) -> list[str]:
    program = str(Path(sys.executable).with_name("openprofiles"))
    return [program, name, *map(str, arguments)]


def test_a_backup_has_all_that_was_acknowledged_before_it_began(service, tmp_path):
    client = service.client()
    domain = make_domain(client, f"backup-{uuid.uuid4().hex}")

    with Load(client, domain) as load:
        load.wait_for(200)
        before = list(drain(load.acknowledged))
        run("backup", tmp_path / "file", "--with-keys", "--data-dir", service.data_dir)
        load.wait_for(50)
    run("restore", tmp_path / "file", "--data-dir", tmp_path / "copy")

    assert found_in(Settings(data_dir=tmp_path / "copy"), domain, before) == set(before)
    assert not list(drain(load.failed))


def run(name: str, *arguments: object) -> None:
    """Run a command to its end; one that does not come to it says where it waits."""
    told = os.environ | {"PYTHONFAULTHANDLER": "1"}
    with subprocess.Popen(
        command(name, *arguments), env=told, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            _, said = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)
            pytest.fail(f"{name} does not end: {process.communicate()[1]}")
    assert process.returncode == 0, said


def found_in(settings: Settings, domain: str, numbers: list[str]) -> set[str]:
    """Which of the numbers a copy's API finds; what is there at all fits together."""
    application = open_application(settings)
    try:
        assert check_domain(application.database, domain)["profiles"] >= len(numbers)
        client = client_of(application.wsgi, settings)

        def items(number: str) -> list[Any]:
            answer = client.search_profiles(
                DomainName=domain, KeyName="accountKey", Values=[number]
            )
            return answer["Items"]

        return {number for number in numbers if len(items(number)) == 1}
    finally:
        application.close()


def test_a_killed_backup_leaves_nothing_that_looks_whole(service, tmp_path):
    out, partial = tmp_path / "file", tmp_path / "file.partial"
    arguments = command("backup", out, "--data-dir", service.data_dir)
    with psycopg.connect(service.conninfo()) as connection:
        # What it reads last: it waits for this.
        connection.execute("lock table tags in access exclusive mode")
        process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
        wait_until(partial.exists)

        process.send_signal(signal.SIGKILL)

        process.wait()
    assert not out.exists()
    with pytest.raises(BackupFailed):
        backups.check(partial)
    run("backup", out, "--data-dir", service.data_dir)
    assert backups.check(out).manifest.rows["domains"] >= 0
    assert not partial.exists()


def test_a_killed_restore_leaves_nothing_that_looks_whole(service, tmp_path):
    file, data_dir = tmp_path / "file", tmp_path / "copy"
    run("backup", file, "--data-dir", service.data_dir)
    process = subprocess.Popen(
        command("restore", file, "--data-dir", data_dir), stderr=subprocess.DEVNULL
    )
    wait_until((data_dir / "restoring" / "postgres" / "postmaster.pid").exists)

    os.kill(process.pid, signal.SIGKILL)

    process.wait()
    assert not (data_dir / "postgres").exists()
    run("restore", file, "--data-dir", data_dir)
    assert sorted(path.name for path in data_dir.iterdir()) == ["postgres"]


@pytest.mark.skipif(not INSTALLED, reason="no PostgreSQL with TLS is installed here")
def test_a_server_is_backed_up_and_restored_over_tls(tmp_path):
    external = ExternalServer(INSTALLED[-1], tmp_path)
    certificate, key = make_certificate(external.folder, "localhost")
    external.give(certificate, key)
    external.start("-c ssl=on -c ssl_cert_file=localhost.crt -c ssl_key_file=localhost.key")
    try:
        url = external.tls_url(certificate)
        settings = Settings(database_url=url, data_dir=tmp_path / "data")
        application = open_application(settings)
        domain = make_domain(client_of(application.wsgi, settings), "kept")
        application.close()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create database again")
        again = make_conninfo(url, dbname="again")

        run("backup", tmp_path / "file", "--database-url", url)
        run("restore", tmp_path / "file", "--database-url", again, "--data-dir", tmp_path / "data")

        restored = Settings(database_url=again, data_dir=tmp_path / "data")
        assert found_in(restored, domain, []) == set()
    finally:
        external.stop()


def test_the_oldest_server_of_the_wheel_can_be_backed_up_and_restored(tmp_path):
    # PostgreSQL 16: its programs are older than ours.
    external = ExternalServer(wheel().parent.parent / "pginstall" / "bin", tmp_path)
    external.start()
    try:
        settings = Settings(database_url=external.url, data_dir=tmp_path / "data")
        application = open_application(settings)
        domain = make_domain(client_of(application.wsgi, settings), "kept")
        application.close()
        with psycopg.connect(external.url, autocommit=True) as connection:
            connection.execute("create database again")
        again = external.url.replace("/postgres?", "/again?")

        run("backup", tmp_path / "file", "--database-url", external.url)
        run("restore", tmp_path / "file", "--database-url", again, "--data-dir", tmp_path / "data")

        assert (
            found_in(Settings(database_url=again, data_dir=tmp_path / "data"), domain, []) == set()
        )
    finally:
        external.stop()
