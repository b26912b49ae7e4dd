"""One run: a service, its clients, and its memory in the course of it."""

import asyncio
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.first_key import Key, first_key
from tests.acceptance.service import Service
from tests.faults.world import MAIN, Http, object_type, path_of, prepare
from tests.soak.connections import CLEAR, Clients, Seen
from tests.soak.visitors import visit
from tests.soak.watching import Watch

SETTLED = 0.3
"""Of the run: what memory does before is warming up."""
VISITS = 400
MOST_LOOK_SECONDS = 15.0
"""To look at the memory of all processes of the database takes a while itself."""


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
    visitors: int = 2
    """People at the console, who open a page every few seconds."""


@dataclass(slots=True)
class Outcome:
    """What clients saw, and megabytes of each process at each look."""

    seen: dict[str, Seen] = field(default_factory=dict)
    memory: dict[str, list[float]] = field(default_factory=dict)
    anew: list[str] = field(default_factory=list)
    """Processes that were started in place of others; the log says what became of those."""
    problems: list[str] = field(default_factory=list)
    """What clients could not cope with: errors of the soak itself."""
    log_errors: list[str] = field(default_factory=list)
    look_seconds: float = MOST_LOOK_SECONDS

    def slope(self, name: str) -> float:
        """Megabytes an hour that a process gained, from when the run had settled."""
        looks = self.memory[name]
        settled = looks[int(len(looks) * SETTLED) :]
        if len(settled) < 3:
            return 0.0
        middle = (len(settled) - 1) / 2
        rise = sum((n - middle) * value for n, value in enumerate(settled))
        rise /= sum((n - middle) ** 2 for n in range(len(settled)))
        return rise * 3600 / self.look_seconds


def soak(
    folder: Path, *, seconds: float, seed: int, crowd: Crowd, say: Callable[[str], None]
) -> Outcome:
    """Let a crowd at a service in `folder` for so long: one that asks for signatures, with a domain
    that is encrypted and one that is not.
    """
    options = ("--workers", "2", "--auth", "sigv4", "--log-level", "warning")
    service = Service(folder / "data", *options).start()
    try:
        key = first_key(service.introduction)
        with closing(Http(service.port, key)) as http:
            prepare(http, folder / "buckets")
            http.call("POST", path_of(CLEAR), {"DefaultExpirationDays": 366})
            http.call("PUT", path_of(CLEAR, "/object-types/Account"), object_type())
            profile = _fill(http)
        outcome = asyncio.run(_crowded(service, key, profile, seconds, seed, crowd, say))
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
    key: Key,
    profile: str,
    seconds: float,
    seed: int,
    crowd: Crowd,
    say: Callable[[str], None],
) -> Outcome:
    clients, outcome, watch = Clients(service.port, key, seed), Outcome(), Watch(service)
    outcome.look_seconds = min(MOST_LOOK_SECONDS, seconds / 2)
    coroutines = [
        *(clients.idle() for _ in range(crowd.idle)),
        *(clients.busy(crowd.pause) for _ in range(crowd.busy)),
        *(clients.slow_header() for _ in range(crowd.slow_headers)),
        *(clients.slow_body() for _ in range(crowd.slow_bodies)),
        *(clients.slow_reader(profile) for _ in range(crowd.slow_readers)),
        *(clients.honest() for _ in range(crowd.honest)),
        *(visit(service.port, key, seed + number, clients) for number in range(crowd.visitors)),
    ]
    tasks = [asyncio.ensure_future(each) for each in coroutines]
    for look in range(int(seconds / outcome.look_seconds)):
        await asyncio.sleep(outcome.look_seconds)
        # In a thread, since it takes longer than a caller should wait.
        memory = await asyncio.to_thread(watch.look)
        for name, megabytes in memory.items():
            outcome.memory.setdefault(name, []).append(megabytes)
        if look % 4 == 0:
            say(f"{(look + 1) * outcome.look_seconds:.0f} s: {memory}")
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    await clients.close()
    problems = {repr(end) for end in ended if not isinstance(end, asyncio.CancelledError)}
    outcome.problems, outcome.anew, outcome.seen = sorted(problems), watch.anew, clients.seen
    return outcome
