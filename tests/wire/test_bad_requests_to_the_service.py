"""The same on the real service: neither what breaks the model nor what is strange is a 5xx."""

import uuid
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from openprofiles.features.gaps import GAPS
from openprofiles.features.invoke import OPERATIONS
from openprofiles.wire.model import operation_models, service_model
from tests.wire.bad_requests import breaks_of, mutations_of, valid_parameters
from tests.wire.calling import Reply, Request, request_of, send

SEEDS = 3
DAMAGED_PER_SEED = 20
MODELLED = {
    400: "BadRequestException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
}
MISDIRECTED = {404, 405}
"""A damaged target may lead to no operation."""

by_offered_operation = pytest.mark.parametrize(
    "operation",
    [operation for operation in operation_models() if operation.name in OPERATIONS],
    ids=lambda operation: operation.name,
)


@dataclass(frozen=True)
class World:
    """Names that exist, so that requests get past the first look-up."""

    names: dict[str, Any]

    def fill(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters about what exists."""
        known = {name: value for name, value in self.names.items() if name in parameters}
        return {**parameters, **known}


@pytest.fixture
def world(client, domain):
    """A domain with an object type, a profile and an object."""
    client.put_profile_object_type(
        DomainName=domain,
        ObjectTypeName="person",
        Description="People",
        AllowProfileCreation=True,
        Fields={
            "id": {"Source": "_source.id"},
            "phone": {"Source": "_source.phone", "Target": "_profile.PhoneNumber"},
        },
        Keys={
            "personId": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["id"]}],
            "_phone": [{"FieldNames": ["phone"]}],
        },
    )
    put = client.put_profile_object(
        DomainName=domain, ObjectTypeName="person", Object='{"id": "1", "phone": "+4930123456"}'
    )
    [profile] = client.search_profiles(DomainName=domain, KeyName="personId", Values=["1"])["Items"]
    return World(
        {
            "DomainName": domain,
            "ObjectTypeName": "person",
            "ProfileId": profile["ProfileId"],
            "ProfileObjectUniqueKey": put["ProfileObjectUniqueKey"],
            "KeyName": "_phone",
            "TemplateId": "CTR",
        }
    )


def _check(reply: Reply, request: Request) -> None:
    assert reply.status < 500, (request, reply)
    assert reply.headers["x-amzn-requestid"]
    if reply.status >= 400:
        expected = {MODELLED[reply.status]} if reply.status in MODELLED else set()
        if reply.status in MISDIRECTED:
            expected.add("UnknownOperationException")
        assert reply.code in expected, (request, reply)
        assert reply.content["Message"]


@by_offered_operation
def test_each_broken_constraint_names_its_member(application, world: World, operation):
    for broken in breaks_of(operation):
        parameters = dict(broken.parameters)
        for name in world.names.keys() & parameters.keys():
            if not broken.path.startswith(name[:1].lower() + name[1:]):
                parameters[name] = world.names[name]

        reply = send(application.wsgi, request_of(broken.operation, parameters))

        assert (reply.status, reply.code) == (400, "BadRequestException"), str(broken)
        assert f"'{broken.path}'" in reply.content["Message"], str(broken)


@by_offered_operation
def test_strange_and_damaged_requests_get_a_modelled_answer(
    application, world: World, operation, caplog
):
    for seed in range(SEEDS):
        request = request_of(operation, world.fill(valid_parameters(operation, seed)))
        _check(send(application.wsgi, request), request)
        random = Random(f"{operation.name} {seed}")
        for damaged in mutations_of(request, random, DAMAGED_PER_SEED):
            _check(send(application.wsgi, damaged), damaged)
    assert not [record for record in caplog.records if record.name.startswith("openprofiles")]


@pytest.mark.parametrize("name", sorted(name for names in GAPS.values() for name in names))
def test_an_operation_that_is_not_offered_says_so_at_once(application, name):
    broken = next(breaks_of(service_model().operation_model(name)))

    reply = send(application.wsgi, broken.request)

    assert (reply.status, reply.code) == (400, "BadRequestException")
    assert f"does not offer {name}" in reply.content["Message"]


def test_objects_of_any_content_get_a_modelled_answer(application, world: World):
    model = service_model().operation_model("PutProfileObject")
    for content in (
        "", " ", "1", "[]", "null", '"x"', "{", "{}", '{"id": null}', '{"id": ""}', '{"id": []}',
        '{"id": {}}', '{"id": NaN}', '{"id": 1e999}', '{"id": "\\u0000"}', '{"id": "\\ud800"}',
        '{"id": "' + "9" * 100_000 + '"}', '{"id": 1, "id": 2}', "[" * 20_000, '{"a":' * 20_000,
        '{"id": ' + "9" * 5000 + "}", '{"id": "1", "phone": "' + "+" * 5000 + '"}',
        '{"id": "1", "phone": {"a": [1, {"b": null}]}}', '{"\\u0000": 1, "id": "2"}',
        '{"id": "3", "' + "k" * 60_000 + '": 1}', '{"id": "\u2028\ufeff\U0010ffff"}',
    ):  # fmt: skip
        parameters = {**world.fill({"DomainName": "", "ObjectTypeName": ""}), "Object": content}
        request = request_of(model, parameters)

        _check(send(application.wsgi, request), request)


def test_names_that_meet_nothing_are_not_found(application):
    request = Request("GET", f"/domains/{uuid.uuid4().hex}")

    reply = send(application.wsgi, request)

    assert (reply.status, reply.code) == (404, "ResourceNotFoundException")
