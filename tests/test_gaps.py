"""Every operation of the service model is either built or a named gap: exactly one of the two."""

from collections import Counter

import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session

from openprofiles.features.gaps import GAPS, find_capability
from openprofiles.features.invoke import OPERATIONS

MODELLED = frozenset(get_session().get_service_model("customer-profiles").operation_names)
GAP_NAMES = [name for names in GAPS.values() for name in names]


def test_the_model_is_the_one_this_was_written_for():
    assert len(MODELLED) == 115


def test_each_operation_has_exactly_one_place():
    places = Counter([*(name for name in OPERATIONS if name in MODELLED), *GAP_NAMES])

    assert {name: count for name, count in places.items() if count > 1} == {}
    assert MODELLED - places.keys() == set()


def test_no_gap_is_unknown_to_the_model():
    assert set(GAP_NAMES) - MODELLED == set()


def test_an_operation_is_called_what_it_is_registered_as():
    assert {name: operation.name for name, operation in OPERATIONS.items()} == {
        name: name for name in OPERATIONS
    }


@pytest.mark.parametrize("names", GAPS.values(), ids=GAPS.keys())
def test_the_names_of_a_capability_are_in_order(names):
    assert list(names) == sorted(names)


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("list_segment_definitions", {"DomainName": "nowhere"}),
        ("list_event_streams", {"DomainName": "nowhere"}),
        ("list_recommender_recipes", {}),
    ],
)
def test_a_gap_says_at_once_that_it_is_not_offered(client, method, given):
    with pytest.raises(ClientError) as failure:
        getattr(client, method)(**given)

    error = failure.value.response["Error"]
    operation = failure.value.operation_name
    assert error["Code"] == "BadRequestException"
    assert f"does not offer {operation}" in error["Message"]
    assert str(find_capability(operation)) in error["Message"]
