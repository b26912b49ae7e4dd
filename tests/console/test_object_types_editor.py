"""The editor of mappings: a form that says what its sample would make, and is saved once."""

import io
import json
import re
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from openprofiles.console.pages.object_types.words import meaning_of, place_of
from tests.console.conftest import signed_in
from tests.console.visiting import Visitor

SAMPLE = {"customer_id": "C-1", "email": "Ann@example.com", "firstName": "Ann", "tier": "gold"}
MAPPING: dict[str, Any] = {
    "begun": "yes",
    "creates": "yes",
    "field-name": ["id", "mail", "first"],
    "field-source": ["_source.customer_id", "_source.email", "_source.firstName"],
    "field-target": ["", "_profile.EmailAddress", "_profile.FirstName"],
    "field-type": ["", "EMAIL_ADDRESS", ""],
    "key-name": ["customer", "_email"],
    "key-0-field": ["id", ""],
    "key-1-field": ["mail", ""],
    "key-1-finds": "PROFILE",
    "unique": "0",
    "sample": json.dumps(SAMPLE),
}


@pytest.fixture
def base(domain) -> str:
    """Where the pages of the domain are."""
    return f"/console/domains/{domain}"


@pytest.fixture
def work(admin, base):
    """Press something in the editor, the mapping above in it unless members are changed."""

    def press(do="look", *, form=MAPPING, **changes):
        given = {**form, **{name.replace("_", "-"): value for name, value in changes.items()}}
        return admin.post(f"{base}/object-type-draft", on=f"{base}/new-object-type", do=do, **given)

    return press


def zones(text: str) -> dict[str, str]:
    """Targets of the profile card, with what the sample puts there."""
    found = re.findall(r'data-target="([^"]+)">.*?class="what">([^<]*)', text, re.DOTALL)
    return {target: value.strip() for target, value in found if value.strip()}


def values(text: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}"[^>]* value="([^"]*)"', text)


def test_a_sample_becomes_fields_keys_and_the_profile_that_they_make(work, admin, base):
    assert "Begin with a template" in admin.get(f"{base}/new-object-type").text
    text = work("read", form={"sample": json.dumps(SAMPLE)}).text

    assert values(text, "field-source")[0] == "_source.customer_id"
    assert values(text, "field-target")[1:3] == ["_profile.EmailAddress", "_profile.FirstName"]
    assert values(text, "key-name") == ["customer_id", "_email"]
    assert "Makes a profile" in text
    assert zones(text)["_profile.EmailAddress"] == "Ann@example.com"
    assert zones(text)["_profile.Attributes.tier"] == "gold"


def test_a_file_is_a_sample_too(work):
    file = FileStorage(io.BytesIO(b"id,email\n1,a@b.c\n2,d@e.f\n"), filename="people.csv")
    text = work("read", form={"file": file}).text

    assert values(text, "field-source") == ["_source.id", "_source.email"]
    assert "object 2</option>" in text
    assert "d@e.f" in work("look", form=MAPPING, sample="id,email\n1,a\n2,d@e.f", record="1").text


def test_what_is_read_once_more_adds_what_is_new(work):
    text = work("read", sample=json.dumps({**SAMPLE, "updated_at": "2026-11-20"})).text

    assert values(text, "field-name") == ["id", "mail", "first", "tier", "updated_at"]
    assert values(text, "key-name") == ["customer", "_email"]
    assert values(text, "SourceLastUpdatedTimestampFormat") == ["yyyy-MM-dd"]


@pytest.mark.parametrize("sample", ["", "{", '{"a": []}'])
def test_a_text_that_is_no_sample_leaves_all_as_it_is(work, sample):
    text = work("read", sample=sample).text

    assert values(text, "field-name") == ["id", "mail", "first"]


def test_lines_are_added_and_removed(work):
    more = work("add-field").text
    less = work("remove-field-1").text
    keys = work("add-key").text

    assert values(more, "field-name") == ["id", "mail", "first", ""]
    assert values(less, "field-name") == ["id", "first"]
    assert values(keys, "key-name") == ["customer", "_email", ""]
    assert values(work("remove-key-0").text, "key-name") == ["_email"]
    assert values(work("remove-key-x").text, "key-name") == ["customer", "_email"]


def test_problems_are_said_beside_what_they_are_about(work):
    changes = {
        "field-target": ["", "_profile.Nothing", "_profile.FirstName"],
        "key-1-finds": "SECONDARY",
        "key-1-keeps": "LOOKUP_ONLY",
        "key-0-record": "ORDER",
        "ExpirationDays": "many",
        "tags": "nothing",
    }
    text = work(form={**MAPPING, **changes, "field-name": ["id", "mail", "mail"]}).text

    assert "Not finished yet" in text
    assert 'id="field-1-problem">Another field has this name.' in text
    assert 'id="ExpirationDays-problem">Objects are kept for a whole number of days.' in text
    assert "Tags are lines of name=value." in text
    assert "Names the order that an object is about." in text


def test_without_keys_the_page_says_which_come_next(work):
    form = {name: value for name, value in MAPPING.items() if not name.startswith("key")}
    text = work(form=form).text

    assert "Add a key: one that tells objects apart, and one that finds the profile." in text
    assert zones(text)["_profile.FirstName"] == "Ann"


def test_a_sample_that_would_be_rejected_says_why(work):
    form = {name: value for name, value in MAPPING.items() if name != "creates"}
    text = work(form=form).text

    assert "Is rejected" in text
    assert "No profile found for the keys of this object" in text


def test_the_sample_shows_what_changes_of_a_profile_that_is_there(work, client, domain):
    made = client.create_profile(DomainName=domain, EmailAddress="ann@example.com", FirstName="A.")
    text = work(form=MAPPING).text
    strong = work(form=MAPPING, SourcePriority="1").text

    assert f"Joins profile {made['ProfileId']}" in text
    assert "stays as it is" in text
    assert "changes" in strong


def test_records_are_shown_where_something_goes_to_them_or_they_are_asked_for(work):
    form = {**MAPPING, "field-target": ["_order.Name", "_profile.EmailAddress", "_order.Foo"]}
    fed = {**form, "field-target": ["_order.Name", "_profile.EmailAddress", ""]}
    text = work(form={**fed, "key-0-record": "ORDER"}).text

    assert zones(text)["_order.Name"] == "C-1"
    assert 'data-target="_order.Foo"' in work(form=form).text
    assert 'data-target="_case.Title"' in work(show="_case").text


def test_a_type_is_saved_and_objects_come_out_as_previewed(work, client, domain, admin, base):
    preview = zones(work().text)
    refused = work("save", name="Customer", description="")
    saved = work("save", name="Customer", description="Our customers", tags="team=care\n")
    said = admin.get(saved.location).text
    again = work("save", name="Customer", description="Others")
    client.put_profile_object(
        DomainName=domain, ObjectTypeName="Customer", Object=json.dumps(SAMPLE)
    )
    found = client.search_profiles(DomainName=domain, KeyName="_email", Values=["ann@example.com"])[
        "Items"
    ][0]

    assert (refused.status_code, again.status_code) == (422, 422)
    assert saved.location == f"{base}/object-types/Customer"
    assert "objects can be put now" in said
    made = client.get_profile_object_type(DomainName=domain, ObjectTypeName="Customer")
    assert made["Tags"] == {"team": "care"}
    assert preview == {
        "_profile.EmailAddress": found["EmailAddress"],
        "_profile.FirstName": found["FirstName"],
    }


def test_a_type_is_changed_with_its_tags(work, client, domain, admin, base):
    work("save", name="Customer", description="x", tags="team=care\nold=1")
    client.put_profile_object(
        DomainName=domain, ObjectTypeName="Customer", Object=json.dumps(SAMPLE)
    )
    text = admin.get(f"{base}/object-types/Customer/edit").text
    changes = {"original": "Customer", "tags": "team=sales", "description": "y"}
    work("save", form={**MAPPING, **changes})
    work("save", form={**MAPPING, **changes})

    assert values(text, "field-target") == ["", "_profile.EmailAddress", "_profile.FirstName"]
    assert "old=1\nteam=care</textarea>" in text
    found = client.get_profile_object_type(DomainName=domain, ObjectTypeName="Customer")
    assert (found["Description"], found["Tags"]) == ("y", {"team": "sales"})
    assert "a replay maps them once more" in admin.get(f"{base}/object-types").text


def test_a_type_of_a_template_that_knows_times_is_changed(admin, client, domain, base):
    name, template = "CTR", "CTR-AutoAssociateOnly"
    client.put_profile_object_type(
        DomainName=domain, ObjectTypeName=name, Description="x", TemplateId=template
    )
    here = f"{base}/object-types/{name}/edit"

    text = admin.get(here).text
    form = {"original": name, "template": template, "description": "Calls", "do": "save"}
    times = {"SourceLastUpdatedTimestampFormat": "yyyy-MM-dd'T'HH:mm:ss'Z'"}
    saved = admin.post(f"{base}/object-type-draft", on=here, begun="yes", **form, **times)

    assert "Not finished yet" not in text
    assert saved.status_code == 303
    found = client.get_profile_object_type(DomainName=domain, ObjectTypeName=name)
    assert (found["Description"], found["TemplateId"]) == ("Calls", template)


def test_a_steward_changes_a_mapping_and_leaves_its_tags(work, client, domain, console, keys, base):
    work("save", name="Customer", description="x", tags="team=care")
    steward = signed_in(Visitor(console), keys.make("steward"))
    here = f"{base}/object-types/Customer/edit"
    changes = {"original": "Customer", "tags": "team=care", "description": "y", "do": "save"}

    text = steward.get(here).text
    saved = steward.post(f"{base}/object-type-draft", on=here, **{**MAPPING, **changes})

    assert "Admins change the tags" in text
    assert 'rows="2" readonly' in text
    assert saved.status_code == 303
    found = client.get_profile_object_type(DomainName=domain, ObjectTypeName="Customer")
    assert (found["Description"], found["Tags"]) == ("y", {"team": "care"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ExpirationDays": "x"}, "a whole number of days"),
        ({"tags": "x"}, "lines of name=value"),
        ({"field-source": ["x" * 1001, "", ""]}, "length"),
    ],
)
def test_what_cannot_be_saved_stays_in_the_form(work, changes, said):
    answer = work("save", form={**MAPPING, "name": "C", "description": "d", **changes})

    assert answer.status_code == 422
    assert said in answer.text
    assert values(answer.text, "field-name") == ["id", "mail", "first"]


def test_a_template_becomes_a_mapping_of_ones_own(work, admin, client, domain, base):
    client.put_profile_object_type(
        DomainName=domain, ObjectTypeName="Help", Description="d", TemplateId="Zendesk-users"
    )
    form = {"template": "Zendesk-users", "original": "Help", "begun": "yes"}
    text = work("own", form=form).text
    saved = work("save", form={**form, "description": "d", "SourcePriority": "3"})

    assert "Map it yourself" in admin.get(f"{base}/object-types/Help/edit").text
    assert "Map it yourself" in admin.get(f"{base}/object-types/Zendesk-tickets/edit").text
    assert "_profile.EmailAddress" in values(text, "field-target")
    assert saved.status_code == 303
    found = client.get_profile_object_type(DomainName=domain, ObjectTypeName="Help")
    assert (found["TemplateId"], found["SourcePriority"]) == ("Zendesk-users", 3)


def test_keys_of_all_kinds_come_back_as_they_were(admin, client, domain, base):
    keys = {
        "both": [{"StandardIdentifiers": ["UNIQUE", "ORDER", "ASSET"], "FieldNames": ["id"]}],
        "_email": [{"StandardIdentifiers": ["PROFILE", "NEW_ONLY"], "FieldNames": ["mail"]}],
        "other": [{"StandardIdentifiers": ["PROFILE", "SECONDARY"], "FieldNames": ["id", "mail"]}],
    }
    fields = {"id": {"Source": "_source.id"}, "mail": {"Source": "_source.mail"}}
    client.put_profile_object_type(
        DomainName=domain, ObjectTypeName="T", Description="d", Fields=fields, Keys=keys
    )
    text = admin.get(f"{base}/object-types/T/edit").text

    assert values(text, "key-0-others") == ["ASSET"]
    assert '<option value="ORDER" selected>' in text
    assert '<option value="NEW_ONLY" selected>' in text
    assert '<option value="SECONDARY" selected>' in text


def test_a_part_is_the_mapping_alone(admin, base):
    proof = admin.proof(f"{base}/new-object-type")
    form = {**MAPPING, "csrf_token": proof}
    answer = admin.send(
        f"{base}/object-type-draft", form, HX_Request="true", HX_Request_Type="partial"
    )

    assert answer.text.lstrip().startswith('<div id="draft"')


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("_profile.BusinessPhoneNumber", "Business phone number"),
        ("_profile.Address.Address1", "Address, Address 1"),
        ("_order.OrderItems[].Title", "Order: Order items, Title"),
        ("_asset.ProductSKU", "Asset: Product SKU"),
        ("_profile.Attributes.loyalty tier", "Attributes, loyalty tier"),
        ("nonsense", "nonsense"),
    ],
)
def test_places_are_told_in_words(target, place):
    assert place_of(target) == place


def test_keys_are_told_in_words():
    assert "it never decides where an object belongs" in meaning_of(())
    assert meaning_of(["PROFILE", "SECONDARY", "LOOKUP_ONLY"]).startswith("Finds the profile when")
    assert "only by the profile that the object makes" in meaning_of(["PROFILE", "NEW_ONLY"])
