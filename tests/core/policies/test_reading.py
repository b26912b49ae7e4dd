"""What is no policy is refused, with the place and the reason."""

import json
from typing import Any

import pytest

from openprofiles.core.policies import Effect, InvalidPolicy, read
from tests.core.policies.asking import document, statement


def _with(**elements: Any) -> str:
    return document(statement(**elements))


def _condition(operator: str, key: str, values: Any) -> str:
    return _with(Condition={operator: {key: values}})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "The policy is not JSON"),
        ("[" * 10_000, "The policy is not JSON"),
        ('{"Version": NaN}', "The policy is not JSON"),
        ("[]", "The policy: is no JSON object"),
        (" " * 10_241, "The policy is longer than 10240 characters"),
        ('{"Statement": [], "Statement": []}', "an object with the same member twice"),
        ('{"Version": "2020-01-01"}', "Version: is none of"),
        ('{"Id": 5, "Id2": 1}', "The policy: Id2 is no element"),
        ('{"Id": []}', "Id: is no text"),
        ("{}", "The policy has no Statement"),
        ('{"Statement": []}', "Statement: is neither"),
        ('{"Statement": "all"}', "Statement: is neither"),
        ('{"Statement": ["all"]}', "Statement 1: is no JSON object"),
        (_with(Principal="*"), "Statement 1: Principal is no element"),
        (_with(**{"x" * 99: 1}), "Statement 1: " + "x" * 60 + "… is no element"),
        (_with(**{"\ud800": 1}), r"Statement 1: \ud800 is no element"),
        (_with(Sid="no blanks"), "Statement 1, Sid: "),
        (_with(Effect="allow"), "Statement 1, Effect: is neither Allow nor Deny"),
        (_with(Action="*", NotAction="*"), "has not exactly one of Action and NotAction"),
        (json.dumps({"Statement": {"Effect": "Allow", "Action": "*"}}), "one of Resource and"),
        (_with(Action=[]), "Statement 1, Action: is neither a text nor a list"),
        (_with(Action={}), "Statement 1, Action: is neither a text nor a list"),
        (_with(Action=[[]]), "Statement 1, Action: is neither a text nor a list"),
        (_with(NotAction="GetDomain"), "NotAction: GetDomain is no action such as"),
        (_with(Resource="domains/blue"), "Resource: domains/blue is neither * nor an ARN"),
        (_with(Resource="arn:${aws:userid}"), "Resource: it has a variable that this"),
        (_with(Resource="arn:${}"), "Resource: it has a variable that this"),
        (_with(Resource="arn:${aws:TagKeys}"), "Resource: it has a variable that this"),
        (_with(Condition=[]), "Statement 1, Condition: is no JSON object"),
        (_with(Condition={"Bool": {}}), "Condition, Bool: is no JSON object of condition keys"),
        (_with(Condition={"Bool": 1}), "Condition, Bool: is no JSON object of condition keys"),
        (_condition("StringEqual", "aws:username", "a"), "aws:username: is no operator"),
        (_condition("StringEquals", "aws:PrincipalOrgID", "a"), "aws:PrincipalOrgID is no cond"),
        (_condition("StringEquals", "aws:ResourceTag/", "a"), "aws:ResourceTag/ is no condition"),
        (_condition("StringEquals", "aws:username", []), "aws:username: has no value"),
        (_condition("StringEquals", "aws:username", None), "has a value that is neither text"),
        (_condition("StringEquals", "aws:username", [{}]), "has a value that is neither text"),
        (_condition("StringEquals", "aws:username", "${x}"), "has a value of which it has a var"),
        (_condition("StringEquals", "aws:TagKeys", "a"), "needs ForAllValues: or ForAnyValue:"),
        (_condition("ForAllValues:Null", "aws:TagKeys", "true"), "looks at the key itself"),
        (_condition("NullIfExists", "aws:username", "true"), "is no operator"),
        (_condition("Null", "aws:username", "maybe"), "neither true nor false"),
        (_condition("Bool", "aws:SecureTransport", 1), "neither true nor false"),
        (_condition("NumericEquals", "aws:EpochTime", "one"), "a value that is no number"),
        (_condition("NumericEquals", "aws:EpochTime", "Infinity"), "a value that is no number"),
        (_condition("DateEquals", "aws:CurrentTime", "today"), "a value that is no moment"),
        (_condition("DateEquals", "aws:CurrentTime", 10**14), "a value that is no moment"),
        (_condition("BinaryEquals", "aws:RequestTag/a", "?"), "a value that is not base64"),
        (_condition("IpAddress", "aws:SourceIp", "10.0.0.1/8"), "no address and no network"),
        (_condition("ArnLike", "aws:PrincipalArn", "user/ann"), "a value that is no ARN"),
    ],
)
def test_a_document_that_is_not_sound_is_refused_with_its_place(text, said):
    with pytest.raises(InvalidPolicy) as failure:
        read(text)

    assert said in str(failure.value)


def test_a_sound_document_is_read():
    policy = read(
        json.dumps(
            {
                "Version": "2012-10-17",
                "Id": "example",
                "Statement": {
                    "Sid": "Blue1",
                    "Effect": "Deny",
                    "Action": ["profile:Get*", "*"],
                    "Resource": "*",
                    "Condition": {"Null": {"aws:TagKeys": True}},
                },
            }
        )
    )

    [found] = policy.statements
    assert (found.effect, found.sid) == (Effect.DENY, "Blue1")
    assert [condition.key for condition in found.conditions] == ["aws:TagKeys"]


def test_numbers_of_any_length_do_no_harm():
    policy = read(_condition("NumericLessThan", "aws:EpochTime", 0).replace("0}", "9" * 5000 + "}"))

    assert policy.statements
