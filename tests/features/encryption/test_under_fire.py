"""Whoever seals a domain anew is killed amid it, and others write and read all the while."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.features.encryption.conftest import LOCAL_KEY
from tests.features.encryption.test_nothing_in_the_clear import VALUES, define, live
from tests.features.profiles.conftest import World
from tests.features.profiles.consistency import check_domain

pytestmark = pytest.mark.usefixtures("untraced_processes")

WORKER = Path(__file__).with_name("worker.py")


@pytest.fixture
def killed_amid(database, settings) -> Callable[[int], None]:
    """A function that has a process do so many batches, and then kills it."""

    def kill(batches: int) -> None:
        command = [sys.executable, str(WORKER), database.conninfo, settings.encryption_keys]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None
            for _ in range(batches):
                assert worker.stdout.readline() == "done\n"
            worker.kill()

    return kill


def all_that_callers_see(world: World, own: Any, main: str) -> list[Any]:
    merges = own.get("/merges")["Items"]
    history = world.client.list_profile_history_records(DomainName=world.name, ProfileId=main)
    return [
        world.get(main),
        world.search("_email", VALUES["mail"]),
        world.search("_account", VALUES["card"]),
        world.objects("Customer", main),
        world.objects("Thing", main),
        [own.get(f"/merges/{merge['MergeId']}") for merge in merges],
        history["ProfileHistoryRecords"],
        own.get("/rejected-objects")["Items"],
        world.stats(),
    ]


def test_whoever_is_killed_while_sealing_anew_leaves_all_as_it_was(
    world, client, own, killed_amid, work_off, database, monkeypatch
):
    monkeypatch.setattr("openprofiles.features.encryption.following.ROUNDS", 0)
    main = live(world)
    before = all_that_callers_see(world, own, main)
    named = {"DomainName": world.name}
    steps = {
        "ENCRYPTING": lambda: client.update_domain(**named, DefaultEncryptionKey=LOCAL_KEY),
        "RESEALING": lambda: own.post("/encryption/rotate"),
        "DECRYPTING": lambda: client.update_domain(**named, DefaultEncryptionKey=""),
    }

    for batches, (status, change) in enumerate(steps.items(), start=2):
        change()
        killed_amid(batches)
        assert own.get("/encryption")["Status"] == status
        assert all_that_callers_see(world, own, main) == before
        work_off()
        assert all_that_callers_see(world, own, main) == before

    assert own.get("/encryption")["Status"] == "NOT_ENCRYPTED"
    assert check_domain(database, world.name)["profiles"] == world.stats()["ProfileCount"]


class Writer:
    """Puts, updates, deletes and looks for what it has written; knows what must be there."""

    def __init__(self, world: World, name: str, is_over: threading.Event) -> None:
        self._world = world
        self._name = name
        self._is_over = is_over
        self.there: dict[str, str | None] = {}
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        lot, number = Random(self._name), 0
        while not self._is_over.is_set():
            number += 1
            mail = f"{self._name}.{lot.randrange(1 + number // 2)}@example.com"
            if not self.there.get(mail):
                self._world.put("Customer", {"id": mail, "mail": mail, "first": str(number)})
                self.there[mail] = str(number)
            elif lot.random() < 0.3:
                self._world.client.delete_profile(
                    DomainName=self._world.name, ProfileId=self._find(mail)["ProfileId"]
                )
                self.there[mail] = None
            else:
                self._world.update(self._find(mail)["ProfileId"], FirstName=str(number))
                self.there[mail] = str(number)

    def _find(self, mail: str) -> dict[str, Any]:
        found = self._world.only("_email", mail)
        assert found["FirstName"] == self.there[mail]
        return found


def test_keys_change_while_others_write_and_each_write_is_found(
    world, client, own, work_off, database
):
    define(world)
    is_over = threading.Event()
    writers = [Writer(world, f"writer{number}", is_over) for number in range(4)]
    for each in writers:
        each.thread.start()

    for key in (LOCAL_KEY, None, None, ""):
        if key is None:
            own.post("/encryption/rotate")
        else:
            client.update_domain(DomainName=world.name, DefaultEncryptionKey=key)
        work_off()
    is_over.set()
    for each in writers:
        each.thread.join()

    for writer in writers:
        assert writer.there
        for mail, name in writer.there.items():
            found = world.search("_email", mail)
            assert [one["FirstName"] for one in found] == ([name] if name else [])
    assert check_domain(database, world.name)["profiles"] == world.stats()["ProfileCount"]
