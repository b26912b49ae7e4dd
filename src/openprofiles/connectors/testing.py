"""The suite that every connector passes; authors of connectors run it against theirs, with pytest:

    class TestMine(ConnectorSuite):
        @pytest.fixture
        def source(self): return MySource(...)

It needs a KnownSource: the connector's source, or a faithful fake of it, whose content the suite
decides. What a source cannot do is skipped, with its reason.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from unittest import SkipTest

from openprofiles.connectors.connector import (
    Bookmark,
    Connector,
    Malformed,
    Page,
    Pull,
    SourceError,
    SourceRecord,
    SourceRefused,
    SourceUnavailable,
)

LONG_WAIT = 600
"""The seconds that a source asks to wait in the suite: more than a connector should wait itself."""
MAX_BOOKMARK_BYTES = 1 << 20
SECRET_TEXT = "Rumpelstilzchen"  # noqa: S105 - a value that must not show up in texts of errors


class CannotBeDone(SkipTest):
    """Something that this source does not know, with the reason; pytest skips the test."""


class KnownSource:
    """One object of a source that the suite fills. The first part every source has; of the second,
    leave out what it cannot do.
    """

    secrets: Sequence[str] = ()
    """What must not appear in any text or bookmark: passwords, tokens."""
    many = 7
    """So many records that a pull of them has three pages or more."""
    may_repeat = False
    """Whether records may come again though nothing changed: at least once, and documented so."""
    sees_changes = True
    """Whether a changed record comes again, with its new content; False for a stream, in which a
    change is another record."""

    def connect(self) -> Connector:
        """A new connector with credentials that are let in."""
        raise NotImplementedError

    def pull(self) -> Pull:
        """The first pull of the object; the suite adds bookmarks."""
        raise NotImplementedError

    def put(self, identifier: str, text: str) -> None:
        """Add the record `identifier` with `text` in some field, or change it; what is put later is
        later for the source."""
        raise NotImplementedError

    def identify(self, record: SourceRecord) -> tuple[str, str]:
        """The identifier and the text of a record as it was read."""
        raise NotImplementedError

    def connect_wrongly(self) -> Connector:
        """A connector with credentials that the source does not know."""
        raise CannotBeDone("this source knows no credentials")

    def wanted_fields(self) -> tuple[str, ...]:
        """The names of fields that carry the identifier and the text, among more."""
        raise CannotBeDone("this source has no fields to choose from")

    def unknown_pull(self) -> Pull:
        """A pull of an object that does not exist."""
        raise CannotBeDone("this source has no objects to choose from")

    def go_down(self) -> None:
        """Answer nothing, or 5xx, until `come_back`."""
        raise CannotBeDone("this source cannot go down")

    def limit_rate(self, seconds: int) -> None:  # noqa: ARG002 - for those who override it
        """Refuse all requests until `come_back`, and ask to wait so long."""
        raise CannotBeDone("this source has no rate limit")

    def withdraw(self) -> None:
        """Refuse the credentials, and new ones for the same grant, until `come_back`."""
        raise CannotBeDone("this source knows no credentials")

    def expire(self) -> None:
        """Refuse the access token that was given out; a new one is let in."""
        raise CannotBeDone("the credentials of this source do not expire")

    def break_answers(self) -> None:
        """Answer with what is cut off or no JSON, until `come_back`."""
        raise CannotBeDone("this source has no answers to break")

    def come_back(self) -> None:
        """Work as before."""
        raise CannotBeDone("this source was never away")

    def put_malformed(self, text: str) -> None:  # noqa: ARG002 - for those who override it
        """Add a record that cannot be read as one, with `text` in it."""
        raise CannotBeDone("all records of this source are well-formed")


class ConnectorSuite:
    """What the contract of connectors promises, one test for each promise; subclass it with a
    fixture `source` that gives a new KnownSource."""

    def test_a_connection_is_checked(self, source: KnownSource) -> None:
        """`check` passes, once and again."""
        connector = source.connect()
        connector.check()
        connector.check()
        connector.close()

    def test_wrong_credentials_are_refused(self, source: KnownSource) -> None:
        """As SourceRefused, by `check` and by `read`."""
        connector = source.connect_wrongly()
        _fails(source, SourceRefused, connector.check)
        _fails(source, SourceRefused, lambda: list(connector.read(source.pull())))
        connector.close()

    def test_objects_are_told(self, source: KnownSource) -> None:
        """Among them the one that is pulled; names are told once."""
        source.put("1", "one")
        connector = source.connect()
        objects = connector.objects()
        connector.close()
        names = [each.name for each in objects]
        _require(source.pull().object_name in names, f"objects() has {names}, not the one pulled")
        _require(len(set(names)) == len(names), "objects() has a name twice")
        for each in objects:
            fields = [field.name for field in each.fields]
            _require(len(set(fields)) == len(fields), f"{each.name} has a field twice")

    def test_an_unknown_object_is_refused(self, source: KnownSource) -> None:
        """As SourceRefused, not as an empty pull."""
        pull = source.unknown_pull()
        connector = source.connect()
        _fails(source, SourceRefused, lambda: list(connector.read(pull)))
        connector.close()

    def test_an_empty_source_has_no_records(self, source: KnownSource) -> None:
        """And what is put after that pull comes with the next."""
        _require(_read(source, source.pull()).records == [], "an empty source gave records")
        bookmark = _read(source, source.pull()).bookmark
        source.put("1", "one")
        _same(_read(source, source.pull(), bookmark).contents(source), {("1", "one")})

    def test_all_records_come_once(self, source: KnownSource) -> None:
        """In three pages or more, and as JSON."""
        expected = _fill(source)
        read = _read(source, source.pull())
        _require(len(read.pages) >= 3, "the pull has fewer than 3 pages: make `many` larger")
        _same(read.contents(source), expected)
        _once(source, read)
        for record in read.records:
            _require(json.loads(json.dumps(record)) == record, "a record is not JSON")

    def test_bookmarks_are_json(self, source: KnownSource) -> None:
        """Small, and without secrets."""
        _fill(source)
        for page in _read(source, source.pull()).pages:
            text = json.dumps(page.bookmark)
            _require(json.loads(text) == page.bookmark, "a bookmark is not JSON")
            _require(len(text) <= MAX_BOOKMARK_BYTES, f"a bookmark has {len(text)} bytes")
            _silent(source, text)

    def test_reading_goes_on_after_any_page(self, source: KnownSource) -> None:
        """With a new connector and the page's bookmark; nothing is lost or repeated."""
        expected = _fill(source)
        for count in range(1, len(_read(source, source.pull()).pages)):
            first = _read(source, source.pull(), pages=count)
            rest = _read(source, source.pull(), first.bookmark)
            _same(first.contents(source) | rest.contents(source), expected)
            _once(source, first, rest)

    def test_only_wanted_fields_are_needed(self, source: KnownSource) -> None:
        """A pull that names fields has these."""
        fields = source.wanted_fields()
        expected = _fill(source)
        read = _read(source, replace(source.pull(), fields=fields))
        _same(read.contents(source), expected)

    def test_nothing_comes_again_when_nothing_changed(self, source: KnownSource) -> None:
        """A pull from the last bookmark is empty, unless the source may repeat."""
        expected = _fill(source)
        again = _read(source, source.pull(), _read(source, source.pull()).bookmark)
        if source.may_repeat:
            _require(again.contents(source) <= expected, "a second pull made records up")
        else:
            _require(again.records == [], "a second pull gave records though nothing changed")

    def test_a_later_pull_brings_what_is_new_and_changed(self, source: KnownSource) -> None:
        """And the one after that nothing of it."""
        expected = _fill(source)
        bookmark = _read(source, source.pull()).bookmark
        changes = {("new", "new")} | ({("1", "changed")} if source.sees_changes else set())
        for identifier, text in sorted(changes):
            source.put(identifier, text)
        later = _read(source, source.pull(), bookmark)
        _require(changes <= later.contents(source), "a later pull lacks what is new or changed")
        if not source.may_repeat:
            _same(later.contents(source), changes)
            _once(source, later)
            last = _read(source, source.pull(), later.bookmark)
            _require(last.records == [], "changes came again")
        _require(later.contents(source) <= expected | changes, "a later pull made records up")

    def test_changes_during_a_pull_are_not_lost(self, source: KnownSource) -> None:
        """They come in it or in the next."""
        expected = _fill(source)
        connector = source.connect()
        pages = connector.read(source.pull())
        first = next(pages)
        changes = {("new", "new")}
        if source.sees_changes:
            changes |= {("1", "changed"), (str(source.many), "changed too")}
        for identifier, text in sorted(changes):
            source.put(identifier, text)
        read = _Read([first, *pages])
        connector.close()
        later = _read(source, source.pull(), read.bookmark)
        found = read.contents(source) | later.contents(source)
        _require(changes <= found, "a change during a pull was lost")
        latest = {identifier for identifier, _ in expected | changes}
        _require({identifier for identifier, _ in found} == latest, "records were lost")

    def test_a_source_that_is_down_is_unavailable(self, source: KnownSource) -> None:
        """As SourceUnavailable; when it is back, reading goes on."""
        expected = _fill(source)
        connector = source.connect()
        source.go_down()
        _fails(source, SourceUnavailable, connector.check)
        _fails(source, SourceUnavailable, lambda: list(connector.read(source.pull())))
        connector.close()
        source.come_back()
        _same(_read(source, source.pull()).contents(source), expected)

    def test_a_source_that_goes_down_half_way_is_read_on(self, source: KnownSource) -> None:
        """From the bookmark of the last page that came."""
        _goes_on(source, source.go_down, SourceUnavailable)

    def test_a_rate_limit_says_how_long_to_wait(self, source: KnownSource) -> None:
        """As SourceUnavailable with `retry_after`, at once and half-way."""
        expected = _fill(source)
        connector = source.connect()
        source.limit_rate(LONG_WAIT)
        for action in (connector.check, lambda: list(connector.read(source.pull()))):
            error = _fails(source, SourceUnavailable, action)
            wait = getattr(error, "retry_after", None)
            _require(
                wait is not None and LONG_WAIT * 0.9 <= wait <= LONG_WAIT * 1.1,
                f"retry_after is {wait}, the source asked for {LONG_WAIT}",
            )
        connector.close()
        source.come_back()
        _same(_read(source, source.pull()).contents(source), expected)

    def test_an_expired_token_is_renewed(self, source: KnownSource) -> None:
        """Half-way, without the reader noticing."""
        expected = _fill(source)
        connector = source.connect()
        pages = connector.read(source.pull())
        first = next(pages)
        source.expire()
        read = _Read([first, *pages])
        connector.close()
        _same(read.contents(source), expected)

    def test_withdrawn_credentials_are_refused(self, source: KnownSource) -> None:
        """As SourceRefused, half-way; with rights given back, reading goes on."""
        _goes_on(source, source.withdraw, SourceRefused)

    def test_broken_answers_are_unavailable(self, source: KnownSource) -> None:
        """Half-way; when they are whole again, reading goes on."""
        _goes_on(source, source.break_answers, SourceUnavailable)

    def test_a_malformed_record_does_not_stop_the_rest(self, source: KnownSource) -> None:
        """It comes as Malformed, whose place and reason have no value of it."""
        source.put("1", "one")
        source.put_malformed(SECRET_TEXT)
        source.put("2", "two")
        read = _read(source, source.pull())
        _same(read.contents(source), {("1", "one"), ("2", "two")})
        _require(len(read.malformed) == 1, f"{len(read.malformed)} records came as Malformed")
        for each in read.malformed:
            _require(SECRET_TEXT in each.text, "the text of a malformed record is missing")
            _silent(source, each.place)
            _silent(source, each.reason)

    def test_closing_twice_is_closing_once(self, source: KnownSource) -> None:
        """Also in the middle of a pull."""
        _fill(source)
        connector = source.connect()
        pages = connector.read(source.pull())
        next(pages)
        connector.close()
        connector.close()


class _Read:
    """What a pull gave."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages = pages
        self.records: list[SourceRecord] = []
        self.malformed: list[Malformed] = []
        for page in pages:
            for record in page.records:
                if isinstance(record, Malformed):
                    self.malformed.append(record)
                else:
                    self.records.append(record)

    @property
    def bookmark(self) -> Bookmark | None:
        return self.pages[-1].bookmark if self.pages else None

    def contents(self, source: KnownSource) -> set[tuple[str, str]]:
        return {source.identify(record) for record in self.records}


def _read(
    source: KnownSource, pull: Pull, bookmark: Bookmark | None = None, pages: int | None = None
) -> _Read:
    """A pull with a connector of its own; the bookmark travels as JSON, as it does in a run."""
    connector = source.connect()
    kept: Any = json.loads(json.dumps(bookmark))
    found: list[Page] = []
    for page in connector.read(replace(pull, bookmark=kept)):
        found.append(page)
        if len(found) == pages:
            break
    connector.close()
    if not found and kept is not None:
        found = [Page((), kept)]
    return _Read(found)


def _fill(source: KnownSource) -> set[tuple[str, str]]:
    contents = {(str(number), f"text {number}") for number in range(1, source.many + 1)}
    for identifier, text in sorted(contents, key=lambda content: int(content[0])):
        source.put(identifier, text)
    return contents


def _goes_on(source: KnownSource, fault: Callable[[], None], error: type[SourceError]) -> None:
    """Something happens after the first page; reading goes on from the last bookmark."""
    expected = _fill(source)
    connector = source.connect()
    pages = connector.read(source.pull())
    found = [next(pages)]
    fault()

    # What came before the error stays.
    _fails(source, error, lambda: found.extend(pages))
    connector.close()
    source.come_back()
    first = _Read(found)
    rest = _read(source, source.pull(), first.bookmark)
    _same(first.contents(source) | rest.contents(source), expected)
    _once(source, first, rest)


def _fails(source: KnownSource, kind: type[SourceError], action: Callable[[], object]) -> Exception:
    """The error of an action, which must be of this kind and say nothing that it should not."""
    try:
        action()
    except kind as error:
        _silent(source, str(error))
        _require(bool(str(error).strip()), f"{kind.__name__} has no text")
        return error
    raise AssertionError(f"{kind.__name__} was expected, and nothing was raised")


def _silent(source: KnownSource, text: str) -> None:
    for secret in (*source.secrets, SECRET_TEXT):
        _require(secret not in text, "a text of an error or a bookmark has a secret or a value")


def _once(source: KnownSource, *reads: _Read) -> None:
    if source.may_repeat:
        return
    identifiers = [source.identify(record) for read in reads for record in read.records]
    _require(len(identifiers) == len(set(identifiers)), "a record came twice")


def _same(found: set[tuple[str, str]], expected: set[tuple[str, str]]) -> None:
    missing, extra = sorted(expected - found), sorted(found - expected)
    _require(not missing and not extra, f"records are missing: {missing}; or too many: {extra}")


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        # Not by assert: whoever runs Python with -O would run a suite that cannot fail.
        raise AssertionError(sentence)
