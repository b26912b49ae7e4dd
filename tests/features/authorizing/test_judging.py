"""Who may do what, asked through a client."""

import threading
import uuid
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from openprofiles.core.errors import AccessDenied, BadRequest
from openprofiles.storage import locks
from tests.features.authorizing.conftest import ANN

BLUE = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}
TYPE = {
    "Description": "orders",
    "Fields": {"id": {"Source": "_source.id", "Target": "_profile.AccountNumber"}},
    "Keys": {"_account": [{"StandardIdentifiers": ["PROFILE", "UNIQUE"], "FieldNames": ["id"]}]},
    "AllowProfileCreation": True,
}


@pytest.fixture
def blue(client):
    """A domain of the blue team."""
    return _domain_of(client, "blue")


@pytest.fixture
def red(client):
    """A domain of the red team."""
    return _domain_of(client, "red")


def _domain_of(client, team):
    name = f"{team}-{uuid.uuid4().hex}"
    client.create_domain(DomainName=name, DefaultExpirationDays=9, Tags={"team": team})
    return name


def _refusal(call, **request):
    with pytest.raises(ClientError) as failure:
        call(**request)
    error = failure.value.response["Error"]
    assert (error["Code"], failure.value.response["ResponseMetadata"]["HTTPStatusCode"]) == (
        "AccessDeniedException",
        403,
    )
    return error["Message"]


def test_a_refusal_says_who_may_not_do_what_to_which_resource(client_as, domain, arn_of, settings):
    nobody = client_as({"Action": "s3:*"})

    said = _refusal(nobody.get_domain, DomainName=domain)

    ann = ANN.format(account=settings.account_id)
    assert said == (
        f"User: {ann} is not authorized to perform: profile:GetDomain on resource: {arn_of(domain)}"
    )


def test_a_refusal_does_not_tell_whether_there_is_such_a_domain(client_as, red):
    ann = client_as(BLUE)
    missing = f"red-{uuid.uuid4().hex}"

    there = _refusal(ann.get_domain, DomainName=red)
    nowhere = _refusal(ann.get_domain, DomainName=missing)

    assert there.replace(red, missing) == nowhere


def test_what_a_policy_allows_is_done(client_as, domain, arn_of):
    ann = client_as({"Action": "profile:GetDomain", "Resource": arn_of(domain)})

    assert ann.get_domain(DomainName=domain)["DomainName"] == domain
    _refusal(ann.delete_domain, DomainName=domain)


def test_a_denial_wins_over_what_is_allowed(client_as, domain):
    ann = client_as({}, {"Effect": "Deny", "Action": "profile:Delete*"})

    _refusal(ann.delete_domain, DomainName=domain)

    assert ann.get_domain(DomainName=domain)


def test_the_team_of_a_domain_sees_and_changes_what_is_in_it(client_as, blue):
    ann = client_as(BLUE)
    ann.put_profile_object_type(DomainName=blue, ObjectTypeName="Orders", **TYPE)

    ann.put_profile_object(DomainName=blue, ObjectTypeName="Orders", Object='{"id": "1"}')
    profile_id = ann.create_profile(DomainName=blue, FirstName="Ann")["ProfileId"]
    ann.update_domain(DomainName=blue, DefaultExpirationDays=8)

    found = ann.search_profiles(DomainName=blue, KeyName="_profileId", Values=[profile_id])
    assert found["Items"][0]["FirstName"] == "Ann"
    assert [
        item["ObjectTypeName"] for item in ann.list_profile_object_types(DomainName=blue)["Items"]
    ] == ["Orders"]


def test_another_team_sees_and_changes_nothing_of_it(client, client_as, red):
    client.put_profile_object_type(DomainName=red, ObjectTypeName="Orders", **TYPE)
    profile_id = client.create_profile(DomainName=red)["ProfileId"]
    ann = client_as(BLUE)
    put = {"DomainName": red, "ObjectTypeName": "Orders"}

    _refusal(ann.get_domain, DomainName=red)
    _refusal(ann.update_domain, DomainName=red, DefaultExpirationDays=1)
    _refusal(ann.delete_domain, DomainName=red)
    _refusal(ann.delete_profile, DomainName=red, ProfileId=profile_id)
    _refusal(ann.search_profiles, DomainName=red, KeyName="_profileId", Values=[profile_id])
    _refusal(ann.put_profile_object, **put, Object='{"id": "1"}')
    _refusal(ann.get_profile_object_type, **put)
    _refusal(ann.list_profile_object_types, DomainName=red)
    assert client.get_domain(DomainName=red)["DefaultExpirationDays"] == 9


def test_a_resource_may_belong_to_another_team_than_its_domain(client, client_as, blue):
    client.put_profile_object_type(DomainName=blue, ObjectTypeName="Ours", **TYPE)
    client.put_profile_object_type(
        DomainName=blue, ObjectTypeName="Theirs", Tags={"team": "red"}, **TYPE
    )
    ann = client_as(BLUE)
    theirs = {"DomainName": blue, "ObjectTypeName": "Theirs"}

    _refusal(ann.get_profile_object_type, **theirs)
    _refusal(ann.put_profile_object, **theirs, Object='{"id": "1"}')
    listed = ann.list_profile_object_types(DomainName=blue)["Items"]
    assert [item["ObjectTypeName"] for item in listed] == ["Ours"]


def test_a_resource_in_a_domain_of_another_team_stays_out_of_reach(client, client_as, red, arn_of):
    client.put_profile_object_type(
        DomainName=red, ObjectTypeName="Ours", Tags={"team": "blue"}, **TYPE
    )
    ann = client_as(BLUE)
    arn = arn_of(red, "object-types/Ours")

    _refusal(ann.get_profile_object_type, DomainName=red, ObjectTypeName="Ours")
    _refusal(ann.list_tags_for_resource, resourceArn=arn)
    _refusal(ann.tag_resource, resourceArn=arn_of(red), tags={"team": "blue"})
    _refusal(ann.untag_resource, resourceArn=arn_of(red), tagKeys=["team"])


def test_a_team_may_give_its_tags_away_unless_a_policy_holds_them(client_as, blue, arn_of):
    held = client_as(
        BLUE,
        {
            "Effect": "Deny",
            "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}},
        },
    )

    _refusal(held.tag_resource, resourceArn=arn_of(blue), tags={"team": "red"})
    _refusal(held.untag_resource, resourceArn=arn_of(blue), tagKeys=["team"])
    held.tag_resource(resourceArn=arn_of(blue), tags={"cost": "1"})
    client_as(BLUE).tag_resource(resourceArn=arn_of(blue), tags={"team": "red"})
    _refusal(held.get_domain, DomainName=blue)


def test_a_domain_is_made_with_the_tags_that_a_policy_asks_for(client_as):
    ann = client_as(
        {
            "Action": "profile:CreateDomain",
            "Condition": {"StringEquals": {"aws:RequestTag/Team": "blue"}},
        }
    )
    name = f"new-{uuid.uuid4().hex}"

    _refusal(ann.create_domain, DomainName=name, DefaultExpirationDays=1)
    _refusal(ann.create_domain, DomainName=name, DefaultExpirationDays=1, Tags={"team": "red"})
    made = ann.create_domain(DomainName=name, DefaultExpirationDays=1, Tags={"team": "blue"})
    assert made["Tags"] == {"team": "blue"}


def test_a_tag_in_other_letters_counts_only_where_the_exact_one_is_missing(
    client, client_as, red, arn_of
):
    client.tag_resource(resourceArn=arn_of(red), tags={"Team": "blue"})

    _refusal(client_as(BLUE).get_domain, DomainName=red)

    client.untag_resource(resourceArn=arn_of(red), tagKeys=["team"])
    assert client_as(BLUE).get_domain(DomainName=red)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"StringEquals": {"aws:username": "ann"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": "1"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2000-01-01"}}, False),
        ({"NumericGreaterThan": {"aws:EpochTime": "1000000000"}}, True),
        ({"Null": {"aws:TagKeys": "true"}}, True),
    ],
)
def test_a_request_has_the_keys_that_conditions_ask_for(client_as, domain, condition, holds):
    ann = client_as({"Condition": condition})

    if holds:
        assert ann.get_domain(DomainName=domain)
    else:
        _refusal(ann.get_domain, DomainName=domain)


def test_what_is_not_known_of_a_request_is_missing(invoke, caller, as_ann, domain):
    ann = replace(as_ann(caller, {"Condition": {"Null": {"aws:SourceIp": "true"}}}), source_ip=None)

    assert invoke("GetDomain", {"DomainName": domain}, ann)


def test_an_operation_that_is_not_built_is_refused_first(invoke, caller, as_ann):
    nobody = as_ann(caller, {"Action": "s3:*"})

    with pytest.raises(AccessDenied):
        invoke("CreateRecommender", {"DomainName": "d"}, nobody)
    with pytest.raises(BadRequest, match="does not offer"):
        invoke("CreateRecommender", {"DomainName": "d"}, as_ann(caller, {}))


def test_an_operation_without_http_is_judged_too(invoke, caller, as_ann):
    ann = as_ann(caller, {"Action": "profile:Sweep"})

    with pytest.raises(AccessDenied, match=r"profile:CountDeadLetters on resource: \*"):
        invoke("CountDeadLetters", {}, ann)


def test_puts_of_several_callers_are_judged_one_by_one(client, invoke, caller, as_ann, domain):
    client.put_profile_object_type(DomainName=domain, ObjectTypeName="Orders", **TYPE)
    callers = [caller, as_ann(caller, {}), as_ann(caller, {"Action": "s3:*"})] * 8
    results = {}

    def put(number):
        request = {
            "DomainName": domain,
            "ObjectTypeName": "Orders",
            "Object": f'{{"id": "{number}"}}',
        }
        try:
            results[number] = invoke("PutProfileObject", request, callers[number])
        except AccessDenied as error:
            results[number] = error

    threads = [threading.Thread(target=put, args=(number,)) for number in range(len(callers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    refused = {number for number, result in results.items() if isinstance(result, AccessDenied)}
    assert refused == {number for number in range(len(callers)) if number % 3 == 2}
    assert client.get_domain(DomainName=domain)["Stats"]["ProfileCount"] == 16


def test_tags_stay_as_they_are_while_somebody_decides_by_them(database, client_as, blue, settings):
    ann = client_as(BLUE)
    create = threading.Thread(target=ann.create_profile, kwargs={"DomainName": blue})
    with database.transaction() as transaction:
        locks.own_tags(transaction, settings.account_id, blue).rows()
        create.start()
        while not _waits_for_tags(database):
            assert create.is_alive()
    create.join()

    assert ann.get_domain(DomainName=blue)["Stats"]["ProfileCount"] == 1


def _waits_for_tags(database):
    with database.reading() as transaction:
        return transaction.row(
            "select 1 from pg_locks where locktype = 'advisory' and not granted"
            " and database = (select oid from pg_database where datname = current_database())"
        )
