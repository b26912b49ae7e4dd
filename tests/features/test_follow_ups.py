"""What an operation leaves to be done after its commit is done, or noted as failed."""

import logging

import pytest

from openprofiles.core.operation import operation
from openprofiles.features.invoke import OPERATIONS


@pytest.fixture
def asked(monkeypatch):
    """Operations Ask, which has what it is given done afterwards, and Do, which does it."""
    done: list[int] = []

    @operation("Ask")
    def ask(context, request):
        context.afterwards.append(request["Next"])
        return {"Done": list(done)}

    @operation("Do")
    def do(_, request):
        done.append(request["Number"])
        return {}

    for made in (ask, do):
        monkeypatch.setitem(OPERATIONS, made.name, made)
    return done


def test_it_is_done_before_the_call_is_answered(asked, invoke, caller):
    answer = invoke("Ask", {"Next": ("Do", {"Number": 7})}, caller)

    assert answer == {"Done": []}
    assert asked == [7]


def test_one_that_fails_leaves_the_answer_as_it_is_and_is_logged(asked, invoke, caller, caplog):
    with caplog.at_level(logging.ERROR):
        answer = invoke("Ask", {"Next": ("Nothing", {"Number": 7})}, caller)

    assert answer == {"Done": []}
    assert asked == []
    [record] = [record for record in caplog.records if record.name.endswith("features.invoke")]
    assert record.__dict__["operation"] == "Nothing"
