"""PutIntegration and those that look at integrations (core reference §9.1)."""

import uuid

import pytest

from openprofiles.core import paging
from tests.features.integrations.conftest import flow, refusal


def without_metadata(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_an_integration_is_made_by_its_uri_and_shown(client, customers, uri):
    role = "arn:aws:iam::111122223333:role/reader"

    made = client.put_integration(
        DomainName=customers,
        Uri=uri,
        ObjectTypeName="customers",
        RoleArn=role,
        EventTriggerNames=["vip"],
        Tags={"team": "crm"},
    )

    assert without_metadata(made) == {
        "DomainName": customers,
        "Uri": uri,
        "ObjectTypeName": "customers",
        "RoleArn": role,
        "EventTriggerNames": ["vip"],
        "Scope": "PROFILE",
        "IsUnstructured": False,
        "Tags": {"team": "crm"},
        "CreatedAt": made["CreatedAt"],
        "LastUpdatedAt": made["CreatedAt"],
    }
    shown = client.get_integration(DomainName=customers, Uri=uri)
    assert without_metadata(shown) == without_metadata(made)


def test_an_integration_is_changed_and_keeps_its_tags(client, customers, uri):
    client.put_integration(
        DomainName=customers, Uri=uri, ObjectTypeName="customers", Tags={"team": "crm"}
    )

    client.put_integration(
        DomainName=customers,
        Uri=uri,
        ObjectTypeNames={"ShopifyCreateCustomers": "Shopify-Customer"},
        Tags={"team": "other", "more": "yes"},
    )

    shown = client.get_integration(DomainName=customers, Uri=uri)
    assert "ObjectTypeName" not in shown
    assert shown["ObjectTypeNames"] == {"ShopifyCreateCustomers": "Shopify-Customer"}
    assert shown["Tags"] == {"team": "crm"}
    assert shown["LastUpdatedAt"] > shown["CreatedAt"]


def test_a_flow_gets_the_uri_that_appflow_would_give_it(client, customers, settings):
    definition = flow()

    made = client.put_integration(
        DomainName=customers, ObjectTypeName="customers", FlowDefinition=definition
    )

    account = f"{settings.region}:{settings.account_id}"
    assert made["Uri"] == f"arn:aws:appflow:{account}:flow/{definition['FlowName']}"
    assert "FlowDefinition" not in client.get_integration(DomainName=customers, Uri=made["Uri"])


def test_the_name_of_a_flow_is_taken_once(client, customers):
    request = {
        "DomainName": customers,
        "ObjectTypeName": "customers",
        "FlowDefinition": flow(FlowName="crm-customers"),
    }
    client.put_integration(**request)

    assert refusal(client.put_integration, **request) == (
        "BadRequestException",
        "Flow with name crm-customers already exists.",
    )


def test_a_flow_can_be_pointed_at_another_type_by_its_uri(client, customers):
    made = client.put_integration(
        DomainName=customers, ObjectTypeName="customers", FlowDefinition=flow()
    )

    changed = client.put_integration(
        DomainName=customers, Uri=made["Uri"], ObjectTypeName="Salesforce-Account"
    )

    assert changed["ObjectTypeName"] == "Salesforce-Account"
    assert changed["CreatedAt"] == made["CreatedAt"]


@pytest.mark.parametrize("given", [{}, {"Uri": "a", "FlowDefinition": flow()}])
def test_either_a_uri_or_a_flow_is_given(client, customers, given):
    code, message = refusal(
        client.put_integration, DomainName=customers, ObjectTypeName="customers", **given
    )

    assert code == "BadRequestException"
    assert "Either Uri or FlowDefinition" in message


def test_an_object_type_must_be_given(client, customers, uri):
    code, message = refusal(client.put_integration, DomainName=customers, Uri=uri)

    assert code == "BadRequestException"
    assert "ObjectTypeName" in message


@pytest.mark.parametrize(
    "given",
    [
        {"Uri": "arn:aws:connect-campaigns:us-east-1:1:instance/0"},
        {"Uri": "arn:aws:s3:::catalogue", "Scope": "DOMAIN"},
    ],
    ids=["campaigns", "catalogue"],
)
def test_campaigns_and_what_belongs_to_no_profile_need_no_object_type(client, domain, given):
    made = client.put_integration(DomainName=domain, **given)

    assert made["Scope"] == given.get("Scope", "PROFILE")
    client.delete_integration(DomainName=domain, Uri=given["Uri"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ObjectTypeName": "missing"}, "ResourceNotFoundException"),
        ({"ObjectTypeNames": {"SegmentIdentify": "missing"}}, "ResourceNotFoundException"),
        ({"ObjectTypeName": "_profile"}, "BadRequestException"),
    ],
)
def test_an_object_type_must_be_one_that_takes_objects(client, domain, uri, given, code):
    assert refusal(client.put_integration, DomainName=domain, Uri=uri, **given)[0] == code


def test_records_without_a_type_are_unstructured(client, domain, uri):
    made = client.put_integration(DomainName=domain, Uri=uri, ObjectTypeName="_unstructured")

    assert made["IsUnstructured"] is True


def test_a_flow_that_was_made_elsewhere_is_unstructured(client, domain):
    uri = f"arn:aws:appflow:us-east-1:1:flow/{uuid.uuid4().hex}"

    made = client.put_integration(DomainName=domain, Uri=uri, ObjectTypeName="Salesforce-Account")

    assert made["IsUnstructured"] is True


def test_a_source_belongs_to_one_domain(client, customers, uri):
    client.put_integration(DomainName=customers, Uri=uri, ObjectTypeName="customers")
    other = f"domain-{uuid.uuid4().hex}"
    client.create_domain(DomainName=other, DefaultExpirationDays=1)

    code, message = refusal(
        client.put_integration, DomainName=other, Uri=uri, ObjectTypeName="Salesforce-Account"
    )

    assert code == "BadRequestException"
    assert "belongs to another domain" in message
    found = client.list_account_integrations(Uri=uri)["Items"]
    assert [item["DomainName"] for item in found] == [customers]


def test_a_deleted_domain_gives_its_sources_back(client, customers, uri):
    client.put_integration(DomainName=customers, Uri=uri, ObjectTypeName="customers")
    client.delete_domain(DomainName=customers)
    other = f"domain-{uuid.uuid4().hex}"
    client.create_domain(DomainName=other, DefaultExpirationDays=1)

    assert client.list_account_integrations(Uri=uri)["Items"] == []
    client.put_integration(DomainName=other, Uri=uri, ObjectTypeName="Salesforce-Account")


def test_a_domain_has_so_many_integrations_and_no_more(client_with, customers, uri):
    client = client_with(integrations_per_domain=2)
    for number in range(2):
        client.put_integration(
            DomainName=customers, Uri=f"{uri}-{number}", ObjectTypeName="customers"
        )

    code, message = refusal(
        client.put_integration, DomainName=customers, Uri=uri, ObjectTypeName="customers"
    )

    assert code == "BadRequestException"
    assert "2 integrations" in message
    client.put_integration(DomainName=customers, Uri=f"{uri}-0", ObjectTypeName="customers")


def test_what_is_missing_is_not_found(client, customers, uri):
    missing = "ResourceNotFoundException"

    assert refusal(client.get_integration, DomainName=customers, Uri=uri)[0] == missing
    assert refusal(client.delete_integration, DomainName=customers, Uri=uri)[0] == missing
    assert refusal(client.list_integrations, DomainName="nowhere")[0] == missing
    assert (
        refusal(client.put_integration, DomainName="nowhere", Uri=uri, ObjectTypeName="customers")[
            0
        ]
        == missing
    )


def test_a_deleted_integration_is_gone_with_its_tags(client, customers, uri):
    given = {"DomainName": customers, "Uri": uri, "ObjectTypeName": "customers"}
    client.put_integration(**given, Tags={"team": "crm"})

    assert client.delete_integration(DomainName=customers, Uri=uri)["Message"] == "OK"

    assert client.list_integrations(DomainName=customers)["Items"] == []
    assert client.put_integration(**given).get("Tags", {}) == {}


def test_integrations_are_listed_the_oldest_first(client, customers, uri):
    names = [f"{uri}-{number}" for number in (2, 0, 1)]
    for name in names:
        client.put_integration(DomainName=customers, Uri=name, ObjectTypeName="customers")

    first = client.list_integrations(DomainName=customers, MaxResults=2)
    second = client.list_integrations(
        DomainName=customers, MaxResults=2, NextToken=first["NextToken"]
    )

    assert [item["Uri"] for item in [*first["Items"], *second["Items"]]] == names
    assert "NextToken" not in second
    assert first["Items"][0]["ObjectTypeName"] == "customers"
    everything = client.list_integrations(DomainName=customers, IncludeHidden=True)
    assert len(everything["Items"]) == 3


def test_a_token_that_nobody_made_is_refused(client, customers, database, clock):
    with database.reading() as transaction:
        [(domain_id,)] = transaction.rows(
            "select domain_id from domains where name = %s", [customers]
        )
    token = paging.encode(("ListIntegrations", domain_id), "yesterday x", clock())

    code, _ = refusal(client.list_integrations, DomainName=customers, NextToken=token)

    assert code == "BadRequestException"


def test_the_integrations_of_an_account_are_paged(client, customers, uri):
    client.put_integration(DomainName=customers, Uri=uri, ObjectTypeName="customers")

    page = client.list_account_integrations(Uri=uri, MaxResults=1, IncludeHidden=True)

    assert [item["Uri"] for item in page["Items"]] == [uri]
    assert "NextToken" not in page


def test_an_integration_is_tagged_by_its_arn(client, customers, settings):
    uri = f"arn:aws:s3:::{uuid.uuid4().hex}"
    client.put_integration(DomainName=customers, Uri=uri, ObjectTypeName="customers")
    arn = (
        f"arn:aws:profile:{settings.region}:{settings.account_id}"
        f":domains/{customers}/integrations/{uri}"
    )

    client.tag_resource(resourceArn=arn, tags={"team": "crm", "old": "yes"})
    client.untag_resource(resourceArn=arn, tagKeys=["old"])

    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "crm"}
    assert client.get_integration(DomainName=customers, Uri=uri)["Tags"] == {"team": "crm"}
    assert (
        refusal(client.list_tags_for_resource, resourceArn=f"{arn}-other")[0]
        == "ResourceNotFoundException"
    )


def test_text_that_cannot_be_stored_is_refused(client, customers):
    definition = flow(Description="no\0thing")
    for given in ({"Uri": "a\0b"}, {"FlowDefinition": definition}):
        code, _ = refusal(
            client.put_integration, DomainName=customers, ObjectTypeName="customers", **given
        )
        assert code == "BadRequestException"
