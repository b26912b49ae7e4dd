"""From pages to batches: what is gathered, what is cut, and where an interrupted page goes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.connectors import Malformed, Page
from openprofiles.features.integrations.flows import BadRecord, compile_tasks
from openprofiles.features.integrations.running import reading
from openprofiles.features.integrations.running.reading import Cutting

PASS = compile_tasks([], "S3")


def pages(*sizes):
    """Pages of so many numbered records."""
    number, made = 0, []
    for size in sizes:
        made.append(Page([{"n": number + n} for n in range(size)], {"at": number + size}))
        number += size
    return made


def cut(given_pages, at_once=10, *, done=None, transform=PASS, clock=lambda: 0.0, position=0):
    cutting = Cutting(transform, at_once, position, done, clock)
    return list(cutting.batches(given_pages))


def sizes(batches):
    return [(batch.read, batch.bookmark and batch.bookmark["at"]) for batch in batches]


def test_small_pages_are_gathered():
    assert sizes(cut(pages(4, 4, 4))) == [(8, 8), (4, 12)]
    assert sizes(cut(pages(5, 5, 1))) == [(10, 10), (1, 11)]


def test_pages_of_a_slow_source_are_not_held_back():
    ticks = iter(range(100))

    assert sizes(cut(pages(1, 1), clock=lambda: float(next(ticks)) + 1e9)) == [(1, 1), (1, 2)]


def test_an_empty_page_moves_the_bookmark():
    assert sizes(cut(pages(0))) == [(0, 0)]
    assert cut([]) == []


def test_a_large_page_is_cut():
    batches = cut(pages(2, 25, 3))

    assert sizes(batches) == [(2, 2), (10, None), (10, None), (8, 30)]
    assert [batch.part and batch.part.records for batch in batches] == [None, 10, 20, None]


def test_large_records_are_cut_too(monkeypatch):
    monkeypatch.setattr(reading, "BATCH_CHARACTERS", 20)

    assert sizes(cut(pages(9))) == [(3, None), (3, None), (3, 9)]


def test_a_page_goes_on_behind_what_is_done():
    first = cut(pages(25))[1]

    rest = cut(pages(25), done=first.part, position=20)

    assert sizes(rest) == [(5, 25)]
    assert rest[0].records[0].document == '{"n":20}'


@pytest.mark.parametrize(
    "changed",
    [
        [Page([{"n": 0}], {"at": 1})],
        [Page([{"n": -1}, *({"n": n} for n in range(1, 25))], {"at": 25})],
    ],
    ids=["shorter", "other records"],
)
def test_a_page_that_is_not_the_same_any_more_is_read_again(changed):
    done = cut(pages(25))[0].part

    batches = cut(changed, done=done)

    assert sum(batch.read for batch in batches) == len(changed[0].records)


def test_records_that_cannot_be_read_or_made_keep_their_text():
    def refuse(_):
        raise BadRecord("no")

    (batch,) = cut([Page([{"n": 1}, Malformed("line 2", "why", "{")], {"at": 2})], transform=refuse)

    assert [(record.document, record.problem) for record in batch.records] == [
        ('{"n":1}', "no"),
        ("{", "why"),
    ]
    assert [record.place for record in batch.records] == ["record 1", "line 2"]


@pytest.mark.parametrize("value", ["\ud800", object()])
def test_what_cannot_be_json_is_rejected(value):
    (batch,) = cut([Page([{"n": value}], {"at": 1})])

    assert batch.records[0].problem == "The record cannot be written as JSON"


def test_records_that_are_left_out_are_counted():
    (batch,) = cut(pages(3), transform=lambda record: record if record["n"] else None)

    assert (batch.read, len(batch.records)) == (3, 2)


@given(st.lists(st.integers(0, 40), max_size=8), st.integers(1, 15), st.data())
def test_an_interrupted_pull_takes_each_record_once(given_sizes, at_once, data):
    given_pages = pages(*given_sizes)
    batches = cut(given_pages, at_once)
    stopped = data.draw(st.integers(0, len(batches)))
    done, part, bookmark = [], None, 0
    for batch in batches[:stopped]:
        done += batch.records
        bookmark = batch.bookmark["at"] if batch.bookmark else bookmark
        part = batch.part
    left = [page for page in given_pages if page.bookmark["at"] > bookmark]

    for batch in cut(left, data.draw(st.integers(1, 15)), done=part, position=len(done)):
        done += batch.records

    assert [record.document for record in done] == [f'{{"n":{n}}}' for n in range(sum(given_sizes))]
