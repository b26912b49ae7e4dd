"""What botocore's serializer writes we read, what we write its parser reads: all 115 operations."""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.model import OperationModel

from openprofiles.core.settings import Settings
from openprofiles.wire import AwsHandler, answer_in_process
from openprofiles.wire.model import operation_models
from tests.wire.examples import Examples

OPERATIONS = operation_models()
SEEDS = range(4)


@pytest.fixture(scope="module")
def exchange():
    """What the service was asked last, and what it shall answer."""
    return {}


@pytest.fixture(scope="module")
def client(exchange: dict[str, Any]):
    """A boto3 client of a service that answers as `exchange` says."""

    def invoke(name, parameters, _):
        exchange.update(name=name, parameters=parameters)
        return exchange["answer"]

    client = boto3.client(
        "customer-profiles",
        region_name="eu-west-1",
        endpoint_url="http://openprofiles.invalid",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}),
    )
    answer_in_process(client, AwsHandler(invoke, Settings()))
    return client


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_goes_there_and_back(client, exchange, operation, seed):
    examples = Examples(seed, all_members=seed % 2 == 0)
    parameters = examples.value(operation.input_shape)
    answer = _answer_to(operation, examples)
    exchange["answer"] = answer

    received = client._make_api_call(operation.name, parameters)

    metadata = received.pop("ResponseMetadata")
    assert exchange["name"] == operation.name
    assert exchange["parameters"] == parameters
    assert received == answer
    assert metadata["HTTPStatusCode"] == 200
    assert metadata["RequestId"]


def _answer_to(operation: OperationModel, examples: Examples) -> dict[str, Any]:
    shape = operation.output_shape
    if shape is None:
        return {}
    statuses = {
        name: 200
        for name, member in shape.members.items()
        if member.serialization.get("location") == "statusCode"
    }
    return examples.value(shape) | statuses


def test_each_of_the_115_operations_was_met():
    assert len({operation.name for operation in OPERATIONS}) >= 115
