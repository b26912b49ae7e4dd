"""What policies decide together: the cases of IAM's page on the evaluation of policies."""

import pytest

from openprofiles.core.policies import Asked, Decision, evaluate, read, reads_resource_tags
from tests.core.policies.asking import BLUE, decide, document, is_allowed, statement


def test_nothing_said_is_a_denial():
    asked = Asked(action="profile:GetDomain", resource=BLUE, value_of=lambda _: None)

    assert evaluate([], asked) is Decision.DENIED_BY_DEFAULT
    assert decide(statement(Action="s3:*")) is Decision.DENIED_BY_DEFAULT


def test_one_statement_that_allows_is_enough():
    assert is_allowed(statement(Action="s3:*"), statement(Action="profile:GetDomain"))


@pytest.mark.parametrize("turn", [1, -1])
def test_a_denial_wins_wherever_it_stands(turn):
    statements = [statement(), statement("Deny", Action="profile:Get*"), statement()][::turn]

    assert decide(*statements) is Decision.DENIED_BY_STATEMENT
    assert is_allowed(*statements, action="profile:ListDomains")


def test_a_denial_in_another_policy_wins():
    policies = [read(document(statement())), read(document(statement("Deny")))]
    asked = Asked(action="profile:GetDomain", resource=BLUE, value_of=lambda _: None)

    assert evaluate(policies, asked) is Decision.DENIED_BY_STATEMENT


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*", True),
        ("profile:*", True),
        ("profile:GetDomain", True),
        ("PROFILE:getdomain", True),
        ("profile:Get*ain", True),
        ("profile:GetDomai?", True),
        ("profile:GetDomain?", False),
        ("profile:Get", False),
        ("connect:GetDomain", False),
    ],
)
def test_actions_match_by_wildcards_and_without_regard_to_case(pattern, matches):
    assert is_allowed(statement(Action=[pattern])) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("*", True),
        (BLUE, True),
        (BLUE.upper().replace("ARN", "arn"), False),
        ("arn:aws:profile:*:*:domains/blue", True),
        ("arn:aws:profile:*:domains/bl?e", True),
        ("arn:*", True),
        ("arn:aws:profile:us-east-1:123456789012:domains/*/object-types/*", False),
        ("arn:aws:profile:us-east-1:123456789012:domains/blu", False),
        ("arn:aws:profile:us-east-1:123456789012:domains/blue/*", False),
        ("arn:aws:profile:us-east-1:*a*b*c*:domains/blue", False),
    ],
)
def test_resources_match_by_wildcards(pattern, matches):
    assert is_allowed(statement(Resource=pattern)) is matches


def test_what_is_not_named_matches_too():
    but_deleting = statement(NotAction=["profile:Delete*", "profile:Put*"])
    elsewhere = statement(NotResource="arn:aws:profile:*:*:domains/red")

    assert is_allowed(but_deleting)
    assert not is_allowed(but_deleting, action="profile:DeleteDomain")
    assert is_allowed(elsewhere)
    assert not is_allowed(elsewhere, resource=BLUE.replace("blue", "red"))


def test_a_variable_stands_for_a_value_of_the_request():
    own = statement(Resource="arn:aws:profile:*:*:domains/${aws:username}")

    assert is_allowed(own, request={"aws:username": ("blue",)})
    assert not is_allowed(own, request={"aws:username": ("b*",)})
    assert not is_allowed(own)


def test_a_variable_may_have_a_default():
    own = statement(Resource="arn:aws:profile:*:*:domains/${aws:RequestTag/team, 'blue'}")

    assert is_allowed(own)
    assert not is_allowed(own, request={"aws:RequestTag/team": ("red",)})


def test_wildcards_can_be_written_as_letters():
    starred = statement(Resource="arn:aws:profile:*:*:domains/${*}${?}${$}")

    assert is_allowed(starred, resource="arn:aws:profile:us-east-1:1:domains/*?$")
    assert not is_allowed(starred)


def test_a_policy_of_the_older_version_has_no_variables():
    old = read(document(statement(Resource="arn:aws:x:::${aws:username}"), version="2008-10-17"))
    asked = Asked(
        action="profile:GetDomain", resource="arn:aws:x:::${aws:username}", value_of=lambda _: None
    )

    assert evaluate([old], asked) is Decision.ALLOWED


def test_a_missing_variable_of_what_is_not_named_never_allows():
    others = {"NotResource": "arn:aws:profile:*:*:domains/${aws:username}"}

    assert not is_allowed(statement(**others))
    assert not is_allowed(statement(), statement("Deny", **others))


@pytest.mark.parametrize(
    ("elements", "reads"),
    [
        ({}, False),
        ({"Condition": {"StringEquals": {"aws:RequestTag/team": "blue"}}}, False),
        ({"Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}, True),
        ({"Condition": {"StringEquals": {"aws:username": "${aws:ResourceTag/owner}"}}}, True),
        ({"Resource": "arn:aws:profile:::${aws:ResourceTag/team}"}, True),
        ({"Action": "s3:*", "Condition": {"Null": {"aws:ResourceTag/team": "true"}}}, False),
    ],
)
def test_tags_of_resources_are_read_only_when_a_statement_asks(elements, reads):
    policies = [read(document(statement(**elements)))]

    assert reads_resource_tags(policies, "profile:GetDomain") is reads
