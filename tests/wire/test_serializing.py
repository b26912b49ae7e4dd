"""Answers become JSON: moments as epoch seconds, the status where the model puts it."""

from datetime import UTC, datetime

from botocore.model import ShapeResolver

from openprofiles.core.errors import ResourceNotFound
from openprofiles.wire.model import service_model
from openprofiles.wire.serializing import converter_of, serialize_error, serializer_of

MOMENT = datetime(2026, 9, 21, 14, 13, 20, 123_456, tzinfo=UTC)


def _serialize(operation: str, answer):
    return serializer_of(service_model().operation_model(operation))(answer)


def test_moments_are_seconds_with_a_fraction_of_three_digits():
    response = _serialize("GetDomain", {"DomainName": "crm", "CreatedAt": MOMENT, "Tags": {}})

    assert response.body == b'{"DomainName":"crm","CreatedAt":1790000000.123,"Tags":{}}'


def test_moments_inside_lists_are_found_and_nulls_stay():
    response = _serialize(
        "ListDomains", {"Items": [{"DomainName": "crm", "CreatedAt": MOMENT}], "NextToken": None}
    )

    assert response.body == (
        b'{"Items":[{"DomainName":"crm","CreatedAt":1790000000.123}],"NextToken":null}'
    )


def test_moments_inside_maps_are_found_should_the_model_have_them_one_day():
    shapes = ShapeResolver(
        {
            "Text": {"type": "string"},
            "Moment": {"type": "timestamp"},
            "Moments": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Moment"}},
            "Texts": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
        }
    )

    convert = converter_of(shapes.get_shape_by_name("Moments"))

    assert convert is not None
    assert convert({"a": MOMENT}) == {"a": 1790000000.123}
    assert converter_of(shapes.get_shape_by_name("Texts")) is None


def test_the_answer_of_an_operation_is_left_as_it_was():
    answer = {"Items": [{"DomainName": "crm", "CreatedAt": MOMENT}]}

    _serialize("ListDomains", answer)

    assert answer["Items"][0]["CreatedAt"] == MOMENT


def test_a_status_member_becomes_the_status():
    response = _serialize("ListProfileAttributeValues", {"DomainName": "crm", "StatusCode": 201})

    assert (response.status, response.body) == (201, b'{"DomainName":"crm"}')


def test_an_error_has_its_name_and_its_text():
    response = serialize_error(ResourceNotFound("Domain crm does not exist"))

    assert response.status == 404
    assert ("x-amzn-ErrorType", "ResourceNotFoundException") in response.headers
    assert response.body == b'{"Message":"Domain crm does not exist"}'
