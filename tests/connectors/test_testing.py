"""The suite for connectors: an honest connector passes all of it, and each lie fails its test."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import SkipTest

import pytest

from openprofiles.connectors import (
    Malformed,
    Page,
    Pull,
    SourceField,
    SourceObject,
    SourceRefused,
    SourceUnavailable,
)
from openprofiles.connectors.testing import ConnectorSuite, KnownSource

PASSWORD = "open sesame"


@dataclass
class Shelf:
    """A source in memory: a log of records, of which the last of each identifier counts."""

    log: list[dict[str, Any] | str] = field(default_factory=list)
    fault: Exception | None = None
    token: int = 1


class ShelfConnector:
    """Reads the log from a position, two records a page."""

    def __init__(self, shelf: Shelf, password: str = PASSWORD):
        self.shelf = shelf
        self.password = password
        self.token = shelf.token

    def check(self):
        if self.shelf.fault:
            raise self.shelf.fault
        if self.password != PASSWORD:
            raise SourceRefused("The shelf does not open to this password")
        self.token = self.shelf.token

    def objects(self):
        fields = (SourceField(name="id", kind="text"), SourceField(name="text", kind="text"))
        return [SourceObject(name="books", text="Books", fields=fields)]

    def read(self, pull: Pull) -> Iterator[Page]:
        self.check()
        if pull.object_name != "books":
            raise SourceRefused("The shelf has books only")
        position = pull.bookmark["position"] if pull.bookmark else 0
        while position < len(self.shelf.log):
            self.check()
            taken = self.shelf.log[position : position + 2]
            position += len(taken)
            yield Page([self.record(each) for each in taken], {"position": position})

    def record(self, each):
        return Malformed("books", "It is no record", each) if isinstance(each, str) else each

    def close(self):
        pass


class ShelfSource(KnownSource):
    """What the suite does to a shelf."""

    secrets = (PASSWORD,)

    def __init__(self, make: Callable[..., Any] = ShelfConnector):
        self.shelf = Shelf()
        self.make = make

    def connect(self):
        return self.make(self.shelf)

    def connect_wrongly(self):
        return self.make(self.shelf, "open barley")

    def pull(self):
        return Pull(object_name="books")

    def unknown_pull(self):
        return Pull(object_name="shoes")

    def wanted_fields(self):
        return ("id", "text")

    def put(self, identifier, text):
        self.shelf.log.append({"id": identifier, "text": text})

    def put_malformed(self, text):
        self.shelf.log.append(f"<{text}>")

    def identify(self, record):
        return record["id"], record["text"]

    def go_down(self):
        self.shelf.fault = SourceUnavailable("The shelf is away")

    def break_answers(self):
        self.shelf.fault = SourceUnavailable("The shelf is shaking")

    def limit_rate(self, seconds):
        self.shelf.fault = SourceUnavailable("The shelf is busy", retry_after=seconds)

    def withdraw(self):
        self.shelf.fault = SourceRefused("The shelf has a new lock")

    def expire(self):
        self.shelf.token += 1

    def come_back(self):
        self.shelf.fault = None


class TestShelf(ConnectorSuite):
    """The suite as an author uses it."""

    @pytest.fixture
    def source(self):
        return ShelfSource()


class TestForgetfulShelf(ConnectorSuite):
    """A source that may repeat, and does: it gives the last page again."""

    @pytest.fixture
    def source(self):
        class Forgetful(ShelfConnector):
            def read(self, pull):
                for page in super().read(pull):
                    yield Page(page.records, {"position": max(0, page.bookmark["position"] - 1)})

        source = ShelfSource(Forgetful)
        source.may_repeat = True
        return source


class TestStream(ConnectorSuite):
    """A source whose records do not change, and that can do the least."""

    @pytest.fixture
    def source(self):
        source = ShelfSource()
        source.sees_changes = False
        return source


@pytest.mark.parametrize(
    "name",
    [
        "connect_wrongly",
        "wanted_fields",
        "unknown_pull",
        "go_down",
        "withdraw",
        "expire",
        "break_answers",
        "come_back",
    ],
)
def test_what_a_source_cannot_do_is_skipped_with_a_reason(name):
    with pytest.raises(SkipTest, match=r"this source|the credentials"):
        getattr(KnownSource(), name)()


@pytest.mark.parametrize(("name", "value"), [("limit_rate", 1), ("put_malformed", "x")])
def test_what_needs_a_value_is_skipped_too(name, value):
    with pytest.raises(SkipTest):
        getattr(KnownSource(), name)(value)


@pytest.mark.parametrize("name", ["connect", "pull"])
def test_what_each_source_has_must_be_written(name):
    with pytest.raises(NotImplementedError):
        getattr(KnownSource(), name)()


def test_what_each_source_has_must_be_written_with_values_too():
    with pytest.raises(NotImplementedError):
        KnownSource().put("1", "one")
    with pytest.raises(NotImplementedError):
        KnownSource().identify({})


class LetsAnybodyIn(ShelfConnector):
    def __init__(self, shelf, _=""):
        super().__init__(shelf)


class TellsThePassword(ShelfConnector):
    def check(self):
        if self.password != PASSWORD:
            raise SourceRefused(f"It is {PASSWORD}")


class SaysNothing(ShelfConnector):
    def check(self):
        if self.password != PASSWORD:
            raise SourceRefused(" ")


class HasNoObjects(ShelfConnector):
    def objects(self):
        return []


class HasObjectsTwice(ShelfConnector):
    def objects(self):
        return [*super().objects(), *super().objects()]


class HasFieldsTwice(ShelfConnector):
    def objects(self):
        twice = (SourceField(name="id", kind="text"),) * 2
        return [SourceObject(name="books", text="Books", fields=twice)]


class TakesAnyObject(ShelfConnector):
    def read(self, pull):
        return super().read(Pull(object_name="books", bookmark=pull.bookmark))


class MakesRecordsUp(ShelfConnector):
    def read(self, pull):
        yield Page([{"id": "?", "text": "?"}], {"position": 0})
        yield from super().read(pull)


class HasOnePage(ShelfConnector):
    def read(self, pull):
        pages = list(super().read(pull))
        if pages:
            yield Page([each for page in pages for each in page.records], pages[-1].bookmark)


class RepeatsItself(ShelfConnector):
    def read(self, pull):
        for page in super().read(pull):
            yield Page([*page.records, page.records[0]], page.bookmark)


class GivesTuples(ShelfConnector):
    def record(self, each):
        return {**each, "more": (1, 2)}


class MarksWithTuples(ShelfConnector):
    def read(self, pull):
        for page in super().read(pull):
            yield Page(page.records, {**page.bookmark, "more": (1, 2)})


class MarksAtLength(ShelfConnector):
    def read(self, pull):
        for page in super().read(pull):
            yield Page(page.records, {**page.bookmark, "more": "x" * (1 << 20)})


class MarksWithThePassword(ShelfConnector):
    def read(self, pull):
        for page in super().read(pull):
            yield Page(page.records, {**page.bookmark, "password": self.password})


class MarksTooFar(ShelfConnector):
    def read(self, pull):
        for page in super().read(pull):
            yield Page(page.records, {"position": page.bookmark["position"] + 1})


class MarksTooNear(ShelfConnector):
    def read(self, pull):
        for page in super().read(pull):
            yield Page(page.records, {"position": page.bookmark["position"] - 1})


class MarksTheEnd(ShelfConnector):
    """It marks what was there when it began as read, and all that came meanwhile."""

    def read(self, pull):
        taken = list(super().read(pull))
        yield from taken[:-1]
        if taken:
            yield Page(taken[-1].records, {"position": len(self.shelf.log)})


class LeavesFieldsOut(ShelfConnector):
    def read(self, pull):
        for page in super().read(pull):
            given = page.records if pull.fields is None else page.records[1:]
            yield Page(given, page.bookmark)


class NeverLooksAgain(ShelfConnector):
    def read(self, pull):
        return iter(()) if pull.bookmark else super().read(pull)


class IsNeverDown(ShelfConnector):
    def check(self):
        pass


class ForgetsToWait(ShelfConnector):
    def check(self):
        if self.shelf.fault:
            raise SourceUnavailable("The shelf is busy", retry_after=1)


class KeepsItsToken(ShelfConnector):
    def check(self):
        if self.token != self.shelf.token:
            raise SourceRefused("The token is old")


class TakesRefusalsForTrouble(ShelfConnector):
    def check(self):
        if self.shelf.fault:
            raise SourceUnavailable("Some trouble")


class StopsAtTheFirstBad(ShelfConnector):
    def read(self, pull):
        for page in super().read(pull):
            good = [each for each in page.records if not isinstance(each, Malformed)]
            yield Page(good, page.bookmark)
            if len(good) < len(page.records):
                return


class SwallowsBadOnes(ShelfConnector):
    def read(self, pull):
        for page in super().read(pull):
            good = [each for each in page.records if not isinstance(each, Malformed)]
            yield Page(good, page.bookmark)


class LosesTheText(ShelfConnector):
    def record(self, each):
        return Malformed("books", "bad", "") if isinstance(each, str) else each


class QuotesBadOnes(ShelfConnector):
    def record(self, each):
        return Malformed("books", f"{each} is bad", each) if isinstance(each, str) else each


class ClosesOnce(ShelfConnector):
    is_closed = False

    def close(self):
        assert not self.is_closed, "closed already"
        self.is_closed = True


@pytest.mark.parametrize(
    ("connector", "test", "reason"),
    [
        (LetsAnybodyIn, "wrong_credentials_are_refused", "nothing was raised"),
        (TellsThePassword, "wrong_credentials_are_refused", "has a secret"),
        (SaysNothing, "wrong_credentials_are_refused", "has no text"),
        (HasNoObjects, "objects_are_told", "not the one pulled"),
        (HasObjectsTwice, "objects_are_told", "a name twice"),
        (HasFieldsTwice, "objects_are_told", "a field twice"),
        (TakesAnyObject, "an_unknown_object_is_refused", "nothing was raised"),
        (MakesRecordsUp, "an_empty_source_has_no_records", "gave records"),
        (MakesRecordsUp, "all_records_come_once", "too many"),
        (HasOnePage, "all_records_come_once", "fewer than 3 pages"),
        (RepeatsItself, "all_records_come_once", "came twice"),
        (GivesTuples, "all_records_come_once", "not JSON"),
        (MarksWithTuples, "bookmarks_are_json", "not JSON"),
        (MarksAtLength, "bookmarks_are_json", "bytes"),
        (MarksWithThePassword, "bookmarks_are_json", "has a secret"),
        (MarksTooFar, "reading_goes_on_after_any_page", "missing"),
        (MarksTooNear, "reading_goes_on_after_any_page", "came twice"),
        (LeavesFieldsOut, "only_wanted_fields_are_needed", "missing"),
        (MarksTooNear, "nothing_comes_again_when_nothing_changed", "nothing changed"),
        (NeverLooksAgain, "a_later_pull_brings_what_is_new_and_changed", "new or changed"),
        (MarksTooNear, "a_later_pull_brings_what_is_new_and_changed", "too many"),
        (MarksTheEnd, "changes_during_a_pull_are_not_lost", "was lost"),
        (IsNeverDown, "a_source_that_is_down_is_unavailable", "nothing was raised"),
        (IsNeverDown, "a_source_that_goes_down_half_way_is_read_on", "nothing was raised"),
        (ForgetsToWait, "a_rate_limit_says_how_long_to_wait", "retry_after is 1"),
        (KeepsItsToken, "an_expired_token_is_renewed", "The token is old"),
        (TakesRefusalsForTrouble, "withdrawn_credentials_are_refused", "Some trouble"),
        (IsNeverDown, "broken_answers_are_unavailable", "nothing was raised"),
        (StopsAtTheFirstBad, "a_malformed_record_does_not_stop_the_rest", "missing"),
        (SwallowsBadOnes, "a_malformed_record_does_not_stop_the_rest", "0 records"),
        (LosesTheText, "a_malformed_record_does_not_stop_the_rest", "text of a malformed"),
        (QuotesBadOnes, "a_malformed_record_does_not_stop_the_rest", "a value"),
        (ClosesOnce, "closing_twice_is_closing_once", "closed already"),
    ],
)
def test_each_lie_is_found_out(connector, test, reason):
    # Some end with what the connector itself raised.
    errors = (AssertionError, SourceRefused, SourceUnavailable)

    with pytest.raises(errors, match=re.escape(reason)):
        getattr(ConnectorSuite(), f"test_{test}")(ShelfSource(connector))


def test_each_promise_is_said():
    tests = [test for name, test in inspect.getmembers(ConnectorSuite) if name.startswith("test_")]

    assert len(tests) == 20
    assert all(inspect.getdoc(test) for test in tests)
