"""Where the time of a put and of a search goes: `python -m bench.profile_requests [requests]`
(with `--sealed` in a domain with an encryption key).

In this process, one request at a time through the WSGI application that `openprofiles serve` runs,
on an embedded database with durable commits. First without a profiler (wall clock and processor
time per request), then with one: processor time by part of the program, and the costliest
functions.
"""

import argparse
import cProfile
import pstats
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from bench import requests, workload
from openprofiles.app import client_of, open_application, watched
from openprofiles.core.settings import Settings

DOMAIN = "bench"
PARTS = (
    "openprofiles/wire",
    "openprofiles/observing",
    "openprofiles/features/object_types",
    "openprofiles/features/profiles/store",
    "openprofiles/features/profiles",
    "openprofiles/features/domains",
    "openprofiles/features",
    "openprofiles/storage",
    "openprofiles/core",
    "psycopg_pool",
    "psycopg",
    "prometheus_client",
)
BUILT_IN = "built-in functions"
WAITING = "waiting for the database"
LISTED = 30


def main() -> None:
    """Print the profiles of both paths."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", nargs="?", type=int, default=1000)
    parser.add_argument("--sealed", action="store_true", help="in a domain with an encryption key")
    given = parser.parse_args()
    count: int = given.requests
    with tempfile.TemporaryDirectory(prefix="openprofiles-bench-") as folder:
        application = open_application(Settings(data_dir=Path(folder)))
        try:
            client = client_of(application.wsgi, application.settings)
            client.create_domain(DomainName=DOMAIN, DefaultExpirationDays=366)
            if given.sealed:
                client.update_domain(DomainName=DOMAIN, DefaultEncryptionKey="alias/bench")
            client.put_profile_object_type(DomainName=DOMAIN, **workload.object_type())
            wsgi = watched(application)
            _run(wsgi, _loading(count))
            _report("PutProfileObject", wsgi, requests.puts(DOMAIN, known=count, seed=0), count)
            _report("SearchProfiles", wsgi, requests.searches(DOMAIN, known=count, seed=0), count)
        finally:
            application.close()


def _report(
    name: str, wsgi: WSGIApplication, asked: Iterator[requests.Request], count: int
) -> None:
    environs = [environ_of(next(asked)) for _ in range(3 * count)]
    _run(wsgi, environs[:count])
    wall, processor = time.perf_counter(), time.thread_time()
    _run(wsgi, environs[count : 2 * count])
    wall, processor = time.perf_counter() - wall, time.thread_time() - processor
    print(
        f"\n## {name}: {wall / count * 1e6:.0f} µs, {processor / count * 1e6:.0f} µs of them ours"
    )
    profile = cProfile.Profile(time.thread_time)
    profile.runcall(_run, wsgi, environs[2 * count :])
    _print_profile(pstats.Stats(profile), count)


def _run(wsgi: WSGIApplication, environs: list[dict[str, Any]]) -> None:
    for environ in environs:
        body = b"".join(wsgi(environ, _ignore))
        if b"Message" in body:
            raise SystemExit(f"A request failed: {body.decode()}")


def _loading(count: int) -> list[dict[str, Any]]:
    numbers = range(workload.KNOWN, workload.KNOWN + count)
    return [environ_of(requests.put(DOMAIN, 1000 * number, number)) for number in numbers]


def environ_of(request: requests.Request) -> dict[str, Any]:
    """The request as the HTTP server hands it over."""
    environ: dict[str, Any] = {
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path,
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(request.body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8787",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
    }
    for name, value in request.headers:
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


def _ignore(_status: str, _headers: list[tuple[str, str]], _error: Any = None) -> Any:
    return None


def _print_profile(statistics: Any, count: int) -> None:
    by_part: dict[str, float] = defaultdict(float)
    functions = []
    for (path, line, name), (_, calls, own, _, callers) in statistics.stats.items():
        if path == "~":
            # What is written in C counts for whoever calls it.
            for (caller_path, _, _), (_, _, caller_own, _) in callers.items():
                part = WAITING if _waits(name) else _part_of(caller_path)
                by_part[part] += caller_own
        else:
            by_part[_part_of(path)] += own
        functions.append((own, calls, f"{_short(path)}:{line} {name}"))
    print("\nµs per request, with the profiler's own cost, by part:")
    for part, own in sorted(by_part.items(), key=lambda item: -item[1]):
        print(f"{own / count * 1e6:9.1f}  {part}")
    print("\nµs per request and calls per request, by function:")
    for own, calls, name in sorted(functions, reverse=True)[:LISTED]:
        print(f"{own / count * 1e6:9.1f} {calls / count:6.1f}  {name}")


def _waits(name: str) -> bool:
    return "wait" in name or ("poll" in name and "select" in name)


def _part_of(path: str) -> str:
    return next((part for part in PARTS if part in path), _short(path))


def _short(path: str) -> str:
    return "/".join(Path(path).parts[-2:])


if __name__ == "__main__":
    main()
