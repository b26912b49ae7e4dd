"""Operators of conditions, as IAM's page on them describes each."""

import pytest

from tests.core.policies.asking import holds, is_allowed, statement

NAME = "aws:username"
TAG = "aws:RequestTag/size"
KEYS = "aws:TagKeys"
ARN = "aws:PrincipalArn"


@pytest.mark.parametrize(
    ("operator", "key", "values", "given", "expected"),
    [
        ("StringEquals", NAME, "ann", "ann", True),
        ("StringEquals", NAME, ["bob", "ann"], "ann", True),
        ("StringEquals", NAME, "ann", "Ann", False),
        ("StringEquals", NAME, "a*", "ann", False),
        ("StringEquals", NAME, "", "", True),
        ("StringNotEquals", NAME, "ann", "bob", True),
        ("StringNotEquals", NAME, ["bob", "ann"], "ann", False),
        ("StringEqualsIgnoreCase", NAME, "ANN", "ann", True),
        ("StringNotEqualsIgnoreCase", NAME, "ANN", "ann", False),
        ("StringLike", NAME, "a*", "ann", True),
        ("StringLike", NAME, "a?", "ann", False),
        ("StringNotLike", NAME, "a*", "ann", False),
        ("NumericEquals", TAG, 10, "10.0", True),
        ("NumericEquals", TAG, "10", "ten", False),
        ("NumericNotEquals", TAG, 10, "11", True),
        ("NumericLessThan", TAG, 10, "9", True),
        ("NumericLessThan", TAG, 10, "10", False),
        ("NumericLessThanEquals", TAG, 10, "10", True),
        ("NumericGreaterThan", TAG, 10, "10.5", True),
        ("NumericGreaterThanEquals", TAG, 10, "9", False),
        ("DateEquals", "aws:CurrentTime", "2026-01-01", "2026-01-01T00:00:00Z", True),
        ("DateNotEquals", "aws:CurrentTime", "2026-01-01", "2026-01-02T00:00:00Z", True),
        (
            "DateLessThan",
            "aws:CurrentTime",
            "2026-01-01T12:00:00+01:00",
            "2026-01-01T10:59:59Z",
            True,
        ),
        ("DateLessThanEquals", "aws:EpochTime", "2026-01-01T00:00:00Z", "1767225600", True),
        ("DateGreaterThan", "aws:EpochTime", 1767225600, "1767225600", False),
        (
            "DateGreaterThanEquals",
            "aws:CurrentTime",
            "2026-01-01T00:00:00",
            "2025-12-31T23:59:59Z",
            False,
        ),
        ("Bool", "aws:SecureTransport", True, "true", True),
        ("Bool", "aws:SecureTransport", "false", "true", False),
        ("Bool", TAG, "true", "yes", False),
        ("BinaryEquals", TAG, "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", TAG, "QmluYXJ5", "QmluYXJ4", False),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", "203.0.113.7", True),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", "::ffff:203.0.113.7", True),
        ("IpAddress", "aws:SourceIp", "::ffff:203.0.113.0/120", "203.0.113.7", True),
        ("IpAddress", "aws:SourceIp", ["10.0.0.1", "2001:db8::/32"], "2001:db8::1", True),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", "203.0.114.7", False),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", "nowhere", False),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", "2001:db8::1", True),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", "203.0.113.7", False),
        ("ArnEquals", ARN, "arn:aws:iam::1:user/*", "arn:aws:iam::1:user/ann", True),
        ("ArnLike", ARN, "arn:aws:iam::*:user/a?n", "arn:aws:iam::1:user/ann", True),
        ("ArnLike", ARN, "arn:*:iam::1:user/ann", "arn:aws:x:iam::1:user/ann", False),
        ("ArnLike", ARN, "arn:aws:iam::1:user/*", "arn:aws:iam::1:user/a:b", True),
        ("ArnLike", ARN, "arn:aws:iam::1:user/*", "ann", False),
        ("ArnNotEquals", ARN, "arn:aws:iam::1:user/ann", "arn:aws:iam::1:user/bob", True),
        ("ArnNotLike", ARN, "arn:aws:iam::1:user/*", "arn:aws:iam::1:user/ann", False),
    ],
)
def test_an_operator_compares_as_documented(operator, key, values, given, expected):
    assert holds(operator, key, values, **{key: (given,)}) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("StringNotLikeIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
    ],
)
@pytest.mark.parametrize("request_", [{}, {NAME: ()}], ids=["no key", "no value"])
def test_a_missing_key_holds_only_where_the_operator_says_so(operator, expected, request_):
    assert holds(operator, NAME, "ann", **request_) is expected


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "c"), False),
        ("ForAllValues:StringNotEquals", ("c", "d"), True),
        ("ForAllValues:StringNotEquals", ("a", "d"), False),
        ("ForAnyValue:StringEquals", ("c", "b"), True),
        ("ForAnyValue:StringEquals", ("c", "d"), False),
        ("ForAnyValue:StringNotEquals", ("a", "d"), True),
        ("ForAnyValue:StringNotEquals", ("a", "b"), False),
    ],
)
def test_quantifiers_look_at_each_value(operator, given, expected):
    assert holds(operator, KEYS, ["a", "b"], **{KEYS: given}) is expected


@pytest.mark.parametrize(
    ("values", "given", "expected"),
    [
        ("true", {}, True),
        ("true", {NAME: ("ann",)}, False),
        (False, {NAME: ("ann",)}, True),
        (["true", "false"], {}, True),
    ],
)
def test_null_asks_whether_a_key_is_there(values, given, expected):
    assert holds("Null", NAME, values, **given) is expected


def test_all_operators_and_all_their_keys_have_to_hold():
    both = statement(
        Condition={
            "StringEquals": {NAME: "ann", TAG: "10"},
            "Bool": {"AWS:securetransport": "true"},
        }
    )
    request = {NAME: ("ann",), TAG: ("10",), "aws:SecureTransport": ("true",)}

    assert is_allowed(both, request=request)
    for key in request:
        assert not is_allowed(both, request=request | {key: ("x",)})


def test_a_value_may_be_another_value_of_the_request():
    assert holds("StringEquals", TAG, "${aws:username}", **{TAG: ("ann",), NAME: ("ann",)})
    assert not holds("StringEquals", TAG, "${aws:username}", **{TAG: ("ann",), NAME: ("a*n",)})
    assert not holds("StringLike", TAG, "${aws:username}", **{TAG: ("ann",), NAME: ("a*n",)})
    assert not holds("StringEquals", TAG, "${aws:username}", **{TAG: ("ann",)})


def test_an_arn_may_have_variables():
    own = "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}"
    request = {ARN: ("arn:aws:iam::1:user/ann",), NAME: ("ann",)}

    assert holds("ArnLike", ARN, own, **request, **{"aws:PrincipalAccount": ("1",)})
    assert not holds("ArnLike", ARN, own, **request, **{"aws:PrincipalAccount": ("2",)})
    assert not holds("ArnLike", ARN, own, **request)
    assert holds("ArnLike", ARN, "${aws:PrincipalArn}", **request)
