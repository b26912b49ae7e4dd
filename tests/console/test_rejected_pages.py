"""Rejected objects: by reason, one fixed, many tried again, given up."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.console.pages import rejected
from openprofiles.console.pages.rejected_fixing import FIELD, fields_of, fixed, pretty
from tests.console.conftest import signed_in
from tests.console.data_in import NO_PROFILE, Shop
from tests.console.visiting import Visitor


@pytest.fixture
def shop(client, domain, invoke, caller) -> Shop:
    """A shop with two orders of nobody."""
    found = Shop(client, domain, invoke, caller)
    found.define()
    found.put("Order", id="1", mail="ann@example.com", note="as soon as you can")
    found.put("Order", id="2", mail="bob@example.com")
    return found


def test_a_domain_without_rejected_objects_says_so(anybody, domain):
    page = anybody.get(f"/console/domains/{domain}/rejected")

    assert "No object was rejected" in page.text


def test_objects_are_counted_by_reason_and_filtered(anybody, shop):
    base = f"/console/domains/{shop.name}/rejected"
    page = anybody.get(base).text
    none = anybody.get(f"{base}?type=Order&reason=another").text

    assert "2 objects were taken and" in page
    assert NO_PROFILE in page
    assert page.count(f'href="{base}/') == 2
    assert "There is none of this type and reason any more." in none


def test_a_list_goes_on_where_the_page_ended(anybody, shop, monkeypatch):
    monkeypatch.setattr(rejected, "PAGE", 1)
    first = anybody.get(f"/console/domains/{shop.name}/rejected").text
    token = first.partition("after=")[2].partition('"')[0]
    second = anybody.get(f"/console/domains/{shop.name}/rejected?after={token}").text

    assert "Next page" in first
    assert "From the beginning" in second
    assert "Next page" not in second


def test_an_object_leads_to_the_mapping_that_rejected_it(anybody, shop):
    item = shop.rejected()[0]
    here = f"/console/domains/{shop.name}"
    page = anybody.get(f"{here}/rejected/{item['RejectionId']}").text
    editor = f"{here}/object-types/Order/edit?rejected="

    assert f'href="{editor}{item["RejectionId"]}"' in page
    assert "bob@example.com" in anybody.get(f"{editor}{item['RejectionId']}").text
    assert "bob@example.com" not in anybody.get(f"{editor}{'0' * 32}").text


def test_an_object_is_fixed_by_its_fields(anybody, shop):
    shop.put("Customer", id="7", mail="carl@example.com")
    item = next(item for item in shop.rejected() if item["Size"] < 50)
    here = f"/console/domains/{shop.name}/rejected/{item['RejectionId']}"
    page = anybody.get(here).text
    wrong = anybody.post(f"{here}/retry", on=here, how="fields", **{"field:mail": "x@example.com"})
    done = anybody.post(
        f"{here}/retry", on=here, how="fields", **{"field:mail": "carl@example.com"}
    )

    assert 'value="bob@example.com"' not in wrong.text
    assert "bob@example.com" in page
    assert wrong.status_code == 422
    assert "The changed object is not taken either" in wrong.text
    assert 'value="x@example.com"' in wrong.text
    assert done.location == f"/console/domains/{shop.name}/rejected"
    assert "It went to a profile that was there." in anybody.get(done.location).text


def test_an_object_is_tried_as_it_is_and_as_a_document(anybody, shop):
    item = shop.rejected()[0]
    here = f"/console/domains/{shop.name}/rejected/{item['RejectionId']}"
    as_it_is = anybody.post(f"{here}/retry", on=here)
    no_object = anybody.post(f"{here}/retry", on=here, how="document", document="[1")
    shop.put("Customer", id="7", mail="carl@example.com")
    document = '{"id": "9", "mail": "carl@example.com"}'
    done = anybody.post(f"{here}/retry", on=here, how="document", document=document)

    assert "Tried again: " + NO_PROFILE in as_it_is.text
    assert no_object.status_code == 422
    assert "[1</textarea>" in no_object.text
    assert done.status_code == 303
    assert len(shop.rejected()) == 1


def test_one_is_given_up_once(anybody, shop):
    item = shop.rejected()[0]
    base = f"/console/domains/{shop.name}/rejected"
    here = f"{base}/{item['RejectionId']}"
    proof_on = f"{base}"
    first = anybody.post(f"{here}/drop", on=here)
    said = anybody.get(first.location).text
    again = anybody.post(f"{here}/drop", on=f"{base}/{shop.rejected()[0]['RejectionId']}")

    assert "The object is given up." in said
    assert "not among the rejected ones any more" in anybody.get(again.location).text
    assert proof_on == again.location


def test_all_of_a_reason_are_tried_again_batch_by_batch(anybody, shop, monkeypatch):
    monkeypatch.setattr(rejected, "TRIED_AT_ONCE", 1)
    monkeypatch.setattr(rejected, "CALLS_AT_ONCE", 1)
    shop.put("Customer", id="7", mail="ann@example.com")
    base = f"/console/domains/{shop.name}/rejected"
    first = anybody.post(f"{base}/retry", on=base, type="Order", reason=NO_PROFILE)
    token = first.text.partition('name="token" value="')[2].partition('"')[0]
    form = {"type": "Order", "reason": NO_PROFILE, "ingested": "1", "again": "0", "of": "2"}
    page = anybody.post(f"{base}/retry", on=base, token=token, **form)
    while (token := page.text.partition('name="token" value="')[2].partition('"')[0]) != "":
        page = anybody.post(f"{base}/retry", on=base, token=token, **{**form, "again": "1"})

    assert "Go on" in first.text
    assert "rejected again are still here" in page.text
    assert [item["Tries"] for item in shop.rejected()] == [1]


def test_all_are_tried_again_and_given_up(anybody, shop):
    base = f"/console/domains/{shop.name}/rejected"
    shop.put("Customer", id="7", mail="ann@example.com")
    shop.put("Customer", id="8", mail="bob@example.com")
    tried = anybody.post(f"{base}/retry", on=base)
    nothing = anybody.post(f"{base}/retry", on=f"/console/domains/{shop.name}/replays")
    shop.put("Order", id="3", mail="nobody@example.com")
    dropped = anybody.post(f"{base}/drop", on=base)

    assert "All are ingested." in tried.text
    assert "There was none left to try." in nothing.text
    assert "1 rejected objects are given up." in anybody.get(dropped.location).text


def test_who_may_only_look_is_offered_nothing_else(console, keys, shop):
    viewer = signed_in(Visitor(console), keys.make("read-only"))
    base = f"/console/domains/{shop.name}/rejected"
    item = shop.rejected()[0]

    assert "Try these again" not in viewer.get(base).text
    assert "Give them up" not in viewer.get(base).text
    assert "Try it as it is" not in viewer.get(f"{base}/{item['RejectionId']}").text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"n": "7"}, {"n": 7}),
        ({"n": "seven"}, {"n": "seven"}),
        ({"n": "[1]"}, {"n": "[1]"}),
        ({"n": "5", "s": "5"}, {"s": "5"}),
        ({"b": "false", "z": "now"}, {"b": False, "z": "now"}),
        ({"s": "a\r\nb"}, {"s": "a\nb"}),
        ({"o": "x", "other": "y"}, {}),
    ],
)
def test_what_was_typed_keeps_its_kind_where_it_can(typed, kept):
    document = {"n": 5, "s": "text", "b": True, "z": None, "o": {"in": 1}}
    form = {FIELD + name: text for name, text in typed.items()}

    assert json.loads(fixed(json.dumps(document), form)) == {**document, **kept}


@pytest.mark.parametrize("document", ["not json", "[1, 2]", '"text"'])
def test_what_is_no_object_has_no_fields(document):
    assert fields_of(document) == ()
    assert pretty(document) == document


JSON = st.none() | st.booleans() | st.integers() | st.text()


@given(st.dictionaries(st.text(), JSON | st.lists(JSON)))
def test_a_document_whose_fields_nobody_changes_stays_as_it_is(content):
    document = json.dumps(content)
    form = {
        FIELD + field.name: field.text for field in fields_of(document) if "\r" not in field.text
    }

    assert json.loads(fixed(document, form)) == content
