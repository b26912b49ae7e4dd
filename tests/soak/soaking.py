"""One run: a service, its clients, and its memory in the course of it."""

import asyncio
import json
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.acceptance.service import Service
from tests.faults.world import MAIN, Http, path_of, prepare
from tests.soak.connections import Clients, Seen

SETTLED = 0.3
"""Of the run: what memory does before is warming up."""
VISITS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many clients of each temper, and how fast the busy ones are."""

    idle: int = 500
    busy: int = 200
    pause: float = 4.0
    slow_headers: int = 25
    slow_bodies: int = 0
    slow_readers: int = 25
    honest: int = 2


@dataclass(slots=True)
class Outcome:
    """What clients saw, and megabytes of each kind of process at each look."""

    seen: dict[str, Seen] = field(default_factory=dict)
    memory: dict[str, list[float]] = field(default_factory=dict)
    log_errors: list[str] = field(default_factory=list)

    def slope(self, kind: str) -> float:
        """Megabytes an hour that a kind of process gained, from when the run had settled."""
        looks = self.memory[kind]
        settled = looks[int(len(looks) * SETTLED) :]
        if len(settled) < 3:
            return 0.0
        middle = (len(settled) - 1) / 2
        rise = sum((n - middle) * value for n, value in enumerate(settled))
        return rise / sum((n - middle) ** 2 for n in range(len(settled))) * 3600 / LOOK_SECONDS


LOOK_SECONDS = 5.0


def soak(
    folder: Path, *, seconds: float, seed: int, crowd: Crowd, say: Callable[[str], None]
) -> Outcome:
    """Let a crowd at a service in `folder` for so long."""
    service = Service(folder / "data", "--workers", "2", "--log-level", "warning").start()
    try:
        with closing(Http(service.port)) as http:
            prepare(http, folder / "buckets")
            profile = _fill(http)
        outcome = asyncio.run(_crowded(service, profile, seconds, seed, crowd, say))
    finally:
        service.end()
    lines = service.log.read_text().splitlines()
    outcome.log_errors = [line for line in lines if '"level":"error"' in line]
    return outcome


def _fill(http: Http) -> str:
    """A profile whose objects are a large answer; its id."""
    for start in range(0, VISITS, 10):
        items = [
            {"Id": str(n), "Object": json.dumps({"id": str(n), "mail": "m", "text": "y" * 20_000})}
            for n in range(start, start + 10)
        ]
        path = path_of(MAIN, "/profiles/objects/batch-put-profile-object")
        http.call("PUT", path, {"ObjectTypeName": "Visit", "Items": items})
    body = {"KeyName": "visitMail", "Values": ["m"]}
    [found] = http.call("POST", path_of(MAIN, "/profiles/search"), body)["Items"]
    return str(found["ProfileId"])


async def _crowded(
    service: Service,
    profile: str,
    seconds: float,
    seed: int,
    crowd: Crowd,
    say: Callable[[str], None],
) -> Outcome:
    clients, outcome = Clients(service.port, seed), Outcome()
    coroutines = [
        *(clients.idle() for _ in range(crowd.idle)),
        *(clients.busy(crowd.pause) for _ in range(crowd.busy)),
        *(clients.slow_header() for _ in range(crowd.slow_headers)),
        *(clients.slow_body() for _ in range(crowd.slow_bodies)),
        *(clients.slow_reader(profile) for _ in range(crowd.slow_readers)),
        *(clients.honest() for _ in range(crowd.honest)),
    ]
    tasks = [asyncio.ensure_future(each) for each in coroutines]
    for look in range(max(2, int(seconds / LOOK_SECONDS))):
        await asyncio.sleep(LOOK_SECONDS)
        for kind, megabytes in _memory(service).items():
            outcome.memory.setdefault(kind, []).append(megabytes)
        if look % 12 == 0:
            say(f"{(look + 1) * LOOK_SECONDS:.0f} s: {_memory(service)}")
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    await clients.close()
    problems = {repr(end) for end in ended if not isinstance(end, asyncio.CancelledError)}
    assert not problems, problems
    outcome.seen = clients.seen
    return outcome


def _memory(service: Service) -> dict[str, float]:
    """Megabytes of our own of each kind of process (USS): what a leak would add to."""
    found = {"parent": _own(service.parent)}
    for number, worker in enumerate(sorted(service.web_workers(), key=lambda one: one.pid)):
        found[f"web worker {number + 1}"] = _own(worker)
    if (jobs := service.job_worker()) is not None:
        found["job worker"] = _own(jobs)
    postmaster = service.postmaster()
    found["database"] = sum(map(_own, [postmaster, *postmaster.children()]))
    return {kind: round(megabytes, 1) for kind, megabytes in found.items()}


def _own(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        return float(process.memory_full_info().uss) / 2**20
    return 0.0
