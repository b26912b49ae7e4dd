"""Parameters of callers in this process are held to the same rules as those of requests."""

from datetime import UTC, datetime

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features.invoke import OPERATIONS
from openprofiles.wire import checked

OWN = {name: known.route for name, known in OPERATIONS.items() if known.route is not None}


@pytest.fixture
def asked():
    return []


@pytest.fixture
def ask(asked, caller):
    def remember(name, parameters, _):
        asked.append((name, parameters))
        return {}

    invoke = checked(remember, OWN)
    return lambda name, **parameters: invoke(name, parameters, caller)


def test_what_is_right_goes_through(ask, asked):
    ask("GetDomain", DomainName="shop")
    ask("ListMerges", DomainName="shop")
    ask("SomethingInside", Anything=1)

    assert asked == [
        ("GetDomain", {"DomainName": "shop"}),
        ("ListMerges", {"DomainName": "shop"}),
        ("SomethingInside", {"Anything": 1}),
    ]


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("GetDomain", {}, "'domainName'"),
        ("GetDomain", {"DomainName": "a b"}, "regular expression"),
        (
            "CreateDomain",
            {"DomainName": "a", "DefaultExpirationDays": "1"},
            "defaultExpirationDays",
        ),
        ("CreateDomain", {"DomainName": "a\0", "DefaultExpirationDays": 1}, "domainName"),
        ("ListMerges", {"DomainName": "a b"}, "DomainName"),
        ("ListMerges", {"DomainName": "a", "Other": 1}, "does not know"),
        (
            "PutConnection",
            {"DomainName": "a", "Name": "n", "Kind": "S3", "Settings": {"a": "\0"}},
            "cannot be stored",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused(ask, asked, name, parameters, said):
    with pytest.raises(BadRequest, match=said):
        ask(name, **parameters)

    assert asked == []


def test_what_takes_a_body_as_it_comes_is_left_alone(ask, asked):
    [name, *_] = [name for name, route in OWN.items() if route.headers is not None]
    ask(name, Body=b"\0", At=datetime.now(UTC))

    assert asked[0][0] == name
