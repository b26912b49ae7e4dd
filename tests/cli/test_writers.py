"""Batches of a large import are written by processes of their own."""

import dataclasses
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openprofiles.app import Application
from openprofiles.cli import writers
from openprofiles.cli.errors import WriterGone
from openprofiles.cli.writers import Writers
from openprofiles.core.operation import Invoke
from openprofiles.features import transfers
from openprofiles.features.transfers.operations import ContinuedElsewhere
from openprofiles.storage.database import DatabaseUnavailable
from tests.features.profiles.consistency import check_domain

PATIENCE_SECONDS = 60


@dataclasses.dataclass
class Writing:
    """Writers beside an application that notes what is asked of itself."""

    invoke: Invoke
    asked_here: list[str]
    batch: Callable[..., Any]

    def until_written_elsewhere(self) -> None:
        """Have batches of nothing written until one is not written here."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            assert time.monotonic() < deadline
            before = len(self.asked_here)
            self.batch()
            if len(self.asked_here) == before:
                return


@pytest.fixture
def asked_here() -> list[str]:
    """The operations that were asked of the process that reads."""
    return []


@pytest.fixture
def noting(application: Application, asked_here: list[str], monkeypatch) -> Application:
    """The application, which notes what is asked of it; beside it there will be one writer."""
    monkeypatch.setattr(writers, "WRITERS", 1)

    def invoke(name: str, parameters: Any, caller: Any) -> Any:
        asked_here.append(name)
        return application.invoke(name, parameters, caller)

    return dataclasses.replace(application, invoke=invoke)


@pytest.fixture
def working(noting, asked_here, shop, caller) -> Iterator[Writing]:
    """Writers, and an import that has begun."""
    with Writers(noting) as invoke:
        yield Writing(invoke, asked_here, begun(invoke, shop, caller))


def begun(invoke: Invoke, shop, caller) -> Callable[..., Any]:
    """A function that does a batch of an import, of nothing unless told otherwise."""
    target = {"DomainName": shop.name, "ObjectTypeName": "Thing"}
    order = {**target, "Source": ["nowhere"], "Restart": False}
    import_id = invoke("StartImport", order, caller)["ImportId"]

    def batch(**members: Any) -> Any:
        given = {"Position": 0, "Records": [], "Turn": transfers.Turn(), **members}
        return invoke("ImportObjects", {**target, "ImportId": import_id, **given}, caller)

    return batch


def test_the_first_batches_are_written_here_and_later_ones_by_writers(
    working, shop, things, caller, database
):
    working.until_written_elsewhere()
    assert working.asked_here.count("ImportObjects") >= writers.FEW_BATCHES
    assert len(multiprocessing.active_children()) == 1
    working.asked_here.clear()
    order = transfers.Order(
        domain=shop.name,
        object_type="Thing",
        sources=transfers.find_sources([str(things(2000))]),
    )

    state = transfers.import_objects(working.invoke, caller, order)

    assert (state.is_finished, state.tally.read) == (True, 2000)
    assert working.asked_here.count("ImportObjects") < 2
    assert check_domain(database, shop.name) == {"profiles": 1600, "objects": 1800, "records": 0}


def test_no_writer_is_left_when_the_import_has_ended(noting, asked_here, shop, caller):
    with Writers(noting) as invoke:
        Writing(invoke, asked_here, begun(invoke, shop, caller)).until_written_elsewhere()

    assert multiprocessing.active_children() == []


def test_a_refusal_of_a_batch_is_raised_where_it_was_sent_from(working):
    working.until_written_elsewhere()

    with pytest.raises(ContinuedElsewhere, match="continued by another process"):
        working.batch(Position=7)


def test_a_fault_in_a_writer_says_where_it_happened(working):
    working.until_written_elsewhere()

    with pytest.raises(AttributeError) as failed:
        working.batch(Records=["no record"])

    assert "features/transfers/taking.py" in failed.value.__notes__[0]


def test_a_batch_behind_one_that_failed_is_not_written(working):
    working.until_written_elsewhere()
    failed = transfers.Turn()
    failed.end(is_done=False)

    with pytest.raises(DatabaseUnavailable, match="batch before failed"):
        working.batch(Turn=transfers.Turn(failed))


def test_a_writer_that_is_killed_ends_the_import(working):
    working.until_written_elsewhere()
    for process in multiprocessing.active_children():
        process.kill()

    with pytest.raises(WriterGone, match="start the same command again"):
        working.batch()


def test_writers_that_rest_are_given_up_and_batches_counted_anew(working, monkeypatch):
    working.until_written_elsewhere()
    (writer,) = multiprocessing.active_children()
    monkeypatch.setattr(writers, "REST_SECONDS", 0.0)
    working.asked_here.clear()

    working.batch()

    assert working.asked_here == ["ImportObjects"]
    writer.join(PATIENCE_SECONDS)
    assert writer.exitcode == 0


def test_a_writer_that_rests_for_long_ends_by_itself(application, monkeypatch):
    monkeypatch.setattr(writers, "REST_SECONDS", 0.0)
    ours, theirs = multiprocessing.Pipe()
    began: list[bool] = []
    usual = signal.getsignal(signal.SIGINT)

    writers.write_all(application.settings, theirs, lambda: began.append(True))

    signal.signal(signal.SIGINT, usual)
    assert (ours.recv(), began) == ("ready", [True])


def test_a_writer_that_cannot_start_is_not_waited_for(noting, shop, caller, asked_here, capfd):
    broken = dataclasses.replace(noting.settings, database_url="postgresql://127.0.0.1:1/nowhere")
    with Writers(dataclasses.replace(noting, settings=broken)) as invoke:
        batch = begun(invoke, shop, caller)
        for _ in range(writers.FEW_BATCHES + 1):
            batch()
        for process in multiprocessing.active_children():
            process.join(PATIENCE_SECONDS)
        asked_here.clear()

        batch()

    assert asked_here == ["ImportObjects"]
    assert "CannotStart" in capfd.readouterr().err


def test_nobody_writes_beside_the_only_processor(monkeypatch, noting, shop, caller, asked_here):
    monkeypatch.setattr(writers, "available", lambda: [0])
    with Writers(noting) as invoke:
        batch = begun(invoke, shop, caller)
        for _ in range(writers.FEW_BATCHES + 1):
            batch()

        assert multiprocessing.active_children() == []
    assert asked_here.count("ImportObjects") == writers.FEW_BATCHES + 1
