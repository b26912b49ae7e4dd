"""Import: a file is sent, imported by the job worker, and watched."""

import io
import re
from dataclasses import replace
from functools import partial
from threading import Event

import pytest

from openprofiles.core.clock import system_clock
from openprofiles.core.errors import (
    BadRequest,
    InternalServer,
    ResourceNotFound,
    Throttling,
)
from openprofiles.features import transfers
from openprofiles.features.transfers.sent_files import MOST_FAILURES, wait_after
from openprofiles.jobs import Tick
from openprofiles.storage.database import DatabaseUnavailable
from openprofiles.storage.encryption import KeyUnavailable
from tests.console.conftest import signed_in
from tests.console.data_in import Shop
from tests.console.importing import (
    ROWS,
    Importing,
    die_after_a_batch,
    failing_with,
    two_at_once,
)
from tests.console.visiting import Visitor


@pytest.fixture
def shop(client, domain, invoke, caller):
    """A shop with object types."""
    found = Shop(client, domain, invoke, caller)
    found.define()
    return found


@pytest.fixture
def importing(shop, make_console, application, clock, tmp_path):
    """Somebody who imports into the shop."""
    return Importing(shop, make_console, application, clock, tmp_path)


def test_a_file_with_bad_rows_is_imported_and_gone_then(importing):
    sent = importing.send()
    waiting = importing.seen(sent)
    kept = len(importing.files())
    importing.work()
    done = importing.seen(sent)
    known = importing.known()

    assert 'hx-trigger="every 1s"' in waiting
    assert kept == 1
    assert importing.files() == []
    assert 'hx-trigger="every 1s"' not in done
    assert "people.csv" in done
    assert (known["Status"], known["Read"], known["Created"]) == ("COMPLETED", 4, 2)
    assert known["Rejected"][0]["Count"] == 1
    assert known["BytesDone"] == known["Bytes"] == len(ROWS)


def test_an_import_that_is_killed_goes_on_and_does_nothing_twice(importing, shop):
    importing.send()

    with pytest.raises(KeyboardInterrupt):
        importing.work(partial(two_at_once, shop.invoke, after=die_after_a_batch()))
    half = importing.known()
    importing.work()

    assert (half["Status"], half["Read"]) == ("RUNNING", 2)
    assert (importing.known()["Status"], importing.known()["Read"]) == ("COMPLETED", 4)


def test_an_import_killed_before_its_end_is_noted_is_not_begun_again(importing, shop):
    importing.send()

    def fail_at_end(name):
        if name == "FinishImport":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.work(partial(two_at_once, shop.invoke, after=fail_at_end))
    importing.work()

    assert (importing.known()["Status"], importing.known()["Read"]) == ("COMPLETED", 4)


PASSING = {
    DatabaseUnavailable("gone"): "The database could not be reached",
    Throttling("Rate exceeded"): "Rate exceeded",
    InternalServer("Try again"): "Try again",
    OSError(5, "Input/output error"): "The file could not be read: Input/output error",
    KeyUnavailable("The key is away"): "The key is away",
}


@pytest.mark.parametrize(("error", "said"), PASSING.items(), ids=lambda one: type(one).__name__)
def test_an_import_waits_for_what_may_pass_and_says_so(importing, shop, clock, error, said):
    sent = importing.send()
    importing.work(partial(failing_with, shop.invoke, error))
    waiting, held = importing.seen(sent), importing.known()
    importing.work()
    early = importing.known()
    clock.turn(seconds=16)
    importing.work()

    assert f"It waits: {said}." in waiting
    assert "it failed 1 time since" in waiting
    assert ">waits to go on</span>" in waiting
    assert (held["Status"], held["Failures"]) == ("RUNNING", 1)
    assert early["Status"] == "RUNNING"
    done = importing.known()
    assert (done["Status"], done["Read"]) == ("COMPLETED", 4)
    assert not {"Failures", "RetryAt", "Message"} & done.keys()


def test_an_import_that_fails_too_often_is_over(importing, shop, clock):
    sent = importing.send()
    for _ in range(MOST_FAILURES):
        importing.work(partial(failing_with, shop.invoke, Throttling("Rate exceeded")))
        clock.turn(minutes=6)

    assert importing.known()["Status"] == "FAILED"
    assert f"Tried {MOST_FAILURES} times: Rate exceeded" in importing.seen(sent)
    assert len(importing.files()) == 1


def test_an_import_waits_for_a_key_as_long_as_its_file_is_kept(importing, shop, clock):
    importing.send()
    for _ in range(MOST_FAILURES + 1):
        importing.work(partial(failing_with, shop.invoke, KeyUnavailable("away")))
        clock.turn(minutes=6)

    assert (importing.known()["Status"], len(importing.files())) == ("RUNNING", 1)


def test_an_import_that_goes_on_has_not_failed(importing, shop, clock):
    importing.send()
    importing.work(partial(failing_with, shop.invoke, Throttling("Rate exceeded")))
    clock.turn(seconds=16)
    called: list[str] = []
    importing.work(
        partial(two_at_once, shop.invoke, after=called.append),
        is_stopping=lambda: "ImportObjects" in called,
    )

    assert importing.known()["Status"] == "RUNNING"
    assert not {"Failures", "RetryAt", "Message"} & importing.known().keys()


def test_a_wait_grows_up_to_five_minutes():
    waits = [wait_after(failures).total_seconds() for failures in (0, 1, 4, 5, 10_000)]

    assert waits == [15, 30, 240, 300, 300]


def test_a_file_may_be_larger_than_other_forms(importing):
    importing.visitor.console.config["MAX_CONTENT_LENGTH"] = len(ROWS)

    assert importing.send().status_code == 303


def test_an_import_is_stopped_and_its_file_goes(importing):
    sent = importing.send()
    stopped = importing.visitor.post(f"{sent.location}/stop", on=sent.location)
    one = {"DomainName": importing.shop.name, "FileImportId": importing.known()["FileImportId"]}
    again = importing.shop.invoke("RunFileImport", one, importing.shop.caller)
    importing.work()

    assert again["Status"] == "STOPPED"
    assert "What it has done stays" in importing.visitor.get(stopped.location).text
    assert ">stopped</span>" in importing.seen(sent)
    assert importing.files() == []


def test_an_import_is_stopped_while_it_runs(importing, shop):
    sent = importing.send()
    batches: list[str] = []

    def stop_after_one(name):
        if name == "ImportObjects" and not batches:
            batches.append(name)
            target = {"DomainName": shop.name, "FileImportId": sent.location.rpartition("/")[2]}
            shop.invoke("StopFileImport", target, shop.caller)

    importing.work(partial(two_at_once, shop.invoke, after=stop_after_one))

    assert importing.known()["Status"] == "STOPPED"
    assert importing.known()["Read"] < 4
    assert importing.files() == []


def test_a_worker_that_stops_leaves_the_rest_to_the_next(importing):
    importing.send()
    importing.work(is_stopping=lambda: True)
    stopping = iter([False, True, True, True])
    importing.work(is_stopping=lambda: next(stopping))
    left = importing.known()["Status"]
    importing.work()

    assert left == "RUNNING"
    assert importing.known()["Status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("content", "name", "problem"),
    [
        (b"x" * 3000, "people.csv", "The file is too large"),
        (b"x" * 300_000, "people.csv", "The file is too large"),
        (ROWS, "people.doc", "FileName must end in"),
        (ROWS, "people.parquet.gz", "Parquet compresses by itself"),
    ],
)
def test_a_file_that_cannot_be_taken_is_not_kept(importing, content, name, problem):
    refused = importing.send(content, name)

    assert refused.status_code == 422
    assert problem in refused.text
    assert importing.files() == []


def test_a_broken_file_says_so_by_its_name(importing):
    sent = importing.send(b"nonsense", "people.parquet")
    importing.work()

    assert importing.known()["Status"] == "FAILED"
    assert "people.parquet" in importing.known()["Message"]
    assert importing.known()["FileImportId"] not in importing.known()["Message"]
    assert ">failed</span>" in importing.seen(sent)


def test_an_import_of_a_type_that_went_says_so(importing, shop):
    importing.send()
    shop.client.delete_profile_object_type(DomainName=shop.name, ObjectTypeName="Customer")
    importing.work()

    assert importing.known()["Status"] == "FAILED"


def test_after_a_day_the_file_goes_whatever_became_of_it(importing, clock):
    importing.send()
    clock.turn(hours=25)
    importing.work()

    assert importing.known()["Status"] == "FAILED"
    assert importing.files() == []


def test_a_form_without_proof_is_refused_before_its_file_is_taken(importing):
    form = {"csrf_token": "x", "type": "Customer", "file": (io.BytesIO(ROWS), "people.csv")}
    refused = importing.visitor.send(importing.here, form)

    assert refused.status_code == 403
    assert importing.files() == []


def test_who_may_not_import_is_refused_before_the_file_is_taken(importing, console, keys):
    importing.visitor = signed_in(Visitor(console), keys.make("read-only"))
    refused = importing.visitor.request(
        "POST",
        importing.here,
        form={
            "csrf_token": importing.visitor.proof(importing.here),
            "type": "Customer",
            "file": (io.BytesIO(ROWS), "people.csv"),
        },
        headers={"Origin": importing.visitor.origin},
    )

    assert refused.status_code == 403
    assert "You may not import files" in importing.visitor.get(importing.here).text
    assert importing.all_known() == []


def part(name, value):
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


def send_raw(importing, *parts, boundary="b"):
    proof = part("csrf_token", importing.visitor.proof(importing.here))
    return importing.visitor.client.post(
        importing.here,
        data="".join([proof, part("type", "Customer"), *parts]).encode(),
        base_url=importing.visitor.origin,
        headers={"Origin": importing.visitor.origin},
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def test_a_form_that_is_cut_off_leaves_a_stopped_import(importing):
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\n'
    answer = send_raw(importing, head, "id\n1\n")

    assert answer.status_code == 400
    assert importing.known()["Status"] == "STOPPED"
    assert importing.files() == []


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ((part("more", "x" * 11_000), "--b--\r\n"), 422),
        ((part("more", "x"), "--b--\r\n"), 400),
        (("--b\r\nContent-Disposition",), 400),
    ],
)
def test_a_form_that_is_none_of_ours_is_refused(importing, parts, status):
    assert send_raw(importing, *parts).status_code == status
    assert importing.all_known() == []


def test_an_import_is_stopped_while_its_file_comes(importing, monkeypatch):
    def stopped(*_):
        raise FileNotFoundError

    monkeypatch.setattr("openprofiles.console.receiving.Receiving.keep", stopped)
    assert importing.send().status_code == 303


def test_imports_are_listed_page_by_page(importing, monkeypatch):
    monkeypatch.setattr("openprofiles.console.pages.imports.PAGE", 1)
    for name in ("first.csv", "second.csv"):
        importing.send(name=name)
    first = importing.visitor.get(importing.here).text
    [after] = re.findall(r"after=([^\"&]+)", first)
    second = importing.visitor.get(f"{importing.here}?after={after}").text

    assert "second.csv" in first
    assert "first.csv" not in first
    assert "first.csv" in second


def test_an_import_whose_file_is_not_here_waits(importing, shop):
    target = {"DomainName": shop.name, "ObjectTypeName": "Customer", "FileName": "a.jsonl"}
    begun = shop.invoke("StartFileImport", target, shop.caller)
    one = {"DomainName": shop.name, "FileImportId": begun["FileImportId"]}
    with pytest.raises(BadRequest, match="not here"):
        shop.invoke("RunFileImport", one, shop.caller)
    importing.work()

    assert importing.known()["Status"] == "WAITING"
    assert shop.invoke("GetFileImport", one, shop.caller)["FileName"] == "a.jsonl"


def test_an_import_that_is_not_there_is_not_found(shop):
    one = {"DomainName": shop.name, "FileImportId": "0" * 32}
    with pytest.raises(ResourceNotFound, match="not found in domain"):
        shop.invoke("GetFileImport", one, shop.caller)


@pytest.mark.parametrize("error", [ResourceNotFound("gone"), KeyUnavailable("locked")])
def test_imports_of_a_domain_that_cannot_be_written_are_left(importing, shop, error):
    importing.send()

    def failing(name, parameters, caller):
        if name in ("StartImport", "EndFileImport", "HoldFileImport"):
            raise error
        return shop.invoke(name, parameters, caller)

    importing.work(failing)

    assert importing.known()["Status"] == "RUNNING"
    assert len(importing.files()) == 1


def test_the_job_worker_imports(importing, shop, application):
    importing.send()
    settings = replace(application.settings, data_dir=importing.folder.parent)
    [schedule] = transfers.schedules(shop.invoke, settings)
    tick = Tick(at=system_clock(), step=lambda *_: None, stopping=Event())
    schedule.function(tick)
    schedule.function(tick)

    assert importing.known()["Status"] == "COMPLETED"


def test_a_form_without_a_file_is_refused(importing):
    refused = importing.visitor.post(importing.here, on=importing.here, type="Customer")
    nameless = importing.send(name="")

    assert refused.status_code == 400
    assert nameless.status_code in (400, 422)


@pytest.mark.usefixtures("shop")
def test_a_domain_without_imports_says_what_to_do(anybody, domain):
    here = f"/console/domains/{domain}/imports"

    assert "No file was imported yet" in anybody.get(here).text
