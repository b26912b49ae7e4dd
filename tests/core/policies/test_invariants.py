"""What holds for all policies and requests."""

import re

from hypothesis import given
from hypothesis import strategies as st

from openprofiles.core.policies import Asked, Decision, evaluate, read
from openprofiles.core.policies.patterns import MARK, STAR, translate
from tests.core.policies.asking import BLUE, document, statement

ACTIONS = ["*", "profile:*", "profile:Get*", "profile:GetDomain", "profile:Put*"]
RESOURCES = ["*", BLUE, "arn:aws:profile:*:*:domains/red", "arn:aws:profile:*:*:domains/bl*"]
CONDITIONS = [
    {},
    {"StringEquals": {"aws:username": "ann"}},
    {"StringNotEquals": {"aws:ResourceTag/team": "blue"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
    {"Null": {"aws:ResourceTag/team": "true"}},
]
statements = st.builds(
    statement,
    st.sampled_from(["Allow", "Deny"]),
    Action=st.sampled_from(ACTIONS),
    Resource=st.sampled_from(RESOURCES),
    Condition=st.sampled_from(CONDITIONS),
)
requests = st.builds(
    lambda action, resource, values: Asked(action=action, resource=resource, value_of=values.get),
    st.sampled_from(["profile:GetDomain", "profile:PutIntegration", "s3:GetObject"]),
    st.sampled_from([BLUE, BLUE.replace("blue", "red"), "*"]),
    st.dictionaries(
        st.sampled_from(["aws:username", "aws:ResourceTag/team", "aws:TagKeys"]),
        st.sampled_from([("ann",), ("blue",), ("team",)]),
    ),
)


def _decide(given, asked):
    return evaluate([read(document(one)) for one in given], asked)


@given(st.lists(statements), requests, st.randoms())
def test_the_order_of_statements_changes_nothing(some, asked, random):
    mixed = list(some)
    random.shuffle(mixed)

    assert _decide(mixed, asked) is _decide(some, asked)


@given(st.lists(statements), statements, requests)
def test_another_denial_never_allows(some, one, asked):
    before = _decide(some, asked)
    after = _decide([*some, one | {"Effect": "Deny"}], asked)

    assert before is Decision.ALLOWED or after is not Decision.ALLOWED


@given(st.lists(statements), statements, requests)
def test_another_permission_never_denies(some, one, asked):
    before = _decide(some, asked)
    after = _decide([*some, one | {"Effect": "Allow"}], asked)

    assert before is not Decision.ALLOWED or after is Decision.ALLOWED


@given(st.lists(statements, min_size=1), requests)
def test_statements_in_one_policy_or_in_many_say_the_same(some, asked):
    assert evaluate([read(document(*some))], asked) is _decide(some, asked)


@given(st.lists(st.sampled_from([STAR, MARK, "a", "b", "ab"])), st.text("ab", max_size=12))
def test_a_pattern_matches_what_a_search_with_all_tries_finds(pieces, text):
    naive = "".join({STAR: ".*", MARK: "."}.get(piece, str(piece)) for piece in pieces)

    found = re.fullmatch(translate(pieces), text) is not None

    assert found == (re.fullmatch(naive, text) is not None)
