"""The domain of the invented company: how it matches, what its sources mean, where they are."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openprofiles.demo import sources

COMPANY = "Harbour & Pine"
TAG, FILLING, FILLED = "openprofiles-demo", "filling", "filled"
"""The tag that says of a domain that it is ours, and how far it is."""

TEMPLATES = {
    sources.CONTACT: "Contacts, as sales keeps them in Salesforce",
    sources.ASSET: "What contacts own, from Salesforce",
    sources.TICKET: "Tickets of the help desk, from Zendesk",
    sources.CUSTOMER: "Customers of the shop, from Shopify",
    sources.ORDER: "Orders of the shop, from Shopify",
}
CALLS_TEMPLATE = "CTR-AutoAssociateOnly"

RULES: dict[str, Any] = {
    "Enabled": True,
    "MatchingRules": [
        {"Rule": ["EmailAddress", "PhoneNumber", "LastName"]},
        {"Rule": ["EmailAddress", "LastName"]},
        {"Rule": ["PhoneNumber", "FirstName"]},
    ],
    "MaxAllowedRuleLevelForMatching": 3,
    "MaxAllowedRuleLevelForMerging": 1,
    "ConflictResolution": {"ConflictResolvingModel": "RECENCY"},
    "AttributeTypesSelector": {
        "AttributeMatchingModel": "MANY_TO_MANY",
        "PhoneNumber": ["PhoneNumber", "MobilePhoneNumber"],
        "EmailAddress": ["EmailAddress"],
    },
}
MATCHING: dict[str, Any] = {
    "Enabled": True,
    "JobSchedule": {"DayOfTheWeek": "SUNDAY", "Time": "02:00"},
    "AutoMerging": {
        "Enabled": True,
        "Consolidation": {
            "MatchingAttributesList": [["EmailAddress", "FirstName", "LastName"]],
        },
        "ConflictResolution": {"ConflictResolvingModel": "RECENCY"},
        "MinAllowedConfidenceScoreForMerging": 0.995,
    },
}

_TYPES = {"email": "EMAIL_ADDRESS", "phone": "PHONE_NUMBER", "name": "NAME"}


def _field(source: str, target: str | None, kind: str = "") -> dict[str, str]:
    made = {"Source": f"_source.{source}", "ContentType": _TYPES.get(kind, "STRING")}
    return made if target is None else {**made, "Target": target}


MEMBERS: dict[str, Any] = {
    "Description": "Members of the loyalty programme, from the file that the tills write",
    "AllowProfileCreation": True,
    "SourceLastUpdatedTimestampFormat": "yyyy-MM-dd'T'HH:mm:ssX",
    "Fields": {
        "card": _field("card", "_profile.Attributes.loyaltyCard"),
        "tier": _field("tier", "_profile.Attributes.loyaltyTier"),
        "points": _field("points", "_profile.Attributes.loyaltyPoints"),
        "firstName": _field("first_name", "_profile.FirstName", "name"),
        "lastName": _field("last_name", "_profile.LastName", "name"),
        "birthDate": _field("birth_date", "_profile.BirthDate"),
        "email": _field("email", "_profile.EmailAddress", "email"),
        "phone": _field("phone", "_profile.PhoneNumber", "phone"),
        "street": _field("street", "_profile.Address.Address1"),
        "city": _field("city", "_profile.Address.City"),
        "postalCode": _field("postal_code", "_profile.Address.PostalCode"),
        "country": _field("country", "_profile.Address.Country"),
        "updated": _field("updated", "_profile.SourceLastUpdatedTimestamp"),
    },
    "Keys": {
        "loyaltyCard": [{"StandardIdentifiers": ["PROFILE", "UNIQUE"], "FieldNames": ["card"]}],
    },
}
"""An object type of the company's own making, for a file without a template."""

WARRANTIES: dict[str, Any] = {
    "Description": "Registrations of machines on the company's page; their e-mail names a customer",
    "AllowProfileCreation": False,
    "Fields": {
        "registration": _field("registration", "_asset.Attributes.registration"),
        "product": _field("product", "_asset.AssetName"),
        "serial": _field("serial", "_asset.SerialNumber"),
        "sku": _field("sku", "_asset.ProductSKU"),
        "bought": _field("bought", "_asset.PurchaseDate"),
        "email": _field("email", None, "email"),
    },
    "Keys": {
        "registration": [
            {"StandardIdentifiers": ["ASSET", "UNIQUE"], "FieldNames": ["registration"]}
        ],
        "_email": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["email"]}],
    },
}


def users_after(template: Mapping[str, Any]) -> dict[str, Any]:
    """The type for users of the help desk: what the template `Zendesk-users` has, and the names
    that the company keeps in fields of its own there.
    """
    names = {
        "firstName": _field("user_fields.first_name", "_profile.FirstName", "name"),
        "lastName": _field("user_fields.last_name", "_profile.LastName", "name"),
    }
    return {
        "Description": "Users of the help desk, from Zendesk, with the company's own fields",
        "AllowProfileCreation": template["AllowProfileCreation"],
        "SourceLastUpdatedTimestampFormat": template["SourceLastUpdatedTimestampFormat"],
        "Fields": {**template["Fields"], **names},
        "Keys": template["Keys"],
    }


MEMBERS_BUCKET, CALLS_BUCKET = "loyalty-exports", "contact-records"
FILES = "till-exports"
"""The connection to the folder with the files of the tills."""


def instance_of(domain: str) -> str:
    """The id of the contact centre's instance; the connection to its records is called like it.

    Two domains of an account cannot pull one instance.
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, domain))


def connections(domain: str, folder: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Kind and settings of each connection; only those to folders lead anywhere."""
    drops = folder.resolve().as_uri()
    return {
        FILES: ("S3", {"url": drops}),
        instance_of(domain): ("ContactRecords", {"url": drops, "bucket_name": CALLS_BUCKET}),
        "salesforce": (
            "Salesforce",
            {
                "instance_url": "https://harbour-pine.my.salesforce.example.com",
                "client_id": "demo",
                "client_secret": "nothing-is-reached-with-it",
            },
        ),
        "helpdesk": (
            "Zendesk",
            {
                "instance_url": "https://harbour-pine.zendesk.example.com",
                "email": "integrations@example.com",
                "api_token": "nothing-is-reached-with-it",
            },
        ),
    }


def members_flow_name(domain: str) -> str:
    """What the flow is called; two of an account cannot have one name."""
    return f"{domain}-loyalty-members"


def members_flow(domain: str) -> dict[str, Any]:
    """Pulls the files that the tills write."""
    return _flow(
        members_flow_name(domain),
        "S3",
        {"S3": {"BucketName": MEMBERS_BUCKET}},
        sources.MEMBER_COLUMNS,
        connection=FILES,
    )


def returns_flow(domain: str) -> dict[str, Any]:
    """Pulls a folder that nobody has made: its run fails, and says why."""
    return _flow(
        f"{domain}-returns",
        "S3",
        {"S3": {"BucketName": "returns"}},
        ("id", "email", "reason"),
        connection=FILES,
    )


def contacts_flow(domain: str) -> dict[str, Any]:
    """Would pull contacts of Salesforce, when somebody asks for it."""
    return _flow(
        f"{domain}-salesforce-contacts",
        "Salesforce",
        {"Salesforce": {"Object": "Contact"}},
        ("Id", "FirstName", "LastName", "Email", "MobilePhone", "LastModifiedDate"),
        connection="salesforce",
    )


def _flow(
    name: str,
    kind: str,
    properties: dict[str, Any],
    columns: tuple[str, ...],
    *,
    connection: str,
) -> dict[str, Any]:
    return {
        "FlowName": name,
        "KmsArn": "arn:aws:kms:us-east-1:000000000000:key/demo",
        "SourceFlowConfig": {
            "ConnectorType": kind,
            "ConnectorProfileName": connection,
            "SourceConnectorProperties": properties,
        },
        "Tasks": [
            {
                "TaskType": "Filter",
                "SourceFields": list(columns),
                "ConnectorOperator": {kind: "PROJECTION"},
            },
            *(
                {
                    "TaskType": "Map",
                    "SourceFields": [column],
                    "DestinationField": column,
                    "TaskProperties": {},
                    "ConnectorOperator": {kind: "NO_OP"},
                }
                for column in columns
            ),
        ],
        "TriggerConfig": {"TriggerType": "OnDemand"},
    }
