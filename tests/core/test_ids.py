"""Ids of requests: UUIDs that no other process makes too."""

import multiprocessing
import uuid
from datetime import UTC, datetime, timedelta

from openprofiles.core import ids


def test_a_request_id_is_a_random_uuid():
    made = [ids.request_id() for _ in range(1000)]

    assert len(set(made)) == len(made)
    for text in made:
        parsed = uuid.UUID(text)
        assert str(parsed) == text
        assert (parsed.version, parsed.variant) == (4, uuid.RFC_4122)


def test_processes_made_from_one_make_different_request_ids():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        made = [pool.apply(ids.request_id) for _ in range(8)]

    assert len(set(made)) == len(made)
    assert ids.request_id() not in made


def test_ordered_ids_sort_by_the_microsecond():
    moments = [datetime(2026, 1, 2, tzinfo=UTC) + timedelta(microseconds=n) for n in range(3000)]

    made = [ids.ordered_id(moment) for moment in moments]

    assert made == sorted(made)
    assert {uuid.UUID(text).version for text in made} == {7}
    assert all(ids.lowest_id(moment) <= text for moment, text in zip(moments, made, strict=True))
