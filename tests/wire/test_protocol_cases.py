"""AWS's own rest-json cases, read backwards: what clients must send and read."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.parsers import RestJSONParser

from openprofiles.wire.parsing import binding_of, parse
from openprofiles.wire.routing import Router
from openprofiles.wire.serializing import serializer_of
from openprofiles.wire.validating import validator_of

FOLDER = Path(__file__).parent / "protocol_cases"


def _cases(direction: str) -> list[Any]:
    suites = json.loads((FOLDER / f"{direction}.json").read_text())
    return [pytest.param(suite, case, id=case["id"]) for suite in suites for case in suite["cases"]]


def _operation_of(suite: dict[str, Any], case: dict[str, Any]) -> OperationModel:
    given = case["given"]
    model = ServiceModel(
        {
            "metadata": suite["metadata"],
            "operations": {given["name"]: given},
            "shapes": suite["shapes"],
        }
    )
    return model.operation_model(given["name"])


@pytest.mark.parametrize(("suite", "case"), _cases("input"))
@pytest.mark.parametrize("thorough", [False, True])
def test_what_a_client_must_send_is_read(suite, case, thorough):
    operation = _operation_of(suite, case)
    sent = case["serialized"]
    path, _, query = sent["uri"].partition("?")

    name, labels = Router([operation]).match(sent["method"], path)
    parameters = parse(binding_of(operation), labels, query, sent["body"].encode())
    checked = validator_of(operation)(parameters, thorough=thorough)

    assert name == operation.name
    assert checked == _as_received(operation.input_shape, case["params"])


@pytest.mark.parametrize(("suite", "case"), _cases("output"))
def test_what_a_client_must_read_is_written(suite, case):
    operation = _operation_of(suite, case)
    answer = _as_received(operation.output_shape, case["result"])

    response = serializer_of(operation)(answer)

    assert response.status == case["response"]["status_code"]
    read = RestJSONParser().parse(
        {
            "status_code": response.status,
            "headers": dict(response.headers),
            "body": response.body,
        },
        operation.output_shape,
    )
    read.pop("ResponseMetadata")
    assert read == answer


def _as_received(shape: Shape, value: Any) -> Any:
    """The case's value as operations see it: nulls are absent, timestamps are moments."""
    if shape.type_name == "structure":
        return {
            name: _as_received(shape.members[name], member)
            for name, member in value.items()
            if member is not None
        }
    if shape.type_name == "list":
        return [_as_received(shape.member, element) for element in value]
    if shape.type_name == "map":
        return {key: _as_received(shape.value, element) for key, element in value.items()}
    return datetime.fromtimestamp(value, UTC) if shape.type_name == "timestamp" else value
