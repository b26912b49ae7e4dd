"""Object types in the console: the list, templates, one type."""

import json
from typing import Any

import pytest

from tests.console.conftest import signed_in
from tests.console.visiting import Visitor

FIELDS: dict[str, Any] = {
    "id": {"Source": "_source.id"},
    "mail": {
        "Source": "_source.mail",
        "Target": "_profile.EmailAddress",
        "ContentType": "EMAIL_ADDRESS",
    },
}
KEYS: dict[str, Any] = {
    "customer": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["id"]}],
    "_email": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["mail"]}],
}

LISTING = (
    "ListProfileObjectTypes",
    "GetProfileObjectType",
    "ListProfileObjectTypeTemplates",
    "DeleteProfileObjectType",
)


@pytest.fixture
def put_type(client, domain):
    """Define a type of the domain."""

    def put(name="Customer", **members):
        given = {"Fields": FIELDS, "Keys": KEYS, "AllowProfileCreation": True, **members}
        client.put_profile_object_type(
            DomainName=domain, ObjectTypeName=name, Description="Customers of the shop", **given
        )

    return put


@pytest.fixture
def put(client, domain):
    """Put an object."""

    def put_object(name="Customer", **content):
        client.put_profile_object(
            DomainName=domain, ObjectTypeName=name, Object=json.dumps(content)
        )

    return put_object


@pytest.fixture
def viewer(console, keys) -> Visitor:
    """Somebody who may only look."""
    return signed_in(Visitor(console), keys.make("read-only"))


def test_a_domain_without_types_says_what_to_do_next(admin, domain):
    text = admin.get(f"/console/domains/{domain}/object-types").text

    assert "No object type yet" in text
    assert f"/console/domains/{domain}/new-object-type" in text
    assert f"/console/domains/{domain}/object-type-templates" in text


def test_the_list_has_what_matters_of_each_type(admin, client, domain, put_type, put):
    put_type(Tags={"team": "care"})
    client.put_profile_object_type(
        DomainName=domain, ObjectTypeName="Help", Description="d", TemplateId="Zendesk-users"
    )
    for number in range(3):
        put(id=str(number), mail="ann@example.com")
    put("Zendesk-tickets", id=1, requester_id=2)
    client.put_integration(
        DomainName=domain,
        Uri="arn:aws:appflow:us-east-1:123456789012:flow/nightly",
        ObjectTypeName="Customer",
    )
    text = admin.get(f"/console/domains/{domain}/object-types").text

    assert ">team=care<" in text
    assert ">Zendesk-users<" in text
    assert '<td class="number">3</td>' in text
    assert ">nightly<" in text
    assert "In use without a definition" in text
    assert f"/console/domains/{domain}/object-types/Zendesk-tickets" in text


def test_the_list_has_pages(admin, domain, put_type):
    for number in range(21):
        put_type(f"Type{number:02}")
    first = admin.get(f"/console/domains/{domain}/object-types").text
    token = first.partition("?after=")[2].partition('"')[0]
    second = admin.get(f"/console/domains/{domain}/object-types?after={token}").text

    assert ("Type19" in first, "Type20" in first) == (True, False)
    assert ("Type19" in second, "Type20" in second) == (False, True)
    assert "From the beginning" in second


def test_a_type_is_shown_as_it_is_and_in_plain_words(admin, domain, put_type, put):
    put_type(SourcePriority=2)
    put(id="1", mail="ann@example.com")
    text = admin.get(f"/console/domains/{domain}/object-types/Customer").text

    assert "Tells objects apart: one with the same value replaces the earlier one." in text
    assert '<span title="_profile.EmailAddress">Email address</span>' in text
    assert "1 object goes" in text
    assert "&#34;SourcePriority&#34;: 2" in text


def test_a_template_in_use_is_shown_as_a_type(admin, domain):
    known = admin.get(f"/console/domains/{domain}/object-types/Zendesk-users")
    standard = admin.get(f"/console/domains/{domain}/object-types/_asset")
    unknown = admin.get(f"/console/domains/{domain}/object-types/Nothing")

    assert "Nobody has defined this type" in known.text
    assert "Define it" in known.text
    assert (standard.status_code, unknown.status_code) == (404, 404)


def test_a_type_is_deleted_with_its_objects(admin, client, domain, put_type, put):
    put_type()
    put(id="1", mail="ann@example.com")
    page = f"/console/domains/{domain}/object-types/Customer"
    answer = admin.post(f"{page}/delete", on=page)

    assert answer.location == f"/console/domains/{domain}/object-types"
    assert "Object type Customer is deleted" in admin.get(answer.location).text
    assert client.get_domain(DomainName=domain)["Stats"]["ObjectCount"] == 0


def test_templates_are_shown_with_what_they_map(admin, domain):
    gallery = admin.get(f"/console/domains/{domain}/object-type-templates").text
    page = admin.get(f"/console/domains/{domain}/object-type-templates/Shopify-Order").text

    assert "Salesforce-Contact" in gallery
    assert "order · " in gallery
    assert "object-type-templates/_asset" not in gallery
    assert "_shopifyOrderId" in page


def test_a_type_is_made_of_a_template_once(admin, client, domain):
    page = f"/console/domains/{domain}/object-type-templates/Zendesk-users"
    made = admin.post(page, on=page, name="Help", description="Those who ask")
    again = admin.post(page, on=page, name="Help", description="Others")
    wrong = admin.post(page, on=page, name="a b", description="x")

    assert made.location == f"/console/domains/{domain}/object-types/Help"
    found = client.get_profile_object_type(DomainName=domain, ObjectTypeName="Help")
    assert (found["TemplateId"], found["Description"]) == ("Zendesk-users", "Those who ask")
    assert (again.status_code, wrong.status_code) == (422, 422)
    assert "There is an object type Help already" in again.text


def test_who_may_only_look_is_offered_no_more(viewer, domain, put_type):
    put_type()
    base = f"/console/domains/{domain}"
    page = viewer.get(f"{base}/object-types/Customer").text
    editor = viewer.get(f"{base}/object-types/Customer/edit").text

    assert "From a sample" not in viewer.get(f"{base}/object-types").text
    assert "Change the mapping" not in page
    assert "Delete it with its objects" not in page
    assert "You may try a mapping here" in editor
    assert 'value="save"' not in editor
    assert "Make the type" not in viewer.get(f"{base}/object-type-templates/CTR").text


def test_who_may_not_count_sees_the_rest(console, keys, domain, put_type):
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Resource": "*",
                "Action": [f"profile:{name}" for name in LISTING],
            }
        ],
    }
    put_type()
    somebody = signed_in(Visitor(console), keys.make(PolicyDocument=json.dumps(document)))
    text = somebody.get(f"/console/domains/{domain}/object-types").text

    assert '<td class="number">—</td>' in text
    page = somebody.get(f"/console/domains/{domain}/object-types/Customer").text
    assert "All its objects go" in page
