"""Literal segments win, labels are decoded after the match, methods are told apart."""

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.wire.model import operation_models
from openprofiles.wire.routing import Router, UnknownPath, WrongMethod

ARN = "arn:aws:profile:eu-west-1:000000000000:domains/crm/integrations/https://x"


@pytest.fixture(scope="module")
def router():
    return Router(operation_models())


@pytest.mark.parametrize(
    ("method", "path", "operation", "labels"),
    [
        ("GET", "/domains", "ListDomains", {}),
        ("POST", "/domains/crm", "CreateDomain", {"DomainName": "crm"}),
        ("POST", "/domains/crm/profiles/search", "SearchProfiles", {"DomainName": "crm"}),
        ("PUT", "/domains/crm/profiles/objects", "PutProfileObject", {"DomainName": "crm"}),
        ("POST", "/domains/crm/profiles/objects", "ListProfileObjects", {"DomainName": "crm"}),
        (
            "GET",
            "/domains/crm/profiles/search/history-records/0",
            "GetProfileHistoryRecord",
            {"DomainName": "crm", "ProfileId": "search", "Id": "0"},
        ),
        ("GET", "/domains/a%2Fb%25%20c%C3%A9", "GetDomain", {"DomainName": "a/b% cé"}),
        ("GET", "/domains/", "GetDomain", {"DomainName": ""}),
    ],
)
def test_a_request_finds_its_operation(router, method, path, operation, labels):
    assert router.match(method, path) == (operation, labels)


@pytest.mark.parametrize(
    ("method", "path", "operation", "label", "text"),
    [
        ("GET", f"/tags/{ARN}", "ListTagsForResource", "resourceArn", ARN),
        (
            "GET",
            "/domains/crm/object-types/t/attributes/a/b/values",
            "ListObjectTypeAttributeValues",
            "AttributeName",
            "a/b",
        ),
    ],
)
def test_the_last_label_takes_back_slashes_that_a_server_decoded(
    router, method, path, operation, label, text
):
    name, labels = router.match(method, path)

    assert (name, labels[label]) == (operation, text)


@pytest.mark.parametrize("path", ["", "/", "/nowhere", "/domains/crm/no", "//domains", "domains"])
def test_an_unknown_path_is_unknown(router, path):
    with pytest.raises(UnknownPath):
        router.match("GET", path)


def test_a_known_path_tells_its_methods(router):
    with pytest.raises(WrongMethod) as failure:
        router.match("PATCH", "/domains/crm")

    assert failure.value.allowed == ("DELETE", "GET", "HEAD", "POST", "PUT")
    assert router.methods("/domains/crm/profiles/search") == ("POST",)


def test_a_label_that_is_no_utf_8_is_a_bad_request(router):
    with pytest.raises(BadRequest, match="not UTF-8"):
        router.match("GET", "/domains/%ff")
