"""Sends cases into a service in this process and judges the answers."""

import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from wsgiref.types import WSGIApplication

import psutil

from tests.fuzz.requests import Case
from tests.wire.calling import Reply, Request, send

MODELLED = {
    400: {"BadRequestException"},
    403: {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    },
    404: {"ResourceNotFoundException", "UnknownOperationException"},
    405: {"UnknownOperationException"},
    429: {"ThrottlingException"},
}
SLOW_SECONDS = 5.0
"""More than any request should take, also on a machine that is shared."""


@dataclass(slots=True)
class Outcome:
    """What came of all cases."""

    statuses: Counter[int] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    memory: list[float] = field(default_factory=list)
    """Megabytes, in the course of the run."""


class _Errors(logging.Handler):
    """Counts what the service logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def judge(application: WSGIApplication, one: Case) -> str | None:
    """What is wrong with the answer to a case; None when it is as it should be."""
    errors = _Errors()
    logger = logging.getLogger("openprofiles")
    logger.addHandler(errors)
    try:
        reply = send(application, one.request, environ=one.environ())
    except Exception as error:  # noqa: BLE001 (whatever it is, a server would have answered 500)
        return f"raised {type(error).__name__}: {error}"
    finally:
        logger.removeHandler(errors)
    return problem_of(reply, errors.texts)


def problem_of(reply: Reply, logged: list[str]) -> str | None:
    """What is wrong with an answer."""
    if reply.status >= 500:
        return f"{reply.status} {reply.body[:200]!r} {' '.join(logged)[-1500:]}"
    if reply.status >= 400 and reply.code not in MODELLED.get(reply.status, set()):
        return f"{reply.status} {reply.code}, which is no error of the model"
    if logged:
        return f"{reply.status}, and the log has {logged[0][-500:]}"
    return None


def run(
    application: WSGIApplication,
    cases: Iterable[Case],
    *,
    each: Callable[[int], None] = lambda _: None,
    every: int = 1000,
) -> Outcome:
    """Send all cases, look at memory from time to time."""
    outcome, process = Outcome(), psutil.Process()
    for count, one in enumerate(cases):
        if count % every == 0:
            outcome.memory.append(process.memory_info().rss / 2**20)
            each(count)
        seen: list[int] = []
        started = time.perf_counter()
        problem = judge(_watched(application, seen), one)
        took = time.perf_counter() - started
        outcome.statuses[seen[0] if seen else 0] += 1
        outcome.operations[one.about] += 1
        outcome.slowest = max(outcome.slowest, (took, f"{one.about} number {one.number}"))
        if took > SLOW_SECONDS:
            problem = problem or f"it took {took:.1f} s"
        if problem:
            smaller = shrink(one, lambda it: judge(application, it) is not None)
            outcome.failures.append(f"{problem}\n    number {one.number}: {shown(smaller)}")
    return outcome


def _watched(application: WSGIApplication, seen: list[int]) -> WSGIApplication:
    def watch(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: Any, *rest: Any) -> Any:
            seen.append(int(status[:3]))
            return start_response(status, headers, *rest)

        return application(environ, start)

    return watch


def shrink(one: Case, still_fails: Callable[[Case], bool], *, steps: int = 300) -> Case:
    """A smaller case that fails, too: fewer headers, less of the body and of the target."""
    if not still_fails(one):
        return one
    for _ in range(steps):
        for smaller in _smaller(one):
            if still_fails(smaller):
                one = smaller
                break
        else:
            return one
    return one


def _smaller(one: Case) -> Iterable[Case]:
    for name in one.headers:
        yield replace(one, headers={key: one.headers[key] for key in one.headers if key != name})
    request = one.request
    for part in ("body", "target"):
        whole = getattr(request, part)
        size = len(whole) // 2
        while size:
            for start in range(0, len(whole), size):
                rest = whole[:start] + whole[start + size :]
                if part == "body" or rest.startswith("/"):
                    yield replace(one, request=_with(request, part, rest))
            size = size // 2 if len(whole) < 2000 or size > len(whole) // 16 else 0


def _with(request: Request, part: str, value: Any) -> Request:
    return replace(request, **{part: value})


def shown(one: Case) -> str:
    """A case as a person can read it and send it."""
    request = one.request
    body = request.body if len(request.body) < 2000 else request.body[:2000] + b"..."
    headers = f" {dict(one.headers)}" if one.headers else ""
    return f"{one.about}: {request.method} {request.target[:1000]}{headers} {body!r}"


def say(text: str) -> None:
    """Tell a person who waits."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
