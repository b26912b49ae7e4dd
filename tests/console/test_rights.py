"""What pages offer to whom."""

import json

import pytest
from flask import g

from openprofiles.console.people import Person, Request
from openprofiles.console.rights import might
from openprofiles.console.visit import Visit
from openprofiles.core.operation import Caller
from openprofiles.core.policies import read


def statement(effect: str, action: str, resource: str = "*") -> dict[str, str]:
    return {"Effect": effect, "Action": f"profile:{action}", "Resource": resource}


ONE = "arn:aws:profile:us-east-1:000000000000:domains/one"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (None, True),
        ([statement("Allow", "Start*")], True),
        ([statement("Allow", "Start*", ONE)], True),
        ([statement("Allow", "Get*")], False),
        ([statement("Allow", "*"), statement("Deny", "StartReplay")], False),
        ([statement("Allow", "*"), statement("Deny", "StartReplay", ONE)], True),
    ],
)
def test_an_operation_is_offered_that_might_be_allowed(console, statements, expected):
    policies = None
    if statements is not None:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        policies = (read(document),)
    caller = Caller(
        account_id="000000000000",
        region="us-east-1",
        principal="ada",
        request_id="r",
        policies=policies,
    )
    with console.test_request_context():
        g.visit = Visit(
            request=Request(id="r", address=None, is_secure=False),
            token="t",
            has_new_token=False,
            person=person_of(caller),
        )
        assert might("StartReplay") is expected


def person_of(caller: Caller) -> Person:
    """Somebody who calls so."""
    return Person(
        name="ada", account_id=caller.account_id, role=None, signed_in_as=None, caller=caller
    )
