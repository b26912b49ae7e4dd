"""What the tests of object types share: small definitions that tests change where it matters."""

from copy import deepcopy

import pytest

BASIC = {
    "Fields": {
        "account": {"Source": "_source.account", "Target": "_profile.AccountNumber"},
        "email": {"Source": "_source.email", "ContentType": "EMAIL_ADDRESS"},
    },
    "Keys": {
        "_account": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["account"]}],
        "_email": [{"StandardIdentifiers": [], "FieldNames": ["email"]}],
    },
    "AllowProfileCreation": True,
}


@pytest.fixture
def basic():
    """The members of a valid type: a UNIQUE PROFILE key and a search-only key."""
    return deepcopy(BASIC)


@pytest.fixture
def put_type(client, domain):
    """Define an object type, `Orders` unless said otherwise."""

    def put(name="Orders", **members):
        return client.put_profile_object_type(
            DomainName=domain, ObjectTypeName=name, **{"Description": "a type", **members}
        )

    return put


@pytest.fixture
def refusal(client, put_type):
    """The sentence with which a definition is refused as a bad request."""

    def refuse(name="Orders", **members):
        with pytest.raises(client.exceptions.BadRequestException) as failure:
            put_type(name, **members)
        return failure.value.response["Error"]["Message"]

    return refuse
