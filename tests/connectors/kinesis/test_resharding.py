"""Streams whose shards are split, merged and trimmed while they are read."""

import json
from contextlib import closing

import pytest

from openprofiles.connectors import Pull, SourceRefused
from openprofiles.connectors.kinesis import StreamConnector
from openprofiles.connectors.kinesis.client import Stream
from tests.connectors.kinesis.fake import FIRST_SEQUENCE, FakeKinesis

ROOT, LEFT, RIGHT, MERGED = (f"shardId-{number:012d}" for number in range(4))
BEFORE = [f"before-{number}" for number in range(9)]
BETWEEN = [f"between-{number}" for number in range(9)]
AFTER = [f"after-{number}" for number in range(9)]


@pytest.fixture(params=[False, True], ids=["end at once", "end late"])
def kinesis(request):
    with closing(FakeKinesis("contacts")) as fake:
        fake.shows_end_late = request.param
        yield fake


def connect(kinesis):
    settings = {"endpoint": kinesis.url, "access_key_id": "me", "secret_access_key": "s3cret"}
    return StreamConnector(Stream(kinesis.name, settings), records_of_page=2)


def read(kinesis, bookmark=None, pages=None):
    """The identifiers of a pull of some pages, and the last bookmark."""
    found, count = [], 0
    with closing(connect(kinesis)) as connector:
        for page in connector.read(Pull(object_name="contacts", bookmark=bookmark)):
            found += [record["id"] for record in page.records]
            bookmark, count = json.loads(json.dumps(page.bookmark)), count + 1
            if count == pages:
                break
    return found, bookmark


def reshard(kinesis):
    """Records, a split, records, a merge, records."""
    for identifier in BEFORE:
        kinesis.put(identifier)
    kinesis.split(ROOT)
    for identifier in BETWEEN:
        kinesis.put(identifier)
    kinesis.merge(LEFT, RIGHT)
    for identifier in AFTER:
        kinesis.put(identifier)


@pytest.mark.parametrize("pages", [1, 2, 3, 5, 8, 11, 15])
def test_each_record_comes_once_wherever_reading_stops(kinesis, pages):
    reshard(kinesis)

    first, bookmark = read(kinesis, pages=pages)
    rest, bookmark = read(kinesis, bookmark)

    found = first + rest
    assert found[:9] == BEFORE
    assert sorted(found[9:18]) == BETWEEN
    assert found[18:] == AFTER
    assert read(kinesis, bookmark) == ([], bookmark)


def test_a_split_while_a_shard_is_read_is_seen_by_the_next_pull(kinesis):
    for identifier in BEFORE:
        kinesis.put(identifier)
    with closing(connect(kinesis)) as connector:
        pages = connector.read(Pull(object_name="contacts"))
        found = [record["id"] for record in next(pages).records]
        kinesis.split(ROOT)
        for identifier in BETWEEN:
            kinesis.put(identifier)
        for page in pages:
            found += [record["id"] for record in page.records]
            bookmark = page.bookmark

    later, _ = read(kinesis, bookmark)

    assert found == BEFORE
    assert sorted(later) == BETWEEN


def test_children_wait_for_a_parent_that_is_not_read_to_its_end(kinesis):
    reshard(kinesis)
    _, bookmark = read(kinesis, pages=1)

    assert bookmark["shards"].keys() == {ROOT}


def test_shards_that_are_forgotten_are_no_parents_to_wait_for(kinesis):
    reshard(kinesis)
    _, bookmark = read(kinesis)
    assert bookmark["shards"].keys() == {ROOT, LEFT, RIGHT, MERGED}
    kinesis.put("last")
    del kinesis.shards[:2]

    later, bookmark = read(kinesis, bookmark)

    assert later == ["last"]
    assert bookmark["shards"].keys() == {RIGHT, MERGED}


def test_records_that_were_trimmed_are_passed_over(kinesis):
    for identifier in BEFORE:
        kinesis.put(identifier)
    _, bookmark = read(kinesis, pages=1)
    kinesis.horizon = kinesis.sequence - 17

    assert read(kinesis, bookmark)[0] == BEFORE[-1:]


def test_a_stream_that_was_made_anew_is_read_from_its_beginning(kinesis):
    kinesis.put("new")

    found, _ = read(kinesis, {"shards": {ROOT: str(FIRST_SEQUENCE - 1)}})

    assert found == ["new"]


def test_another_stream_is_refused(kinesis):
    kinesis.name, name = "other", kinesis.name

    with closing(connect(kinesis)) as connector:
        kinesis.name = name
        with pytest.raises(SourceRefused, match="no stream other"):
            connector.check()
