"""Importing files: what becomes of records, and how an import goes on after an interruption."""

import gzip
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.features import transfers
from openprofiles.features.transfers import importing
from openprofiles.features.transfers.taking import at_once
from openprofiles.features.transfers.tally import OTHER_REASONS, REASONS, Tally
from openprofiles.storage import locks
from openprofiles.storage.database import DatabaseUnavailable
from tests.acceptance.service import wait_until
from tests.features.profiles.consistency import check_domain
from tests.features.transfers.conftest import TRUTH_SET


def rejected_in(database, domain: str) -> list[tuple[str, str]]:
    """(document, reason) of the domain's rejected objects."""
    with database.reading() as transaction:
        return [
            (document, reason)
            for document, reason in transaction.rows(
                "select document, reason from rejected_objects join domains using (domain_id)"
                " where name = %s order by rejection_id",
                [domain],
            )
        ]


def counts(state: transfers.State) -> dict[str, int]:
    """What became of the records, without reasons."""
    found = {**state.tally.as_json(), "rejected": state.tally.rejected_count}
    return {name: count for name, count in found.items() if count}


def test_records_create_profiles_attach_to_them_and_update_objects(
    shop, things, run_import, database
):
    first = run_import("Thing", things(9))
    again = run_import("Thing", things(12))

    assert first.is_finished
    assert counts(first) == {"read": 9, "created": 6, "attached": 3}
    assert counts(again) == {"read": 12, "created": 2, "attached": 1, "updated": 9}
    assert check_domain(database, shop.name) == {"profiles": 8, "objects": 12, "records": 0}


def test_rejected_records_are_kept_and_counted_by_reason(shop, run_import, database, tmp_path):
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(
        b'{"id": "1", "mail": "a@example.com"}\n'
        b"not json\n"
        b"[1, 2]\n"
        b'{"id": "2"}\n'
        b'{"id": "\xff"}\n'
        b'{"id": "3", "mail": "\\ud800"}\n'
        b'{"id": "nul \x00"}\n'
        b'{"id": "4", "mail": "d@example.com", "note": "' + b"x" * 300_000 + b'"}\n'
        b'{"id": "5", "mail": "e@example.com"}\n'
    )

    state = run_import("Thing", path)

    assert counts(state) == {"read": 9, "created": 2, "rejected": 7}
    reasons = {reason: found.examples for reason, found in state.tally.rejected.items()}
    assert reasons["Object is not valid JSON"] == [
        "mixed.jsonl:2",
        "mixed.jsonl:6",
        "mixed.jsonl:7",
    ]
    assert reasons["Object is not a JSON object"] == ["mixed.jsonl:3"]
    assert reasons["The UNIQUE key or PROFILE key does not exist in the profile object"] == [
        "mixed.jsonl:4"
    ]
    assert reasons["The record is not UTF-8"] == ["mixed.jsonl:5"]
    assert reasons["Your data contains profile object larger than 256000 bytes"] == [
        "mixed.jsonl:8"
    ]
    kept = rejected_in(database, shop.name)
    assert len(kept) == 7
    assert {reason for _, reason in kept} == set(reasons)


def test_a_missing_domain_or_type_is_said_before_anything_is_read(run_import, things):
    with pytest.raises(ResourceNotFound, match="Nothing"):
        run_import("Nothing", things(1))


@pytest.mark.parametrize(
    ("name", "profiles", "objects"),
    [("customers", 83, 120), ("reference", 20, 22), ("watchlist", 16, 17)],
)
def test_the_truth_sets_become_profiles_by_their_keys(
    shop, run_import, database, name, profiles, objects
):
    state = run_import("Customer", TRUTH_SET / f"{name}.csv")

    assert state.tally.rejected_count == 0
    assert counts(state)["read"] == objects
    found = check_domain(database, shop.name)
    assert (found["profiles"], found["objects"]) == (profiles, objects)


class Interrupted(Exception):
    """Stands for whatever ends an import."""


def failing_after(invoke, records: int, failure: Exception):
    """`invoke` that fails at the batch after so many records."""

    def failing(name, parameters, caller):
        if name == "ImportObjects" and parameters["Position"] >= records:
            raise failure
        return invoke(name, parameters, caller)

    return failing


class TestGoingOn:
    def test_an_interrupted_import_goes_on_where_it_was(
        self, shop, things, run_import, invoke, database
    ):
        path = things(3500)
        with pytest.raises(Interrupted):
            run_import("Thing", path, invoke=failing_after(invoke, 2000, Interrupted()))

        seen = []
        state = run_import("Thing", path, watch=lambda state: seen.append(state.tally.read))

        assert state.begun_at == 2000
        assert seen[0] == 2000
        assert counts(state) == {"read": 3500, "created": 2334, "attached": 1166}
        assert check_domain(database, shop.name)["objects"] == 3500

    def test_a_batch_whose_answer_was_lost_is_not_done_again(self, things, run_import, invoke):
        def losing(name, parameters, caller):
            answer = invoke(name, parameters, caller)
            if name == "ImportObjects":
                raise DatabaseUnavailable("The answer was lost")
            return answer

        path = things(2500)
        with pytest.raises(DatabaseUnavailable):
            run_import("Thing", path, invoke=losing)

        state = run_import("Thing", path)

        assert state.begun_at == 1000
        assert counts(state) == {"read": 2500, "created": 1667, "attached": 833}

    def test_a_stopped_import_says_so_and_goes_on(self, things, run_import):
        path, stop = things(3500), threading.Event()

        def watch(state: transfers.State) -> None:
            if state.tally.read == 1000:
                stop.set()

        stopped = run_import("Thing", path, watch=watch, stop=stop)
        finished = run_import("Thing", path)

        assert (stopped.is_finished, stopped.tally.read) == (False, 3000)
        assert (finished.is_finished, finished.begun_at) == (True, 3000)

    def test_a_finished_import_begins_anew(self, things, run_import):
        path = things(5)
        run_import("Thing", path)

        again = run_import("Thing", path)

        assert (again.begun_at, counts(again)) == (0, {"read": 5, "updated": 5})

    def test_restart_begins_anew(self, things, run_import, invoke):
        path = things(1500)
        with pytest.raises(Interrupted):
            run_import("Thing", path, invoke=failing_after(invoke, 1000, Interrupted()))

        anew = run_import("Thing", path, restart=True)
        after = run_import("Thing", path)

        assert anew.begun_at == after.begun_at == 0
        assert counts(anew) == {"read": 1500, "created": 333, "attached": 167, "updated": 1000}

    def test_another_file_or_type_or_a_changed_file_is_another_import(
        self, things, run_import, invoke
    ):
        path = things(1500)
        with pytest.raises(Interrupted):
            run_import("Thing", path, invoke=failing_after(invoke, 1000, Interrupted()))
        with pytest.raises(Interrupted):
            run_import("Customer", path, invoke=failing_after(invoke, 0, Interrupted()))
        other = things(3, "other.jsonl")

        assert run_import("Thing", other).begun_at == 0
        assert run_import("Thing", path, other).begun_at == 0
        assert run_import("Customer", path).begun_at == 0
        assert run_import("Thing", things(1501)).begun_at == 0

    def test_two_processes_cannot_go_on_with_one_import(self, things, run_import, invoke):
        path = things(2500)
        taken: list[transfers.State] = []

        def interfering(name, parameters, caller):
            if name == "ImportObjects" and not taken:
                taken.append(run_import("Thing", path))
            return invoke(name, parameters, caller)

        with pytest.raises(BadRequest, match="continued by another process"):
            run_import("Thing", path, invoke=interfering)

        assert counts(taken[0])["read"] == 2500

    def test_a_file_that_breaks_off_leaves_what_was_read(self, shop, things, run_import):
        path = things(3000)
        packed = path.with_suffix(".jsonl.gz")
        packed.write_bytes(gzip.compress(path.read_bytes())[:-2000])

        with pytest.raises(transfers.Unreadable, match="is broken"):
            run_import("Thing", packed)

        assert shop.stats()["ObjectCount"] >= 1000


def test_the_reader_does_not_run_far_ahead(tmp_path, run_import, invoke):
    big = "x" * 100_000
    path = tmp_path / "big.jsonl"
    with path.open("w") as file:
        for number in range(400):
            file.write(f'{{"id": "{number}", "mail": "{number}@example.com", "note": "{big}"}}\n')
    sizes = []

    def measuring(name, parameters, caller):
        if name == "ImportObjects":
            sizes.append(sum(len(record.document) for record in parameters["Records"]))
        return invoke(name, parameters, caller)

    state = run_import("Thing", path, invoke=measuring)

    assert counts(state) == {"read": 400, "created": 400}
    assert max(sizes) < importing.BATCH_CHARACTERS + 200_000


def test_imports_and_puts_at_once_keep_one_profile_for_a_key(
    shop, things, run_import, database, tmp_path
):
    numbers = range(3000)
    backwards = tmp_path / "backwards.jsonl"
    lines = things(3000).read_text().split("\n")
    backwards.write_text("\n".join(reversed(lines)).replace('"id": "', '"id": "b'))

    def put(start: int) -> None:
        for number in numbers[start::100]:
            content = json.loads(lines[number])
            shop.put("Thing", {**content, "id": f"p{content['id']}"})

    with ThreadPoolExecutor(6) as threads:
        work = [
            threads.submit(run_import, "Thing", tmp_path / "things.jsonl"),
            threads.submit(run_import, "Thing", backwards),
            *(threads.submit(put, start) for start in range(4)),
        ]
        for one in work:
            one.result()

    # Two of three numbers have a mail address of their own, which the third one shares.
    found = check_domain(database, shop.name)
    assert found == {"profiles": 2000, "objects": 6120, "records": 0}


@pytest.mark.parametrize(
    ("locks", "keys", "records"),
    [(51_200, 3, 1000), (6_400, 3, 142), (6_400, 10, 80), (10, 10, 1)],
)
def test_a_batch_is_as_large_as_the_locks_of_the_server_allow(locks, keys, records):
    assert at_once(locks, keys) == records


def test_a_failed_import_stops_reading(things, run_import, invoke):
    path = things(50_000)
    seen: list[int] = []

    with pytest.raises(Interrupted):
        run_import(
            "Thing",
            path,
            invoke=failing_after(invoke, 2000, Interrupted()),
            watch=lambda state: seen.append(state.bytes_done),
        )

    assert not [thread for thread in threading.enumerate() if thread.name == "import reader"]
    assert max(seen) < path.stat().st_size


def test_an_empty_file_is_imported_at_once(tmp_path, run_import):
    (tmp_path / "empty.jsonl").touch()

    state = run_import("Thing", tmp_path / "empty.jsonl")

    assert (state.is_finished, counts(state)) == (True, {})


class TestTally:
    def test_a_few_places_are_kept_for_each_reason(self):
        tally = Tally()
        for line in range(5):
            tally.reject("bad", f"a:{line}")

        assert tally.rejected["bad"].count == 5
        assert tally.rejected["bad"].examples == ["a:0", "a:1", "a:2"]

    def test_garbage_does_not_fill_memory_with_reasons(self):
        tally = Tally()
        for number in range(REASONS + 20):
            tally.reject(f"reason {number}", "a:1")

        assert len(tally.rejected) == REASONS + 1
        assert tally.rejected[OTHER_REASONS].count == 20
        assert tally.rejected_count == tally.read == REASONS + 20

    def test_it_survives_being_stored(self):
        tally = Tally(attached=1, created=2, updated=3)
        tally.reject("bad", "a:1")

        assert Tally.from_json(tally.as_json()) == tally


def test_an_import_starts_when_a_batch_that_its_killed_worker_left_has_ended(
    shop, things, run_import, database, settings
):
    path = things(3)
    with ThreadPoolExecutor(1) as threads:
        with database.transaction() as left_over:
            locks.share_domain(left_over, settings.account_id, shop.name)
            [(session,)] = left_over.rows("select pg_backend_pid()")
            starting = threads.submit(run_import, "Thing", path)
            wait_until(lambda: somebody_waits_for(database, session))

            assert not starting.done()

        assert starting.result(60).is_finished


def somebody_waits_for(database, session: int) -> bool:
    """Whether a session of the database waits for a lock that another holds."""
    with database.reading() as transaction:
        found = transaction.row(
            "select from pg_stat_activity where %s = any(pg_blocking_pids(pid))", [session]
        )
    return found is not None
