"""Group commit: who waits together is done together, and each gets the answer to its own call."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features.gathering import MOST_TOGETHER, Gathering
from openprofiles.storage.database import DatabaseUnavailable


class Work:
    """Doubles what it is given; holds the first batch until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.begun, self.let_go = Event(), Event()

    def __call__(self, calls: Sequence[Any]) -> list[Any]:
        self.batches.append(list(calls))
        if len(self.batches) == 1:
            self.begun.set()
            assert self.let_go.wait(10)
        if "poison" in calls:
            raise ValueError("poison")
        if "lost" in calls:
            raise DatabaseUnavailable("lost")
        return [BadRequest("no") if call == "refused" else call * 2 for call in calls]


def gathered(work: Work, first: Any, others: list[Any]) -> list[Any]:
    """The answers (or errors) of `others`, which came while `first` was being done."""
    gathering = Gathering()
    arrived = Barrier(len(others) + 1)

    def call(value: Any) -> Any:
        try:
            return gathering.do("group", value, work)
        except (BadRequest, ValueError, DatabaseUnavailable) as error:
            return error

    def come(value: Any) -> Any:
        arrived.wait()
        return call(value)

    with ThreadPoolExecutor(len(others) + 1) as pool:
        leading = pool.submit(call, first)
        assert work.begun.wait(10)
        answers = [pool.submit(come, value) for value in others]
        arrived.wait()
        while len(gathering._waiting["group"]) < len(others):
            pass
        work.let_go.set()
        return [leading.result(), *(answer.result() for answer in answers)]


def test_a_lone_call_is_done_at_once():
    work = Work()
    work.let_go.set()

    assert Gathering().do("group", 1, work) == 2
    assert work.batches == [[1]]


def test_calls_that_wait_are_done_together_and_answered_each():
    work = Work()

    assert gathered(work, 0, [1, 2, 3]) == [0, 2, 4, 6]
    assert work.batches[0] == [0]
    assert sorted(work.batches[1]) == [1, 2, 3]


def test_no_more_than_the_limit_are_done_together():
    work = Work()

    answers = gathered(work, 0, list(range(1, MOST_TOGETHER + 2)))

    assert answers == [2 * n for n in range(MOST_TOGETHER + 2)]
    assert [len(batch) for batch in work.batches] == [1, MOST_TOGETHER, 1]


def test_a_refusal_is_only_that_of_its_own_call():
    answers = gathered(Work(), 0, ["refused", 1])

    assert isinstance(answers[1], BadRequest)
    assert answers[2] == 2


def test_an_error_of_the_whole_batch_is_found_out_one_by_one():
    answers = gathered(Work(), 0, ["poison", 1])

    assert isinstance(answers[1], ValueError)
    assert answers[2] == 2


def test_a_refusal_of_the_whole_batch_is_raised_for_each():
    def refuse(_calls):
        raise BadRequest("no such domain")

    gathering = Gathering()
    for _ in range(2):
        with pytest.raises(BadRequest, match="no such domain"):
            gathering.do("group", 1, refuse)


def test_puts_at_once_are_one_transaction_each_with_its_own_request_id(client, domain, database):
    """Seen from outside: the journal names the request that each object came with."""
    client.put_profile_object_type(
        DomainName=domain,
        ObjectTypeName="T",
        Description="T",
        AllowProfileCreation=True,
        Fields={"id": {"Source": "_source.id"}},
        Keys={"id": [{"StandardIdentifiers": ["PROFILE", "UNIQUE"], "FieldNames": ["id"]}]},
    )

    def put(number: int) -> str:
        answer = client.put_profile_object(
            DomainName=domain, ObjectTypeName="T", Object=f'{{"id": "{number}"}}'
        )
        return answer["ResponseMetadata"]["RequestId"]

    with ThreadPoolExecutor(8) as pool:
        request_ids = set(pool.map(put, range(40)))

    with database.reading() as transaction:
        rows = transaction.rows(
            "select request_id from journal join domains using (domain_id) "
            "where name = %s and kind = 'object.put'",
            [domain],
        )
    assert {row[0] for row in rows} == request_ids
    assert len(request_ids) == 40


def test_what_may_have_been_done_is_not_done_again():
    work = Work()

    answers = gathered(work, 0, [1, "lost", 3])

    lost = [answer for answer in answers if isinstance(answer, DatabaseUnavailable)]
    assert len({id(answer) for answer in lost}) == 3
    assert [len(batch) for batch in work.batches] == [1, 3]
