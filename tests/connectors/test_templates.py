"""What is pulled fits the predefined templates: a record of each vendor becomes a profile."""

import json
from typing import Any

import pytest

from openprofiles.connectors import Connector, Pull
from tests.connectors import (
    test_marketo,
    test_salesforce,
    test_servicenow,
    test_shopify,
    test_zendesk,
)
from tests.connectors.fakes.marketo import FakeMarketo
from tests.connectors.fakes.salesforce import FakeSalesforce
from tests.connectors.fakes.servicenow import FakeServiceNow
from tests.connectors.fakes.shopify import FakeShopify
from tests.connectors.fakes.zendesk import FakeZendesk


class Profiles:
    """A domain that takes what is pulled through a template."""

    def __init__(self, client: Any, domain: str) -> None:
        self.client = client
        self.domain = domain

    def take(self, connector: Connector, pull: Pull, template: str) -> None:
        self.client.put_profile_object_type(
            DomainName=self.domain, ObjectTypeName=template, Description="-", TemplateId=template
        )
        for page in connector.read(pull):
            for record in page.records:
                self.client.put_profile_object(
                    DomainName=self.domain, ObjectTypeName=template, Object=json.dumps(record)
                )
        connector.close()

    def find(self, key: str, value: str) -> dict[str, Any]:
        found = self.client.search_profiles(DomainName=self.domain, KeyName=key, Values=[value])
        (profile,) = found["Items"]
        return profile

    def objects(self, key: str, value: str, template: str) -> list[dict[str, Any]]:
        profile_id = self.find(key, value)["ProfileId"]
        found = self.client.list_profile_objects(
            DomainName=self.domain, ObjectTypeName=template, ProfileId=profile_id
        )
        return [json.loads(item["Object"]) for item in found["Items"]]


@pytest.fixture
def profiles(client, domain) -> Profiles:
    return Profiles(client, domain)


def test_an_account_of_salesforce(profiles):
    with FakeSalesforce() as vendor:
        address = {"street": "1 Main St", "city": "Springfield", "postalCode": "10001"}
        vendor.types["Account"] |= {"PersonMailingAddress": "address", "PersonEmail": "email"}
        test_salesforce.put(vendor, 1, PersonMailingAddress=address, PersonEmail="jane@example.com")
        connector = test_salesforce.opened(vendor)
        profiles.take(connector, test_salesforce.PULL, "Salesforce-Account")

    profile = profiles.find("_salesforceAccountId", "001001")

    assert profile["MailingAddress"]["PostalCode"] == "10001"
    assert profile["PersonalEmailAddress"] == "jane@example.com"


def test_a_user_and_a_task_of_servicenow(profiles):
    user = "5" * 32
    with FakeServiceNow() as vendor:
        given = {"first_name": "Jane", "email": "jane@example.com"}
        at = "2026-05-01 08:00:00"
        vendor.put("sys_user", sys_id=user, sys_updated_on=at, **given)
        test_servicenow.put(vendor, 1, opened_by=user, short_description="printer")
        connector = test_servicenow.opened(vendor)
        profiles.take(connector, test_servicenow.PULL, "Servicenow-sys_user")
        connector = test_servicenow.opened(vendor)
        profiles.take(connector, test_servicenow.TASKS, "Servicenow-task")

    assert profiles.find("_serviceNowSystemId", user)["FirstName"] == "Jane"
    (task,) = profiles.objects("_serviceNowSystemId", user, "Servicenow-task")
    assert task["short_description"] == "printer"


def test_a_user_and_a_ticket_of_zendesk(profiles):
    with FakeZendesk() as vendor:
        test_zendesk.put(vendor, "users", 7, email="jane@example.com")
        test_zendesk.put(vendor, "tickets", 9, requester_id=7, subject="printer")
        profiles.take(test_zendesk.opened(vendor), test_zendesk.USERS, "Zendesk-users")
        profiles.take(test_zendesk.opened(vendor), test_zendesk.TICKETS, "Zendesk-tickets")

    assert profiles.find("_zendeskUserId", "7")["EmailAddress"] == "jane@example.com"
    (ticket,) = profiles.objects("_zendeskUserId", "7", "Zendesk-tickets")
    assert ticket["subject"] == "printer"


def test_a_lead_of_marketo(profiles):
    with FakeMarketo() as vendor:
        test_marketo.put(vendor, 7, firstName="Jane", email="jane@example.com")
        profiles.take(test_marketo.opened(vendor), test_marketo.PULL, "Marketo-leads")

    profile = profiles.find("_marketoLeadId", "7")

    assert profile["FirstName"] == "Jane"
    assert profile["EmailAddress"] == "jane@example.com"


def test_a_customer_and_an_order_of_shopify(profiles):
    with FakeShopify() as vendor:
        email = {"emailAddress": "jane@example.com"}
        test_shopify.put(vendor, "customers", 7, firstName="Jane", defaultEmailAddress=email)
        test_shopify.put(vendor, "orders", 9, **test_shopify.order())
        profiles.take(test_shopify.opened(vendor), test_shopify.CUSTOMERS, "Shopify-Customer")
        profiles.take(test_shopify.opened(vendor), test_shopify.ORDERS, "Shopify-Order")

    assert profiles.find("_shopifyCustomerId", "7")["EmailAddress"] == "jane@example.com"
    (order,) = profiles.objects("_shopifyCustomerId", "7", "Shopify-Order")
    assert test_shopify.payload(order)["total_price"] == "20.00"
