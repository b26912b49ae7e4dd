"""Processes that write batches of records, each one at a time (docs/adr/0043-writers.md).

An interpreter runs one thread at a time, and a large import kept it busy while a processor was
idle. The order of the batches stays with the process that reads: it holds their turns
(features/transfers/turn.py), and a writer asks it whenever a batch may have to wait.
"""

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import Any

from openprofiles.app import Application, open_application
from openprofiles.cli.errors import WriterGone
from openprofiles.cli.processors import available
from openprofiles.core.errors import ServiceError
from openprofiles.core.operation import Answer, Caller, Invoke, Parameters
from openprofiles.core.settings import Settings
from openprofiles.features import transfers
from openprofiles.storage.database import DatabaseUnavailable

WRITERS = 3
"""As many as batches of an import are under way."""

FEW_BATCHES = 4
"""So many are written before writers are started: those would come too late for a small import."""

REST_SECONDS = 10.0
"""After so long without a batch a writer is given up, and batches are counted anew."""

STOP_SECONDS = 10.0
"""How long a writer may take to close its connection."""


class Writers:
    """Has batches of records written elsewhere once they turn out to be many; all else, and what
    finds no writer ready, is done here.

    `begin` is what each writer does first. In use it gives the one way in. At its end writers end,
    but for those that have a batch at hand still: they end with this process.
    """

    def __init__(self, application: Application, begin: Callable[[], None] | None = None) -> None:
        self._application = application
        self._begin = begin
        self._lock = Lock()
        self._batches = 0
        self._asked_at = 0.0
        self._all: set[_Writer] = set()
        self._starting: set[_Writer] = set()
        self._free: list[_Writer] = []

    def __enter__(self) -> Invoke:
        return self._invoke

    def __exit__(self, *_: object) -> None:
        idle = [*self._free, *self._starting]
        for writer in idle:
            writer.end()
        for writer in idle:
            writer.wait()

    def _invoke(self, name: str, parameters: Parameters, caller: Caller) -> Answer:
        """The answer of an operation; raises WriterGone, and what the operation raises."""
        writer = self._take() if "Turn" in parameters else None
        if writer is None:
            return self._application.invoke(name, parameters, caller)
        try:
            return writer.write(name, parameters, caller)
        finally:
            self._give_back(writer)

    def _take(self) -> "_Writer | None":
        """A writer that is ready and has nothing to do, if there is one."""
        now = time.monotonic()
        with self._lock:
            if now - self._asked_at > REST_SECONDS:
                self._batches = 0
                self._give_up(self._starting)
            self._asked_at = now
            self._batches += 1
            # They may be about to end by themselves.
            self._give_up({one for one in self._free if now - one.rests_since > REST_SECONDS})
            if not self._all and self._batches > FEW_BATCHES and has_another_processor():
                settings = self._application.settings
                self._all = {_Writer(settings, self._begin) for _ in range(WRITERS)}
                self._starting = set(self._all)
            for writer in [writer for writer in self._starting if writer.is_ready()]:
                self._starting.remove(writer)
                self._free.append(writer)
            return self._free.pop() if self._free else None

    def _give_back(self, writer: "_Writer") -> None:
        with self._lock:
            if writer.is_gone:
                self._all.remove(writer)
            else:
                writer.rests_since = time.monotonic()
                self._free.append(writer)

    def _give_up(self, writers: set["_Writer"]) -> None:
        for writer in writers:
            writer.end()
        self._all -= writers
        self._free = [one for one in self._free if one in self._all]
        self._starting = self._starting & self._all


def has_another_processor() -> bool:
    """Whether writers could work beside this process at all."""
    return (len(available()) or os.cpu_count() or 1) > 1


class _Writer:
    """One of the processes, as the one that reads sees it."""

    def __init__(self, settings: Settings, begin: Callable[[], None] | None) -> None:
        # Not by fork: this process has threads, whose locks a copy would never get back.
        context = multiprocessing.get_context("spawn")
        self._link, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=write_all, args=(settings, theirs, begin), name="writer", daemon=True
        )
        self._process.start()
        # The other end is the process's alone, so that we notice when that ends.
        theirs.close()
        self.is_gone = False
        self.rests_since = time.monotonic()

    def is_ready(self) -> bool:
        """Whether it has opened the database; one that could not, and said why, never is."""
        if not self._link.poll():
            return False
        try:
            self._link.recv()
        except (EOFError, ConnectionError):
            return False
        self.rests_since = time.monotonic()
        return True

    def write(self, name: str, parameters: Parameters, caller: Caller) -> Answer:
        """Have it do an operation on a batch, telling it when its turn comes."""
        turn: transfers.Turn = parameters["Turn"]
        try:
            self._link.send((name, {**parameters, "Turn": None}, caller))
            while True:
                said, value = self._link.recv()
                if said == "answer":
                    answer: Answer = value
                    return answer
                if said == "error":
                    raise value
                self._take_step(turn, said)
        except (EOFError, ConnectionError) as error:
            self.is_gone = True
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


def write_all(settings: Settings, link: Connection, begin: Callable[[], None] | None) -> None:
    """What a writer does: batches, until the process that reads has none for long, or has ended.
    Then what is under way has come to nothing, unless its turn to be committed had come.
    """
    # Ctrl-C goes to all processes of a command; what it means, the one that reads decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if begin is not None:
        begin()
    with (
        suppress(EOFError, ConnectionError),
        closing(open_application(settings)) as application,
        transfers.tuned_for_batches(),
    ):
        link.send("ready")
        # Nothing is sent any more to one that has rested for two thirds of it.
        while link.poll(3 * REST_SECONDS):
            name, parameters, caller = link.recv()
            turn = _TurnElsewhere(link)
            link.send(_write(application.invoke, name, {**parameters, "Turn": turn}, caller))


def _write(invoke: Invoke, name: str, parameters: Parameters, caller: Caller) -> tuple[str, Any]:
    try:
        return "answer", invoke(name, parameters, caller)
    except Exception as error:  # noqa: BLE001 (raised again where the batch was sent from)
        if not isinstance(error, ServiceError | DatabaseUnavailable):
            error.add_note(traceback.format_exc())
        return "error", error
