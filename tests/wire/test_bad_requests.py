"""Bad input gets the modelled 4xx: each constraint broken once, then damage at random."""

from random import Random

import pytest

from openprofiles.core.settings import Settings
from openprofiles.wire import AwsHandler
from openprofiles.wire.model import operation_models
from tests.wire.bad_requests import breaks_of, mutations_of, valid_parameters
from tests.wire.calling import request_of, send

DAMAGED_PER_OPERATION = 100

by_operation = pytest.mark.parametrize(
    "operation", operation_models(), ids=lambda operation: operation.name
)


@pytest.fixture(scope="module")
def application():
    """The wire around an operation that accepts everything."""
    return AwsHandler(lambda _name, _parameters, _caller: {}, Settings())


@by_operation
@pytest.mark.parametrize("raw", [True, False], ids=["raw path", "decoded path"])
def test_each_broken_constraint_is_a_bad_request_that_names_the_member(application, operation, raw):
    for broken in breaks_of(operation):
        reply = send(application, broken.request, raw=raw)

        assert (reply.status, reply.code) == (400, "BadRequestException"), str(broken)
        assert f"'{broken.path}'" in reply.content["Message"], str(broken)
        assert "failed to satisfy constraint: Member must" in reply.content["Message"]


@by_operation
def test_what_breaks_nothing_is_accepted(application, operation):
    reply = send(application, request_of(operation, valid_parameters(operation)))

    assert reply.status == 200, reply.body


@by_operation
def test_damaged_requests_never_fail_on_our_side(application, operation, caplog):
    whole = request_of(operation, valid_parameters(operation))

    for damaged in mutations_of(whole, Random(operation.name), DAMAGED_PER_OPERATION):
        reply = send(application, damaged)

        assert reply.status < 500, damaged
    assert not caplog.records


def test_thousands_of_constraints_are_broken(record_property):
    count = sum(1 for operation in operation_models() for _ in breaks_of(operation))

    record_property("bad requests made from the model", count)
    print(f"{count} bad requests made from the model")  # noqa: T201 (shown by pytest -s)
    assert count > 3000
