"""Tags of domains and of what they hold, by ARN (core reference §10)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def arn(domain, settings):
    return f"arn:aws:profile:{settings.region}:{settings.account_id}:domains/{domain}"


@pytest.fixture
def type_arn(client, domain, arn):
    client.put_profile_object_type(
        DomainName=domain,
        ObjectTypeName="Orders",
        Description="orders",
        Fields={"id": {"Source": "_source.id", "Target": "_profile.AccountNumber"}},
        Keys={"id": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["id"]}]},
    )
    return f"{arn}/object-types/Orders"


def _tags(client, arn):
    return client.list_tags_for_resource(resourceArn=arn)["tags"]


def test_tags_are_added_and_overwritten_by_key(client, arn):
    client.tag_resource(resourceArn=arn, tags={"team": "crm", "cost-center:1/a_b.c+=;<,": "7"})

    client.tag_resource(resourceArn=arn, tags={"team": "sales", "Team": "", "empty": ""})

    assert _tags(client, arn) == {
        "team": "sales",
        "Team": "",
        "empty": "",
        "cost-center:1/a_b.c+=;<,": "7",
    }


def test_a_resource_without_tags_has_an_empty_map(client, arn):
    assert _tags(client, arn) == {}


def test_untag_removes_keys_and_ignores_unknown_ones(client, arn):
    client.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})

    client.untag_resource(resourceArn=arn, tagKeys=["a", "never-there"])

    assert _tags(client, arn) == {"b": "2"}


def test_tags_of_a_domain_show_in_the_domain(client, domain, arn):
    client.tag_resource(resourceArn=arn, tags={"team": "crm"})

    assert client.get_domain(DomainName=domain)["Tags"] == {"team": "crm"}


def test_an_object_type_has_tags_of_its_own(client, domain, arn, type_arn):
    client.tag_resource(resourceArn=type_arn, tags={"kind": "order"})

    assert _tags(client, type_arn) == {"kind": "order"}
    assert _tags(client, arn) == {}
    shown = client.get_profile_object_type(DomainName=domain, ObjectTypeName="Orders")
    assert shown["Tags"] == {"kind": "order"}


def test_a_resource_has_at_most_fifty_tags(client, arn):
    client.tag_resource(resourceArn=arn, tags={f"k{number}": "v" for number in range(50)})

    client.tag_resource(resourceArn=arn, tags={"k0": "again"})
    with pytest.raises(client.exceptions.BadRequestException) as failure:
        client.tag_resource(resourceArn=arn, tags={"one-more": "v"})

    assert "at most 50 tags" in failure.value.response["Error"]["Message"]
    assert len(_tags(client, arn)) == 50


def test_callers_at_the_same_time_cannot_pass_the_limit(client, arn):
    def tag(number):
        tags = {f"k{number}-{index}": "v" for index in range(20)}
        try:
            client.tag_resource(resourceArn=arn, tags=tags)
        except ClientError as failure:
            return failure.response["Error"]["Code"]
        return "tagged"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(tag, range(4)))

    assert answers == ["BadRequestException"] * 2 + ["tagged"] * 2
    assert len(_tags(client, arn)) == 40


@pytest.mark.parametrize(
    "suffix",
    [
        "object-types/Nothing",
        # A template works as a type without a definition, but there is nothing to tag.
        "object-types/CTR",
        "integrations/arn:aws:appflow:us-east-1:000000000000:flow/contacts",
        "calculated-attributes/total",
        "domain-object-types/Catalogue",
        "event-streams/stream",
        "event-triggers/trigger",
        "layouts/agent",
        "recommender-filters/filter",
        "recommender-schemas/schema",
        "recommenders/best",
        "segment-definitions/loyal",
    ],
)
def test_a_resource_that_does_not_exist_is_not_found(client, arn, suffix):
    for call in _calls(client, f"{arn}/{suffix}"):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            call()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "arn:aws:profile:us-east-1:{account}:domains/nowhere",
        "arn:aws:profile:us-east-1:999999999999:domains/{domain}",
        "arn:aws:profile:eu-west-1:{account}:domains/{domain}",
    ],
)
def test_what_is_not_here_is_not_found(client, domain, settings, elsewhere):
    for call in _calls(client, elsewhere.format(domain=domain, account=settings.account_id)):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            call()


@pytest.mark.parametrize(
    "malformed",
    [
        "crm",
        "arn:aws:s3:::bucket/key/and-so-on",
        "arn:aws:profile",
        "arn:aws:profiles:us-east-1:{account}:domains/{domain}",
        "arn:aws:profile:us-east-1:{account}:domain/{domain}",
        "arn:aws:profile:us-east-1:{account}:domains/",
        "arn:aws:profile:us-east-1:{account}:domains/{domain}/",
        "arn:aws:profile:us-east-1:{account}:domains/{domain}/object-types",
        "arn:aws:profile:us-east-1:{account}:domains/{domain}/object-types/",
        "arn:aws:profile:us-east-1:{account}:domains/{domain}/objects/Orders",
        "arn:aws:profile:us-east-1:{account}:domains/{domain}/profiles/1",
        "arn:aws:profile:us-east-1:{account}:domains/{domain}\0",
    ],
)
def test_a_malformed_or_untaggable_arn_is_refused(client, domain, settings, malformed):
    for call in _calls(client, malformed.format(domain=domain, account=settings.account_id)):
        with pytest.raises(client.exceptions.BadRequestException):
            call()


@pytest.mark.parametrize("key", ["aws:owner", "with blank", "at@sign", "ü"])
def test_a_key_outside_the_pattern_is_refused(client, arn, key):
    with pytest.raises(client.exceptions.BadRequestException):
        client.tag_resource(resourceArn=arn, tags={key: "v"})
    with pytest.raises(client.exceptions.BadRequestException):
        client.untag_resource(resourceArn=arn, tagKeys=[key])


def test_more_than_fifty_tags_in_one_call_are_refused(client, arn):
    with pytest.raises(client.exceptions.BadRequestException):
        client.tag_resource(resourceArn=arn, tags={f"k{number}": "v" for number in range(51)})


def test_a_value_that_cannot_be_stored_is_refused(client, arn):
    with pytest.raises(client.exceptions.BadRequestException):
        client.tag_resource(resourceArn=arn, tags={"key": "a\0b"})


def test_tags_go_with_their_object_type(client, domain, type_arn):
    client.tag_resource(resourceArn=type_arn, tags={"kind": "order"})

    client.delete_profile_object_type(DomainName=domain, ObjectTypeName="Orders")

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        _tags(client, type_arn)


def _calls(client, arn):
    yield lambda: client.tag_resource(resourceArn=arn, tags={"a": "1"})
    yield lambda: client.untag_resource(resourceArn=arn, tagKeys=["a"])
    yield lambda: client.list_tags_for_resource(resourceArn=arn)
