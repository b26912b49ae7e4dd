"""A clock that jumps, back as well as on: lists, keys and the journal do not mind."""

import json
from random import Random

import pytest

from tests.features.profiles.consistency import check_domain
from tests.invariants import broken_rules

pytestmark = pytest.mark.sealed_too

JUMPS = 40
OBJECTS = 3


def define(client, domain) -> None:
    client.put_profile_object_type(
        DomainName=domain,
        ObjectTypeName="Visit",
        Description="Visits",
        AllowProfileCreation=True,
        Fields={"id": {"Source": "_source.id"}, "mail": {"Source": "_source.mail"}},
        Keys={
            "visit": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["id"]}],
            "visitMail": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["mail"]}],
        },
    )


def jump(clock, lot: Random) -> None:
    # Less than a token lives and an object stays.
    clock.turn(hours=lot.choice([-9, -1, -1 / 60, 1 / 60, 1, 9]))


def test_a_clock_that_jumps_breaks_no_rule_and_no_paging(client, domain, database, clock):
    define(client, domain)
    lot = Random(7)
    for number in range(JUMPS):
        jump(clock, lot)
        for each in range(OBJECTS):
            content = json.dumps({"id": f"{number}-{each}", "mail": "one@example.com"})
            client.put_profile_object(DomainName=domain, ObjectTypeName="Visit", Object=content)

    [profile] = client.search_profiles(
        DomainName=domain, KeyName="visitMail", Values=["one@example.com"]
    )["Items"]
    names: list[str] = []
    token = None
    while names == [] or token:
        page = client.list_profile_objects(
            DomainName=domain,
            ObjectTypeName="Visit",
            ProfileId=profile["ProfileId"],
            MaxResults=7,
            **({"NextToken": token} if token else {}),
        )
        names += [json.loads(item["Object"])["id"] for item in page["Items"]]
        token = page.get("NextToken")
        clock.turn(hours=lot.choice([-2, 0, 2]))

    assert sorted(names) == sorted(f"{n}-{each}" for n in range(JUMPS) for each in range(OBJECTS))
    assert check_domain(database, domain)["objects"] == JUMPS * OBJECTS
    with database.reading() as transaction:
        [(domain_id,)] = transaction.rows("select domain_id from domains where name = %s", [domain])
        assert broken_rules(lambda query: transaction.rows(query), domain_id) == []
