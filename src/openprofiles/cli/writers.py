"""Processes that write the batches of an import, each one at a time (docs/adr/0043-writers.md).

An interpreter runs one thread at a time, and a large import kept it busy while a processor was
idle. The order of the batches stays with the process that reads the files: it holds their turns
(features/transfers/turn.py), and a writer asks it whenever a batch may have to wait.
"""

import multiprocessing
import os
import signal
import traceback
from collections import deque
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import Any, Self

from openprofiles.app import Application
from openprofiles.cli.opening import Refused, opened
from openprofiles.cli.processors import available
from openprofiles.core.errors import ServiceError
from openprofiles.core.operation import Answer, Caller, Invoke, Parameters
from openprofiles.core.settings import Settings
from openprofiles.features import transfers
from openprofiles.storage.database import DatabaseUnavailable

WRITERS = 3
"""As many as batches are under way."""

WRITTEN = "ImportObjects"
"""The operation that writers do."""

FEW_BATCHES = 4
"""So many are written before writers are started: those would come too late for a small import."""

STOP_SECONDS = 10.0
"""How long a writer may take to close its connection."""


class WriterGone(Refused):
    """A writer ended before its batch did: killed by somebody, or for want of memory."""

    def __init__(self) -> None:
        super().__init__(
            "A process of the import has ended, usually because memory ran out. What was done is "
            "kept: start the same command again to go on"
        )


class Writers:
    """Does the batches of an import elsewhere once it turns out to be large, all else here."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lock = Lock()
        self._batches = 0
        self._all: list[_Writer] = []
        self._starting: list[_Writer] = []
        self._free: deque[_Writer] = deque()

    def invoke(self, name: str, parameters: Parameters, caller: Caller) -> Answer:
        """The answer of an operation; raises WriterGone, and what the operation raises."""
        writer = self._take() if name == WRITTEN else None
        if writer is None:
            return self._application.invoke(name, parameters, caller)
        answer = writer.write(parameters, caller)
        self._free.append(writer)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the writers, which have no batch at hand."""
        for writer in self._all:
            writer.end()
        for writer in self._all:
            writer.wait()

    def _take(self) -> "_Writer | None":
        """A writer that is ready and has nothing to do, if there is one."""
        with self._lock:
            self._batches += 1
            if self._batches == FEW_BATCHES + 1 and has_another_processor():
                self._all = [_Writer(self._application.settings) for _ in range(WRITERS)]
                self._starting = list(self._all)
            for writer in [writer for writer in self._starting if writer.is_ready()]:
                self._starting.remove(writer)
                self._free.append(writer)
            return self._free.popleft() if self._free else None


def has_another_processor() -> bool:
    """Whether writers could work beside this process at all."""
    return (len(available()) or os.cpu_count() or 1) > 1


class _Writer:
    """One of the processes, as the one that reads sees it."""

    def __init__(self, settings: Settings) -> None:
        # Not by fork: this process has threads, whose locks a copy would never get back.
        context = multiprocessing.get_context("spawn")
        self._link, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=write_all, args=(settings, theirs), name="import writer", daemon=True
        )
        self._process.start()
        # The other end is the process's alone, so that we notice when that ends.
        theirs.close()

    def is_ready(self) -> bool:
        """Whether it has opened the database; one that could not, and said why, never is."""
        if not self._link.poll():
            return False
        try:
            self._link.recv()
        except (EOFError, ConnectionError):
            return False
        return True

    def write(self, parameters: Parameters, caller: Caller) -> Answer:
        """Have it do a batch, telling it when its turn comes."""
        turn: transfers.Turn = parameters["Turn"]
        try:
            self._link.send(({**parameters, "Turn": None}, caller))
            while True:
                said, value = self._link.recv()
                if said == "answer":
                    answer: Answer = value
                    return answer
                if said == "error":
                    raise value
                self._take_step(turn, said)
        except (EOFError, ConnectionError) as error:
            raise WriterGone from error

    def end(self) -> None:
        """Tell it that nothing more comes."""
        self._link.close()

    def wait(self) -> None:
        """Wait until it has ended."""
        self._process.join(STOP_SECONDS)

    def _take_step(self, turn: transfers.Turn, step: str) -> None:
        refusal: DatabaseUnavailable | None = None
        try:
            if step == "begin":
                turn.begin()
            elif step == "pass_on":
                turn.pass_on()
            else:
                turn.wait_for_commit()
        except DatabaseUnavailable as error:
            refusal = error
        self._link.send(refusal)


class _TurnElsewhere:
    """The turn of a batch, as its writer sees it."""

    def __init__(self, link: Connection) -> None:
        self._link = link
        self._has_passed_on = False

    def begin(self) -> None:
        self._ask("begin")

    def pass_on(self) -> None:
        if not self._has_passed_on:
            self._ask("pass_on")
            self._has_passed_on = True

    def wait_for_commit(self) -> None:
        self._ask("wait_for_commit")

    def _ask(self, step: str) -> None:
        self._link.send((step, None))
        refusal = self._link.recv()
        if refusal is not None:
            raise refusal


def write_all(settings: Settings, link: Connection) -> None:
    """What a writer does: batches, until the process that reads has no more, or has ended. Then
    what is under way has come to nothing, unless its turn to be committed had come.
    """
    # Ctrl-C goes to all processes of a command; what it means, the one that reads decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with (
        suppress(EOFError, ConnectionError),
        opened(settings) as application,
        transfers.tuned_for_batches(),
    ):
        link.send("ready")
        while True:
            parameters, caller = link.recv()
            link.send(_write(application.invoke, parameters, caller, _TurnElsewhere(link)))


def _write(
    invoke: Invoke, parameters: Parameters, caller: Caller, turn: _TurnElsewhere
) -> tuple[str, Any]:
    try:
        return "answer", invoke(WRITTEN, {**parameters, "Turn": turn}, caller)
    except Exception as error:  # noqa: BLE001 (raised again where the batch was sent from)
        if not isinstance(error, ServiceError | DatabaseUnavailable):
            error.add_note(traceback.format_exc())
        return "error", error
