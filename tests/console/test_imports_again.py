"""Imports that failed are tried again while their files are here."""

from functools import partial

import pytest

from openprofiles.core.errors import BadRequest, ResourceNotFound, Throttling
from openprofiles.features.transfers.sent_files import MOST_FAILURES
from tests.console.conftest import Keys, signed_in
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
def importing(client, domain, invoke, caller, make_console, application, clock, tmp_path):
    """Somebody who imports into a shop."""
    shop = Shop(client, domain, invoke, caller)
    shop.define()
    return Importing(shop, make_console, application, clock, tmp_path)


@pytest.fixture
def failed(importing):
    """Where an import is shown that broke behind its first two records."""

    def break_at_two(name, parameters, caller):
        if name == "ImportObjects" and parameters["Position"] == 2:
            raise BadRequest("It broke")
        return two_at_once(importing.shop.invoke, name, parameters, caller)

    sent = importing.send()
    importing.work(break_at_two)
    return sent.location


def of(importing, operation):
    """Ask for an operation on the import."""
    return importing.shop.ask(operation, FileImportId=importing.known()["FileImportId"])


def test_an_import_that_failed_goes_on_and_does_nothing_twice(importing, failed):
    before, kept, page = importing.known(), importing.files(), importing.visitor.get(failed).text
    told = importing.visitor.post(f"{failed}/retry", on=failed)
    going = importing.known()
    begun: list[int] = []

    def watched(name, parameters, caller):
        if name == "ImportObjects":
            begun.append(parameters["Position"])
        return importing.shop.invoke(name, parameters, caller)

    importing.work(watched)

    assert (before["Status"], before["Read"], len(kept)) == ("FAILED", 2, 1)
    assert "It broke" in page
    assert "Try again" in page
    assert "goes on behind what it has done" in importing.visitor.get(told.location).text
    assert going["Status"] == "RUNNING"
    assert not {"EndedAt", "Message", "KeptUntil", "Failures"} & going.keys()
    done = importing.known()
    assert begun == [2]
    assert (done["Status"], done["Read"], done["Created"]) == ("COMPLETED", 4, 2)
    assert (done["Updated"], done["Rejected"][0]["Count"]) == (1, 1)
    assert done["BytesDone"] == done["Bytes"] == len(ROWS)
    assert len(importing.shop.rejected()) == 1
    assert importing.files() == []


def test_an_import_that_failed_before_it_began_is_mended_and_tried_again(importing):
    importing.send()
    gone = {"DomainName": importing.shop.name, "ObjectTypeName": "Customer"}
    importing.shop.client.delete_profile_object_type(**gone)
    importing.work()
    of(importing, "RetryFileImport")
    importing.work()
    still = importing.known()["Status"]

    importing.shop.define()
    of(importing, "RetryFileImport")
    importing.work()

    assert still == "FAILED"
    assert (importing.known()["Status"], importing.known()["Read"]) == ("COMPLETED", 4)


def test_an_import_that_is_tried_again_may_fail_as_often_as_before(importing, clock):
    importing.send()
    failing = partial(failing_with, importing.shop.invoke, Throttling("Rate exceeded"))
    for _ in range(MOST_FAILURES):
        importing.work(failing)
        clock.turn(minutes=6)

    of(importing, "RetryFileImport")
    importing.work(failing)

    held = importing.known()
    assert (held["Status"], held["Failures"]) == ("RUNNING", 1)


@pytest.mark.parametrize("ended", ["RUNNING", "COMPLETED", "STOPPED"])
def test_only_an_import_that_failed_is_tried_again(importing, ended):
    sent = importing.send()
    if ended == "STOPPED":
        of(importing, "StopFileImport")
    elif ended == "COMPLETED":
        importing.work()

    with pytest.raises(BadRequest, match="Only an import that failed"):
        of(importing, "RetryFileImport")

    assert importing.known()["Status"] == ended
    assert "Try again" not in importing.seen(sent)


def test_an_import_whose_file_is_gone_says_so_and_where_to_send_it(importing, failed):
    page = importing.visitor.get(failed).text
    importing.files()[0].unlink()

    refused = importing.visitor.post(f"{failed}/retry", on=failed)

    told = importing.visitor.get(refused.location).text
    assert "is no longer here: send it again." in told
    assert "its file is gone" in told
    assert f'href="{importing.here}?type=Customer"' in told
    assert "Try again" not in told
    assert "its file is gone" not in page


def test_the_file_of_an_import_that_failed_goes_after_a_day(importing, failed, clock):
    clock.turn(hours=23)
    importing.work()
    kept = len(importing.files())
    clock.turn(hours=2)
    page = importing.visitor.get(failed).text
    with pytest.raises(BadRequest, match="no longer here"):
        of(importing, "RetryFileImport")
    importing.work()

    assert kept == 1
    assert "its file is gone" in page
    assert importing.files() == []


def test_an_import_that_is_tried_again_too_late_is_over(importing, failed, clock):
    clock.turn(hours=23)
    importing.visitor.post(f"{failed}/retry", on=failed)
    clock.turn(hours=2)
    importing.work()

    assert importing.known()["Status"] == "FAILED"
    assert "within 24 hours" in importing.known()["Message"]
    assert importing.files() == []


def test_an_import_that_failed_is_given_up_and_its_file_goes(importing, failed):
    importing.visitor.post(f"{failed}/stop", on=failed)
    importing.work()

    assert importing.files() == []
    known = importing.known()
    assert (known["Status"], known["Message"], known["Read"]) == ("STOPPED", "It broke", 2)


@pytest.mark.usefixtures("failed")
def test_the_file_goes_with_its_domain(importing):
    gone = {"DomainName": importing.shop.name, "FileImportId": importing.known()["FileImportId"]}
    importing.shop.client.delete_domain(DomainName=importing.shop.name)
    with pytest.raises(ResourceNotFound):
        importing.shop.invoke("RetryFileImport", gone, importing.shop.caller)
    importing.work()

    assert importing.files() == []


@pytest.mark.usefixtures("failed")
def test_another_file_in_its_place_is_not_taken_for_it(importing):
    importing.files()[0].write_bytes(ROWS.replace(b"Bob", b"Rob"))
    of(importing, "RetryFileImport")
    importing.work()

    known = importing.known()
    assert (known["Status"], known["Read"]) == ("FAILED", 2)
    assert known["Message"] == "The file is not the one with which this import began"


def test_a_worker_that_another_took_for_dead_leaves_the_import_to_it(importing):
    importing.send()

    def be_overtaken(name):
        if name == "StartImport":
            other = partial(two_at_once, importing.shop.invoke, after=die_after_a_batch())
            with pytest.raises(KeyboardInterrupt):
                importing.work(other)

    importing.work(partial(two_at_once, importing.shop.invoke, after=be_overtaken))
    left = importing.known()
    importing.work()

    assert (left["Status"], left["Read"], "Message" in left) == ("RUNNING", 2, False)
    assert (importing.known()["Status"], importing.known()["Read"]) == ("COMPLETED", 4)


@pytest.mark.parametrize(("role", "may"), [("steward", True), ("agent", False)])
def test_who_keeps_data_may_try_again(importing, failed, make_console, role, may):
    keys = Keys(importing.shop.invoke, importing.shop.caller)
    visitor = Visitor(make_console(**importing.elsewhere))
    importing.visitor = signed_in(visitor, keys.make(role))

    page = importing.visitor.get(failed).text
    asked = importing.visitor.post(f"{failed}/retry", on=importing.here)

    assert ("Try again" in page, "Remove its file" in page) == (may, may)
    assert "It broke" in page
    assert asked.status_code == (303 if may else 403)
    assert importing.known()["Status"] == ("RUNNING" if may else "FAILED")
