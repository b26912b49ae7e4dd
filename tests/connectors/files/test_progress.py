"""How far a folder was read: what a bookmark keeps, and that it stays small."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.connectors import SourceRefused
from openprofiles.connectors.files.progress import MARGIN, MOST_REMEMBERED, Progress
from openprofiles.storage.buckets import BucketFile

DAY = 86_400 * 1_000_000
NOW = 20_000 * DAY


def file(key, time=NOW, version="1"):
    return BucketFile(key=key, size=1, version=version, time=time)


def after(progress):
    """The progress that a later pull has."""
    return Progress(json.loads(json.dumps(progress.as_bookmark())), now=NOW)


def read(progress, files):
    """The keys that a pull of these files reads, all of them to the end; and the progress then."""
    todo = progress.todo(files)
    for each in todo:
        progress.finish(each)
    return [each.key for each in todo], after(progress)


def test_files_are_read_in_the_order_of_their_times():
    files = [file("b", 2), file("c", 1), file("a", 2)]

    assert read(Progress(None, now=NOW), files)[0] == ["c", "a", "b"]


def test_a_file_is_read_once():
    files = [file("a", 1), file("b", NOW)]
    _, progress = read(Progress(None, now=NOW), files)

    assert read(progress, files)[0] == []


def test_a_changed_file_is_read_again():
    _, progress = read(Progress(None, now=NOW), [file("a", NOW - 2)])

    assert read(progress, [file("a", NOW - 1, "2")])[0] == ["a"]


def test_a_file_that_shows_up_late_is_read():
    _, progress = read(Progress(None, now=NOW), [file("a"), file("b", NOW - DAY)])

    assert read(progress, [file("a"), file("late", NOW - MARGIN + 1)])[0] == ["late"]


def test_files_of_one_time_are_told_apart():
    _, progress = read(Progress(None, now=NOW), [file("b")])

    assert read(progress, [file("b"), file("a"), file("c")])[0] == ["a", "c"]


def test_a_file_that_was_begun_is_first_and_goes_on():
    progress = Progress(None, now=NOW)
    one, two = progress.todo([file("a", NOW - 5), file("b", NOW - 4)])
    progress.finish(one)
    progress.read_to(two, 7)
    progress = after(progress)

    todo = progress.todo([file("late", NOW - 9), one, two])

    assert [each.key for each in todo] == ["b", "late"]
    assert [progress.records_done(each) for each in todo] == [7, 0]


def test_a_file_that_was_begun_and_replaced_begins_anew():
    progress = Progress(None, now=NOW)
    progress.read_to(file("a"), 7)
    progress = after(progress)

    (replaced,) = progress.todo([file("a", version="2")])

    assert progress.records_done(replaced) == 0


def test_old_files_are_not_remembered_one_by_one():
    files = [file(f"{number}", NOW - number * DAY) for number in range(100)]

    _, progress = read(Progress(None, now=NOW), files)

    assert len(json.dumps(progress.as_bookmark())) < 200
    assert read(progress, files)[0] == []


def test_a_bookmark_of_100_000_new_files_is_small():
    files = [
        file(f"customers/2026/{number:06d}.csv", NOW - 100_000 + number)
        for number in range(100_000)
    ]

    keys, progress = read(Progress(None, now=NOW), files)

    assert len(keys) == 100_000
    assert len(json.dumps(progress.as_bookmark())) < 8.1 * MOST_REMEMBERED
    assert read(progress, files)[0] == []
    assert read(progress, [*files, file("new")])[0] == ["new"]


def test_files_that_are_gone_are_forgotten():
    _, progress = read(Progress(None, now=NOW), [file(str(number)) for number in range(1000)])

    _, progress = read(progress, [file("0")])

    assert len(progress.as_bookmark()["files"]) == 8


def test_a_time_in_the_future_hides_nothing():
    _, progress = read(Progress(None, now=NOW), [file("future", NOW + 1000 * DAY)])

    assert read(progress, [file("now", NOW)])[0] == ["now"]


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3)), max_size=6),
            st.integers(0, 3),
        ),
        max_size=6,
    )
)
def test_each_version_of_a_file_is_read_once(pulls):
    """Whatever comes and goes within the margin, and wherever a pull stops."""
    progress, seen = Progress(None, now=NOW), []
    present: dict[str, BucketFile] = {}
    time = NOW - 1000
    for changes, stop in pulls:
        for key, version in changes:
            time += 1
            # Versions never come back: a store gives each write a new one.
            changed = file(str(key), time, f"{version}-{time}")
            present[changed.key] = changed
        todo = progress.todo(present.values())
        for each in todo[: len(todo) - stop]:
            seen.append((each.key, each.version))
            progress.finish(each)
        progress = after(progress)
    seen += [(each.key, each.version) for each in progress.todo(present.values())]

    assert len(seen) == len(set(seen))
    assert {(each.key, each.version) for each in present.values()} <= set(seen)


@pytest.mark.parametrize(
    "bookmark",
    [
        {"shards": {}},
        {"watermark": [1], "files": "", "reading": None},
        {"watermark": [1, ""], "files": "a", "reading": None},
        {"watermark": ["x", ""], "files": "", "reading": None},
        {"watermark": [1, ""], "files": "", "reading": {"file": "x"}},
        {"watermark": None, "files": "", "reading": None},
    ],
)
def test_a_bookmark_of_something_else_is_refused(bookmark):
    with pytest.raises(SourceRefused, match="not one of files"):
        Progress(bookmark, now=NOW)
