"""Object types are defined, replaced, shown and listed (core reference §2.2)."""

from datetime import UTC, datetime, timedelta

import pytest

from openprofiles.core import paging

TEMPLATE_KEYS = {"_ctrContactId", "_ctrInferredPhone"}


def test_a_new_type_is_returned_as_defined(put_type, basic):
    answer = put_type(
        **basic,
        Description="Orders of the shop",
        ExpirationDays=30,
        EncryptionKey="arn:aws:kms:us-east-1:000000000000:key/1",
        SourceLastUpdatedTimestampFormat="EpochMilli",
        MaxProfileObjectCount=100,
        SourcePriority=2,
        Tags={"team": "crm"},
    )

    assert answer["ObjectTypeName"] == "Orders"
    assert answer["Description"] == "Orders of the shop"
    assert answer["Fields"] == basic["Fields"]
    assert answer["Keys"] == basic["Keys"]
    assert answer["AllowProfileCreation"] is True
    assert answer["ExpirationDays"] == 30
    assert answer["EncryptionKey"].endswith("key/1")
    assert answer["SourceLastUpdatedTimestampFormat"] == "EpochMilli"
    assert (answer["MaxProfileObjectCount"], answer["SourcePriority"]) == (100, 2)
    assert answer["MaxAvailableProfileObjectCount"] == 900
    assert answer["Tags"] == {"team": "crm"}
    assert answer["CreatedAt"] == answer["LastUpdatedAt"]
    assert abs(datetime.now(UTC) - answer["CreatedAt"]) < timedelta(minutes=1)


def test_get_returns_what_put_did(client, domain, put_type, basic):
    put = put_type(**basic, Tags={"team": "crm"})

    shown = client.get_profile_object_type(DomainName=domain, ObjectTypeName="Orders")

    assert _without_metadata(shown) == _without_metadata(put)


def test_profiles_are_not_created_unless_allowed(put_type, basic):
    del basic["AllowProfileCreation"]

    answer = put_type(**basic)

    assert answer["AllowProfileCreation"] is False
    assert "TemplateId" not in answer


def test_the_order_of_keys_is_kept(client, domain, put_type, basic):
    names = ["zeta", "alpha", "mid"]
    fields = {name: {"Source": f"_source.{name}"} for name in names}
    keys = {name: [{"StandardIdentifiers": [], "FieldNames": [name]}] for name in names}
    put_type(
        **{
            **basic,
            "Fields": {**fields, **basic["Fields"]},
            "Keys": {**keys, **basic["Keys"]},
        }
    )

    shown = client.get_profile_object_type(DomainName=domain, ObjectTypeName="Orders")

    assert list(shown["Keys"]) == [*names, *basic["Keys"]]
    assert list(shown["Fields"]) == [*names, *basic["Fields"]]


def test_a_second_put_replaces_the_type_wholly(put_type, basic, clock):
    first = put_type(**basic, ExpirationDays=30, Tags={"team": "crm"})
    clock.turn(hours=1)
    basic["Fields"]["account"]["Source"] = "_source.number"

    second = put_type(**basic, Description="changed", Tags={"other": "x"})

    assert second["Description"] == "changed"
    assert second["Fields"] == basic["Fields"]
    assert "ExpirationDays" not in second
    assert second["Tags"] == {"team": "crm"}
    assert second["CreatedAt"] == first["CreatedAt"]
    assert second["LastUpdatedAt"] > first["LastUpdatedAt"]


def test_a_type_of_a_template_has_its_fields_and_keys(client, put_type):
    answer = put_type(TemplateId="CTR", ExpirationDays=7, MaxProfileObjectCount=5, SourcePriority=1)

    template = client.get_profile_object_type_template(TemplateId="CTR")
    assert answer["TemplateId"] == "CTR"
    assert answer["AllowProfileCreation"] is True
    assert answer["Keys"].keys() == TEMPLATE_KEYS
    for member in ("Fields", "Keys", "SourceLastUpdatedTimestampFormat"):
        assert answer[member] == template[member]


def test_a_missing_type_is_not_found(client, domain):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as failure:
        client.get_profile_object_type(DomainName=domain, ObjectTypeName="Nothing")

    message = failure.value.response["Error"]["Message"]
    assert message == f"Profile object type Nothing not found in domain {domain}"


def test_an_implicit_type_is_not_shown(client, domain):
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_profile_object_type(DomainName=domain, ObjectTypeName="CTR")

    assert client.list_profile_object_types(DomainName=domain)["Items"] == []


def test_a_missing_domain_is_not_found(client):
    calls = [
        lambda: client.put_profile_object_type(
            DomainName="nowhere", ObjectTypeName="_wrong", Description="d"
        ),
        lambda: client.get_profile_object_type(DomainName="nowhere", ObjectTypeName="T"),
        lambda: client.list_profile_object_types(DomainName="nowhere"),
        lambda: client.detect_profile_object_type(DomainName="nowhere", Objects=["{"]),
    ]
    for call in calls:
        with pytest.raises(client.exceptions.ResourceNotFoundException) as failure:
            call()

        assert failure.value.response["Error"]["Message"] == "Domain nowhere does not exist"


def test_types_are_listed_by_name_without_fields_and_keys(client, domain, put_type, basic):
    for name in ("b", "a", "c"):
        put_type(name, **basic, Tags={"name": name}, SourcePriority=3)

    items = client.list_profile_object_types(DomainName=domain)["Items"]

    assert [item["ObjectTypeName"] for item in items] == ["a", "b", "c"]
    assert [item["Tags"] for item in items] == [{"name": name} for name in "abc"]
    assert items[0]["Description"] == "a type"
    assert items[0]["SourcePriority"] == 3
    assert items[0]["MaxAvailableProfileObjectCount"] == 1000
    assert not {"Fields", "Keys", "AllowProfileCreation"} & items[0].keys()


def test_types_are_listed_in_pages(client, domain, put_type, basic):
    for number in range(5):
        put_type(f"t{number}", **basic)

    pages, token = [], None
    while True:
        page = client.list_profile_object_types(
            DomainName=domain, MaxResults=2, **({"NextToken": token} if token else {})
        )
        pages.append([item["ObjectTypeName"] for item in page["Items"]])
        token = page.get("NextToken")
        if token is None:
            break

    assert pages == [["t0", "t1"], ["t2", "t3"], ["t4"]]


def test_a_token_of_another_list_is_refused(client, domain):
    templates = client.list_profile_object_type_templates(MaxResults=1)

    with pytest.raises(client.exceptions.BadRequestException):
        client.list_profile_object_types(DomainName=domain, NextToken=templates["NextToken"])


@pytest.mark.parametrize("cursor", [5, "\0"])
def test_a_token_with_a_foreign_cursor_is_refused(client, cursor):
    token = paging.encode(("ListProfileObjectTypeTemplates",), cursor, datetime.now(UTC))

    with pytest.raises(client.exceptions.BadRequestException):
        client.list_profile_object_type_templates(NextToken=token)


def test_types_of_one_domain_are_not_those_of_another(client, domain, put_type, basic):
    other = f"{domain}-other"[-64:]
    client.create_domain(DomainName=other, DefaultExpirationDays=1)
    put_type(**basic)

    assert client.list_profile_object_types(DomainName=other)["Items"] == []


def test_a_type_can_be_tagged(client, domain, settings, put_type, basic):
    put_type(**basic, Tags={"team": "crm"})
    arn = (
        f"arn:aws:profile:{settings.region}:{settings.account_id}"
        f":domains/{domain}/object-types/Orders"
    )

    client.tag_resource(resourceArn=arn, tags={"more": "x"})

    shown = client.get_profile_object_type(DomainName=domain, ObjectTypeName="Orders")
    assert shown["Tags"] == {"team": "crm", "more": "x"}


def test_tags_go_with_their_type(client, domain, put_type, basic):
    put_type(**basic, Tags={"team": "crm"})
    client.delete_profile_object_type(DomainName=domain, ObjectTypeName="Orders")

    assert put_type(**basic)["Tags"] == {}


def test_the_data_of_an_implicit_type_can_be_deleted(client, domain):
    answer = client.delete_profile_object_type(DomainName=domain, ObjectTypeName="CTR")

    assert answer["Message"] == "OK"


def test_a_deleted_type_is_gone(client, domain, put_type, basic):
    put_type(**basic)

    client.delete_profile_object_type(DomainName=domain, ObjectTypeName="Orders")

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_profile_object_type(DomainName=domain, ObjectTypeName="Orders")


def test_templates_are_listed_in_pages(client):
    first = client.list_profile_object_type_templates(MaxResults=30)
    second = client.list_profile_object_type_templates(NextToken=first["NextToken"])

    ids = [item["TemplateId"] for item in (*first["Items"], *second["Items"])]
    assert len(ids) == 39
    assert ids == sorted(ids)
    assert second.get("NextToken") is None
    assert first["Items"][0].keys() == {"TemplateId", "SourceName", "SourceObject"}


def test_a_template_is_shown_with_fields_and_keys(client):
    shown = client.get_profile_object_type_template(TemplateId="Zendesk-users")

    assert (shown["SourceName"], shown["SourceObject"]) == ("Zendesk", "users")
    assert shown["AllowProfileCreation"] is True
    assert set(shown["Keys"]) == {"_zendeskUserId", "_zendeskExternalId"}
    assert "DefaultMaxProfileObjectCount" not in shown


def test_a_missing_template_is_not_found(client):
    with pytest.raises(client.exceptions.ResourceNotFoundException) as failure:
        client.get_profile_object_type_template(TemplateId="zendesk-users")

    assert "zendesk-users" in failure.value.response["Error"]["Message"]


def _without_metadata(answer):
    return {member: value for member, value in answer.items() if member != "ResponseMetadata"}
