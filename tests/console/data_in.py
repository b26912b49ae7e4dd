"""What tests of pages of data in share: types, records, and words for what is done."""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openprofiles.core.operation import Answer, Caller, Invoke

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

CUSTOMER: Any = {
    "Fields": {
        "id": {"Source": "_source.id", "Target": "_profile.AccountNumber"},
        "name": {"Source": "_source.name", "Target": "_profile.FirstName"},
        "mail": {
            "Source": "_source.mail",
            "Target": "_profile.EmailAddress",
            "ContentType": "EMAIL_ADDRESS",
        },
    },
    "Keys": {
        "customerId": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["id"]}],
    },
    "AllowProfileCreation": True,
}
ORDER: Any = {
    "Fields": {"id": {"Source": "_source.id"}, "mail": {"Source": "_source.mail"}},
    "Keys": {
        "order": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["id"]}],
        "_email": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["mail"]}],
    },
}
NO_PROFILE = "No profile found for the keys of this object"
FLOW_KEY = "arn:aws:kms:us-east-1:111122223333:key/one"


@dataclass(frozen=True)
class Shop:
    """A domain whose customers and orders come in."""

    client: "CustomerProfilesClient"
    name: str
    invoke: Invoke
    caller: Caller

    def define(self) -> None:
        """Have the types Customer and Order."""
        for name, definition in (("Customer", CUSTOMER), ("Order", ORDER)):
            self.client.put_profile_object_type(
                DomainName=self.name, ObjectTypeName=name, Description=name, **definition
            )

    def put(self, object_type: str, **members: Any) -> None:
        """Put an object."""
        self.client.put_profile_object(
            DomainName=self.name, ObjectTypeName=object_type, Object=json.dumps(members)
        )

    def ask(self, operation: str, **parameters: Any) -> Answer:
        """What an operation of the domain answers."""
        return self.invoke(operation, {"DomainName": self.name, **parameters}, self.caller)

    def rejected(self) -> list[Any]:
        """The rejected objects, the newest first."""
        items: list[Any] = self.ask("ListRejectedObjects")["Items"]
        return items

    def flow(self, bucket: str) -> str:
        """Make an integration of a bucket; its Uri."""
        made = self.client.put_integration(
            DomainName=self.name, ObjectTypeName="Customer", FlowDefinition=self.flow_of(bucket)
        )
        return made["Uri"]

    def flow_of(self, bucket: str) -> Any:
        """A FlowDefinition of a bucket, of a name that is not taken."""
        return {
            "FlowName": f"flow-{uuid.uuid4().hex}",
            "KmsArn": FLOW_KEY,
            "SourceFlowConfig": {
                "ConnectorType": "S3",
                "SourceConnectorProperties": {"S3": {"BucketName": bucket}},
            },
            "Tasks": [],
            "TriggerConfig": {"TriggerType": "OnDemand"},
        }

    def connect(self, folder: Path, name: str = "folder") -> None:
        """Make a connection to the folders below a folder."""
        settings = {"url": f"file://{folder}", "bucket_name": "drop"}
        self.ask("PutConnection", Name=name, Kind="S3", Settings=settings)
