"""`openprofiles serve`: what it says when it cannot start, how it runs, how it stops."""

import http.client
import json
import logging
import os
import re
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

# Before a start sets the variable that it reads when it is loaded.
import openprofiles.observing  # noqa: F401
from openprofiles.cli import main
from openprofiles.cli.listening import (
    allow_files,
    check_auth,
    url_of,
    warn_of_clear_text,
)
from openprofiles.core.settings import Settings
from tests.acceptance.service import Service, running, wait_until

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(capsys) -> Iterator[Command]:
    """Run `openprofiles serve` here, for starts that fail: its exit code and what it said."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    root, ours = logging.getLogger(), logging.getLogger("openprofiles")
    logs = root.handlers[:], root.level, ours.level

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["serve", *arguments])
        return code, capsys.readouterr().err

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level, ours.level = logs


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Service]:
    """A running service of three workers."""
    with running(tmp_path_factory.mktemp("serve") / "data", "--workers", "3") as service:
        yield service


def get(service: Service, path: str) -> str:
    """A page over a connection of its own, which any worker may get."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def requests_counted(service: Service) -> float:
    name = 'openprofiles_requests_total{operation="ListDomains",status="200"}'
    lines = get(service, "/metrics").splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--host", "::"], "anybody who reaches :: could read and change everything"),
        (["--host", "example.com"], "listen on 127.0.0.1"),
        (["--workers", "0"], "at least one worker with one thread"),
        (["--threads", "0"], "at least one worker with one thread"),
        (["--workers", "20"], "lower one of them, or give database_url"),
        (["--log-level", "loud"], "log_level is one of debug, info, warning, error"),
        (["--database-url", "nonsense"], "database_url is no PostgreSQL URL"),
        (["--data-dir", "/proc/openprofiles"], "cannot be written"),
        (["--host", "192.0.2.1"], "anybody who reaches 192.0.2.1"),
        (["--trusted-proxies", "here"], "trusted_proxies is not a list of addresses"),
        (["--metrics-from", "1.2.3.4.5"], "metrics_from is not a list of addresses"),
        (["--waiting-requests", "-1"], "waiting_requests is 0 or more"),
        (["--tls-key", "/dev/null"], "tls_certificate and tls_key go together"),
        (["--tls-certificate", "/dev/null"], "tls_certificate and tls_key go together"),
    ],
)
def test_what_makes_no_sense_is_refused_with_advice(command, arguments, sentence):
    code, said = command("--port", "0", *arguments)

    assert code == 1
    assert sentence in said
    assert said.startswith("openprofiles: ")


def test_a_port_in_use_is_refused_with_advice(command, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        code, said = command("--port", port, "--data-dir", str(tmp_path))

    assert code == 1
    assert f"Port {port} of 127.0.0.1 is in use: stop who uses it" in said


def test_the_port_of_another_service_is_in_use_too(command, service, tmp_path):
    code, said = command("--port", str(service.port), "--data-dir", str(tmp_path))

    assert code == 1
    assert "is in use" in said


def test_ctrl_c_while_it_waits_for_the_port_ends_it(command, tmp_path):
    before = signal.getsignal(signal.SIGINT)

    def interrupt() -> None:
        wait_until(lambda: signal.getsignal(signal.SIGINT) is not before)
        os.kill(os.getpid(), signal.SIGINT)

    end = threading.Thread(target=interrupt)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        end.start()

        with pytest.raises(SystemExit) as ended:
            command("--port", port, "--data-dir", str(tmp_path / "data"))

    end.join()
    assert ended.value.code == 130


@pytest.mark.skipif(os.geteuid() == 0, reason="root may listen on any port")
def test_a_port_that_is_not_for_us_is_refused_with_advice(command, tmp_path):
    code, said = command("--port", "1", "--data-dir", str(tmp_path))

    assert code == 1
    assert "choose another host or port" in said


def test_an_address_of_another_machine_is_refused_with_advice(command, tmp_path, monkeypatch):
    monkeypatch.setattr("openprofiles.cli.listening.is_loopback", lambda _: True)

    code, said = command("--host", "192.0.2.1", "--port", "0", "--data-dir", str(tmp_path))

    assert code == 1
    assert "Cannot listen on 192.0.2.1" in said


@pytest.mark.parametrize(("certificate", "warnings"), [(None, 1), ("chain.pem", 0)])
def test_with_signatures_any_address_will_do_but_not_in_the_clear(caplog, certificate, warnings):
    for settings in (
        Settings(host="192.0.2.1", auth="sigv4", tls_certificate=certificate),
        Settings(host="::1", auth="sigv4"),
    ):
        check_auth(settings)
        warn_of_clear_text(settings)

    assert len(caplog.records) == warnings


def test_as_many_files_may_be_open_as_connections_need():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (800, hard))
        allow_files(400)
        enough = resource.getrlimit(resource.RLIMIT_NOFILE)
        allow_files(100)
        left = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert enough == left == (912, hard)


def test_a_url_writes_ipv6_in_brackets():
    assert url_of("::1", 80) == "http://[::1]:80"
    assert url_of("::1", 80, is_secure=True) == "https://[::1]:80"


def test_the_parent_forks_with_one_thread_only(service):
    assert service.parent.num_threads() == 1


def test_all_workers_count_into_one_total(service):
    wait_until(lambda: len(service.web_workers()) == 3)
    before = requests_counted(service)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: get(service, "/domains"), range(60)))

    assert len(service.web_workers()) == 3
    assert requests_counted(service) == before + 60


def test_what_a_killed_worker_counted_stays(service):
    for _ in range(20):
        get(service, "/domains")
    before = requests_counted(service)
    killed = service.web_workers()

    for worker in killed:
        worker.kill()
    wait_until(lambda: len(set(service.web_workers()) - set(killed)) == 3)

    assert requests_counted(service) == before


def requests_of(service: Service) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in service.log.read_text().splitlines()]
    return [line for line in lines if line["source"] == "openprofiles.requests"]


def test_its_log_is_json_with_an_id_for_each_request(service):
    get(service, "/domains")

    # Lines of requests are written together, soon.
    wait_until(lambda: len(requests_of(service)) > 0)
    requests = requests_of(service)
    assert requests[-1]["operation"] == "ListDomains"
    assert requests[-1]["status"] == 200
    assert len({line["request_id"] for line in requests}) == len(requests)


def test_settings_come_from_the_environment_too(monkeypatch, data_dir):
    monkeypatch.setenv("OPENPROFILES_WORKERS", "1")
    monkeypatch.setenv("OPENPROFILES_REGION", "eu-central-1")
    monkeypatch.setenv("OPENPROFILES_LOG_LEVEL", "error")

    with running(data_dir) as service:
        assert len(service.web_workers()) == 1
        client = service.client()
        client.create_domain(DomainName="here", DefaultExpirationDays=30, Tags={"a": "b"})
        arn = "arn:aws:profile:eu-central-1:000000000000:domains/here"
        assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
        assert service.log.read_text() == ""


def test_a_schedule_that_is_none_stops_it_with_its_reason(data_dir):
    service = Service(data_dir, "--sweep-schedule", "whenever").start()

    assert service.parent.wait(60) == 1
    assert re.search("The service stops: .*cron.*'whenever'", service.log.read_text())
    service.end()


def test_ctrl_c_stops_all_of_it_in_order(data_dir):
    with running(data_dir, "--workers", "2") as service:
        processes = [service.parent, *service.parent.children(recursive=True)]

        service.parent.send_signal(signal.SIGINT)

        assert service.parent.wait(60) == 0
        assert not any(process.is_running() for process in processes)
        assert not (service.data_dir / "postgres" / "postmaster.pid").exists()
        assert "Traceback" not in service.log.read_text()


def test_a_worker_that_cannot_start_says_why_and_tries_again(data_dir):
    custom = data_dir / "postgres" / "custom.conf"
    with running(data_dir, "--workers", "1") as service:
        custom.write_text("shared_buffers = nonsense\n")
        service.postmaster().kill()
        service.web_workers()[0].kill()
        wait_until(lambda: "This web worker cannot start" in service.log.read_text())

        custom.write_text("")

        wait_until(lambda: len(service.web_workers()) == 1)
        assert service.status("/_openprofiles/v1/health/ready") == 200


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 130)]
)
def test_stopped_before_it_runs_it_leaves_nothing_behind(tmp_path, number, code):
    data_dir = tmp_path / "data"
    service = Service(data_dir)
    process = service.spawn()
    try:
        # Making its database takes a while.
        wait_until(lambda: (data_dir / "postgres.new").exists())

        process.send_signal(number)

        assert process.wait(60) == code
        assert not (data_dir / "postgres" / "postmaster.pid").exists()
        assert service.log.read_text().count("Traceback") == 0
    finally:
        service.end()


def test_it_leaves_no_metrics_folder_behind(tmp_path, monkeypatch, data_dir):
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    with running(data_dir) as service:
        assert list(tmp_path.glob("openprofiles-metrics-*"))
        assert service.stop() == 0

    assert not list(tmp_path.glob("openprofiles-metrics-*"))


def test_it_listens_on_ipv6_too(data_dir):
    if not Path("/proc/net/if_inet6").exists() or not Path("/proc/net/if_inet6").read_text():
        pytest.skip("this machine has no IPv6")

    with (
        running(data_dir, "--host", "::1") as service,
        socket.create_connection(("::1", service.port)) as connection,
        connection.makefile("rb") as lines,
    ):
        connection.sendall(b"GET /domains HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 200 " in lines.readline()
