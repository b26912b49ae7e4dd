"""Constraint errors in AWS's words, all of them at once, without customers' values."""

from datetime import UTC, datetime

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.wire.model import operation_models, service_model
from openprofiles.wire.validating import validator_of
from tests.wire.bad_requests import breaks_of, valid_parameters
from tests.wire.examples import WORDS


def _validate(operation: str, parameters, *, thorough=False):
    return validator_of(service_model().operation_model(operation))(parameters, thorough=thorough)


def _message(operation: str, parameters, *, thorough=False) -> str:
    with pytest.raises(BadRequest) as failure:
        _validate(operation, parameters, thorough=thorough)
    return failure.value.message


@pytest.mark.parametrize(
    ("operation", "parameters", "message"),
    [
        (
            "GetDomain",
            {"DomainName": "a b"},
            "1 validation error detected: Value 'a b' at 'domainName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$",
        ),
        (
            "GetDomain",
            {"DomainName": "a\n"},
            "1 validation error detected: Value at 'domainName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: ^[a-zA-Z0-9_-]+$",
        ),
        (
            "CreateDomain",
            {"DomainName": "crm"},
            "1 validation error detected: Value null at 'defaultExpirationDays' failed to satisfy "
            "constraint: Member must not be null",
        ),
        (
            "CreateDomain",
            {"DomainName": "crm", "DefaultExpirationDays": 1099, "DeadLetterQueueUrl": "x" * 256},
            "2 validation errors detected: Value '1099' at 'defaultExpirationDays' failed to "
            "satisfy constraint: Member must have value less than or equal to 1098; Value at "
            "'deadLetterQueueUrl' failed to satisfy constraint: Member must have length less than "
            "or equal to 255",
        ),
        (
            "DetectProfileObjectType",
            {"DomainName": "crm", "Objects": ["{}"] * 6},
            "1 validation error detected: Value at 'objects' failed to satisfy constraint: Member "
            "must have length less than or equal to 5",
        ),
        (
            "SearchProfiles",
            {"DomainName": "crm", "KeyName": "_phone", "Values": ["x"], "LogicalOperator": "XOR"},
            "1 validation error detected: Value 'XOR' at 'logicalOperator' failed to satisfy "
            "constraint: Member must satisfy enum value set: [AND, OR]",
        ),
        (
            "ListDomains",
            {"MaxResults": "many"},
            "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: "
            "Member must be an integer",
        ),
        (
            "TagResource",
            {"resourceArn": "arn:aws:profile:x", "tags": {"aws:x": "y", "ok": None}},
            "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member "
            "must have keys that satisfy constraint: [Member must satisfy regular expression "
            "pattern: ^(?!aws:)[a-zA-Z+-=._:/]+$]",
        ),
        (
            "GetProfileHistoryRecord",
            {"DomainName": "crm", "ProfileId": "f" * 33, "Id": "f" * 32},
            f"1 validation error detected: Value '{'f' * 33}' at 'profileId' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-f0-9]{32}",
        ),
    ],
)
def test_errors_are_in_the_words_of_aws(operation, parameters, message):
    assert _message(operation, parameters) == message


def test_a_customers_value_is_never_quoted():
    for operation in operation_models():
        for broken in breaks_of(operation):
            text = _message(operation.name, broken.parameters, thorough=True)
            words = [word for word in WORDS if len(word) > 2]

            assert not [word for word in words if word in text], str(broken)


def test_a_long_list_of_errors_is_cut():
    message = _message("UntagResource", {"resourceArn": "arn:aws:profile:x", "tagKeys": [""] * 50})

    assert message.startswith("100 validation errors detected: ")
    assert message.endswith("; and 50 more")


@pytest.mark.parametrize("thorough", [False, True])
def test_nulls_and_unknown_members_are_dropped(thorough):
    parameters = {
        "DomainName": "crm",
        "FirstName": None,
        "Unknown": 1,
        "Address": {"City": "Bonn", "State": None, "Unknown": None},
        "Attributes": {"tier": "gold", "nothing": None},
    }

    assert _validate("CreateProfile", parameters, thorough=thorough) == {
        "DomainName": "crm",
        "Address": {"City": "Bonn"},
        "Attributes": {"tier": "gold"},
    }


@pytest.mark.parametrize("thorough", [False, True])
def test_an_empty_map_of_tags_may_come_with_a_new_domain(thorough):
    parameters = {"DomainName": "crm", "DefaultExpirationDays": 1, "Tags": {}}

    assert _validate("CreateDomain", parameters, thorough=thorough) == parameters
    assert "'tags'" in _message("TagResource", {"resourceArn": "arn:aws:profile:x", "tags": {}})


@pytest.mark.parametrize("moment", ["2026-01-01T00:00:00Z", True, 1e300, -(2**80)])
def test_a_timestamp_is_seconds_since_1970(moment):
    parameters = {"DomainName": "crm", "QueryStartDate": moment, "QueryEndDate": 1.5}

    assert "'queryStartDate'" in _message("ListWorkflows", parameters)
    parameters["QueryStartDate"] = 0
    assert _validate("ListWorkflows", parameters) == {
        "DomainName": "crm",
        "QueryStartDate": datetime(1970, 1, 1, tzinfo=UTC),
        "QueryEndDate": datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC),
    }


@pytest.mark.parametrize("operation", operation_models(), ids=lambda operation: operation.name)
def test_the_fast_and_the_thorough_way_agree(operation):
    validate = validator_of(operation)
    for seed in range(3):
        valid = valid_parameters(operation, seed)

        assert validate(valid, thorough=False) == validate(valid, thorough=True)
