"""Something for requests to be about."""

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

DOMAIN = "fuzz"


def make_world(client: "CustomerProfilesClient") -> dict[str, Any]:
    """Names that exist, by member."""
    # From nothing, as a request may have changed any of it.
    with suppress(ClientError):
        client.delete_domain(DomainName=DOMAIN)
    client.create_domain(DomainName=DOMAIN, DefaultExpirationDays=366)
    client.put_profile_object_type(
        DomainName=DOMAIN,
        ObjectTypeName="person",
        Description="People",
        AllowProfileCreation=True,
        Fields={
            "id": {"Source": "_source.id"},
            "phone": {"Source": "_source.phone", "Target": "_profile.PhoneNumber"},
            "name": {"Source": "{{_source.first}} {{_source.last}}", "Target": "_profile.LastName"},
            "born": {"Source": "_source.born", "Target": "_profile.BirthDate"},
        },
        Keys={
            "personId": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["id"]}],
            "_phone": [{"FieldNames": ["phone"]}],
        },
    )
    put = client.put_profile_object(
        DomainName=DOMAIN, ObjectTypeName="person", Object=json.dumps({"id": "1", "phone": "+49"})
    )
    found = client.search_profiles(DomainName=DOMAIN, KeyName="personId", Values=["1"])["Items"]
    return {
        "DomainName": DOMAIN,
        "ObjectTypeName": "person",
        "ProfileId": found[0]["ProfileId"],
        "MainProfileId": found[0]["ProfileId"],
        "ProfileObjectUniqueKey": put["ProfileObjectUniqueKey"],
        "KeyName": "_phone",
        "TemplateId": "CTR",
        "resourceArn": f"arn:aws:profile:us-east-1:000000000000:domains/{DOMAIN}",
        "EventSourceName": "shop",
    }
