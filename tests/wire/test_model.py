"""The model uses nothing that the wire does not know; a new botocore that does fails here first."""

from collections.abc import Iterator

import pytest
from botocore.model import Shape

from openprofiles.wire.model import operation_models, service_model
from openprofiles.wire.violations import CHECKS

PLACES = {None, "uri", "querystring", "statusCode"}
BEYOND_REST_JSON = {"endpoint", "httpChecksum", "httpChecksumRequired", "requestcompression"}

by_operation = pytest.mark.parametrize(
    "operation", operation_models(), ids=lambda operation: operation.name
)


def _members(shape: Shape, above: tuple[str, ...] = ()) -> Iterator[tuple[str, Shape, int]]:
    """Every member below a shape, with its name and depth; a shape inside itself is refused."""
    assert shape.name not in above, "recursive"
    inside = (*above, shape.name)
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield name, member, len(above)
            yield from _members(member, inside)
    elif shape.type_name == "list":
        yield from _members(shape.member, inside)
    elif shape.type_name == "map":
        yield from _members(shape.value, inside)


@by_operation
def test_an_operation_uses_only_what_the_wire_knows(operation):
    assert not BEYOND_REST_JSON & set(operation._operation_model)
    assert "?" not in operation.http["requestUri"]
    for top in (operation.input_shape, operation.output_shape):
        assert "payload" not in top.serialization
        for name, member, depth in _members(top):
            place = member.serialization.get("location")
            assert member.type_name in CHECKS
            assert place in PLACES if depth == 0 else place is None
            assert place or member.serialization.get("name", name) == name
            assert "timestampFormat" not in member.serialization
            assert not member.metadata.get("document")


def test_the_model_is_the_one_we_speak_of():
    model = service_model()

    assert model.api_version == "2020-08-15"
    assert model.protocol == "rest-json"
    assert len(operation_models()) >= 115
