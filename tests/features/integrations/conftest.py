"""Integrations of a domain, and what is put into them."""

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

KMS = "arn:aws:kms:us-east-1:111122223333:key/one"
CUSTOMERS: Any = {
    "Fields": {
        "id": {"Source": "_source.id", "Target": "_profile.AccountNumber"},
        "mail": {
            "Source": "_source.mail",
            "Target": "_profile.EmailAddress",
            "ContentType": "EMAIL_ADDRESS",
        },
        "name": {"Source": "_source.name", "Target": "_profile.LastName", "ContentType": "NAME"},
    },
    "Keys": {
        "customerId": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["id"]}],
    },
}


def flow(**changes: Any) -> Any:
    """A FlowDefinition of a bucket, with other members."""
    return {
        "FlowName": f"flow-{uuid.uuid4().hex}",
        "KmsArn": KMS,
        "SourceFlowConfig": {
            "ConnectorType": "S3",
            "SourceConnectorProperties": {"S3": {"BucketName": "drop", "BucketPrefix": "in"}},
        },
        "Tasks": [],
        "TriggerConfig": {"TriggerType": "OnDemand"},
        **changes,
    }


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    """The error that a call is answered with: its code, its message."""
    with pytest.raises(ClientError) as failure:
        call(**request)
    error = failure.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def customers(client: "CustomerProfilesClient", domain: str) -> str:
    """A domain with an object type `customers`."""
    client.put_profile_object_type(
        DomainName=domain, ObjectTypeName="customers", Description="Customers", **CUSTOMERS
    )
    return domain


@pytest.fixture
def uri() -> str:
    """A Uri that no other test uses."""
    return f"arn:aws:app-integrations:us-east-1:1:event-integration/{uuid.uuid4().hex}"
