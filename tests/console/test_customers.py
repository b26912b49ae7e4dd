"""Customers: finding one, seeing one whole, editing, erasing."""

import json
import re

import pytest

from tests.console.browser.places import customers
from tests.console.browser.places.place import World
from tests.console.conftest import signed_in
from tests.console.duplicating import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN
from tests.console.visiting import Visitor

ONLY_WHOLE = "where values are sealed, only whole ones are found"
PART = {"HX_Request": "true", "HX_Request_Type": "partial"}


@pytest.fixture
def names(client, domain, keys):
    """A domain with Ada in it."""
    return customers.furnish(World(client, domain, keys))


@pytest.fixture
def root(names) -> str:
    return f"/console/domains/{names['domain_name']}/customers"


@pytest.fixture
def ada(root, names) -> str:
    return f"{root}/{names['profile_id']}"


def fields_of(client, names):
    """Ada as the API has her."""
    answer = client.batch_get_profile(
        DomainName=names["domain_name"], ProfileIds=[names["profile_id"]]
    )
    return answer["Profiles"][0]


def save(visitor, ada, section="person", **form):
    """Send the form of a section as htmx does."""
    sent = {"csrf_token": visitor.proof(ada), **form}
    return visitor.send(f"{ada}/sections/{section}/edit", sent, **PART)


def undo_of(text: str) -> str:
    """Where the button Undo of a page leads."""
    found = re.search(r'action="([^"]+/undo)"', text)
    assert found
    return found[1]


@pytest.mark.clear_only(reason=ONLY_WHOLE)
def test_a_phone_typed_oddly_finds_and_says_why(anybody, root):
    page = anybody.get(f"{root}?q=(206) 345.78-90").text
    part = anybody.part(f"{root}?q=206 345").text

    assert "Ada Lovelace" in page
    assert "Phone: +12063457890" in page
    assert "Phone begins so" in part
    assert "<html" not in part


def test_without_anything_the_last_ones_are_there(anybody, root):
    page = anybody.get(root).text

    assert "Last created or changed" in page
    assert "Ada Lovelace" in page
    assert "received" in page or "merged" in page


def test_nobody_and_too_little_is_said(anybody, root):
    assert "Nobody is found by that" in anybody.get(f"{root}?q=zebra").text
    assert "Type one letter more" in anybody.get(f"{root}?q=z").text


def test_an_empty_domain_says_how_customers_come(anybody, domain):
    assert "Nobody has been here yet" in anybody.get(f"/console/domains/{domain}/customers").text


def test_a_domain_with_a_key_says_what_cannot_be_found(anybody, client, domain):
    name = f"sealed-{domain[:40]}"
    client.create_domain(DomainName=name, DefaultExpirationDays=9, DefaultEncryptionKey="mine")

    page = anybody.get(f"/console/domains/{name}/customers?q=love").text

    assert "only whole values are found" in page


@pytest.mark.clear_only(reason=ONLY_WHOLE)
def test_more_than_a_page_is_said_and_last_names_are_a_reason(anybody, client, domain):
    for number in range(22):
        client.create_profile(DomainName=domain, FirstName="Bo", LastName=f"Smith{number:02}")

    page = anybody.get(f"/console/domains/{domain}/customers?q=smith").text

    assert "Last name begins so: Smith00" in page
    assert "There are more." in page


def test_a_customer_is_shown_whole(anybody, ada, names):
    page = anybody.get(ada).text

    for said in ("Ada Lovelace", "London", "gold", "SO-2", "2.50 EUR", "+12063457890", "<svg"):
        assert said in page
    assert ">Shop</a>" in page
    assert ">by hand</a>" in page
    assert names["other_id"] in page


def test_a_former_id_leads_to_the_profile(anybody, root, ada, names):
    answer = anybody.get(f"{root}/{names['other_id']}")

    assert answer.location == f"{ada}?from={names['other_id']}"
    assert "was merged into this one" in anybody.get(answer.location).text
    assert anybody.get(f"{root}/{'0' * 32}").status_code == 404


def test_a_field_tells_where_it_came_from(anybody, ada):
    page = anybody.get(f"{ada}/field?path=FirstName").text
    part = anybody.part(f"{ada}/field?path=PhoneNumber").text
    none = anybody.part(f"{ada}/field?path=MiddleName").text

    assert 'From <a href="' in page
    assert "Written by hand" in part
    assert "Undo" in part
    assert "It has no value now" in none


def test_an_edit_is_saved_and_undone_where_it_is(anybody, client, ada, names):
    saved = save(anybody, ada, FirstName="Augusta", **{"was.FirstName": "Ada"})
    assert fields_of(client, names)["FirstName"] == "Augusta"
    undone = anybody.post(undo_of(saved.text), on=ada)

    assert saved.status_code == 200
    assert "Saved." in saved.text
    assert undone.location == ada
    assert "The edit is undone." in anybody.get(ada).text
    assert fields_of(client, names)["FirstName"] == "Ada"


def test_an_edit_works_without_scripts(anybody, client, ada, names):
    form = anybody.get(f"{ada}/sections/Attributes/edit").text
    given = {
        "was.Attributes.tier": "gold",
        "Attributes.tier": "",
        "new_name": "pet",
        "new_text": "cat",
    }
    saved = anybody.post(f"{ada}/sections/Attributes/edit", on=ada, **given)

    assert "New attribute" in form
    assert saved.location.startswith(f"{ada}?undo=")
    assert "Saved." in anybody.get(saved.location).text
    assert fields_of(client, names)["Attributes"] == {"pet": "cat"}


def test_nothing_is_saved_where_nothing_was_changed(anybody, ada):
    saved = save(anybody, ada, FirstName="Ada", **{"was.FirstName": "Ada"})
    plain = anybody.post(f"{ada}/sections/person/edit", on=ada)

    assert "Saved." not in saved.text
    assert plain.location == ada


def test_what_is_wrong_is_said_beside_its_field(anybody, ada):
    answer = save(anybody, ada, FirstName="x" * 300, **{"was.FirstName": "Ada"})
    other = save(anybody, ada, "Attributes", new_name="n" * 300, new_text="x")

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "Must have length less than or equal to" in answer.text
    assert other.status_code == 422
    assert 'role="alert"' in other.text


def test_what_is_wrong_with_all_of_a_customer_is_said_above_the_form(anybody, client, root, names):
    most = {f"note{number}": "x" * 250 for number in range(932)}
    large = client.create_profile(DomainName=names["domain_name"], Attributes=most)["ProfileId"]

    answer = save(anybody, f"{root}/{large}", AdditionalInformation="y" * 1000)

    assert answer.status_code == 422
    assert "The profile is larger than 256000 bytes" in answer.text
    assert 'role="alert"' in answer.text
    assert 'aria-invalid="true"' not in answer.text


def test_what_somebody_else_changed_meanwhile_is_not_written_over_unseen(
    anybody, client, ada, names
):
    client.update_profile(
        DomainName=names["domain_name"], ProfileId=names["profile_id"], FirstName="Annabella"
    )
    answer = save(anybody, ada, FirstName="Augusta", **{"was.FirstName": "Ada"})
    gone = save(anybody, ada, MiddleName="K", **{"was.MiddleName": "King"})
    again = save(anybody, ada, FirstName="Augusta", **{"was.FirstName": "Annabella"})

    assert answer.status_code == 409
    assert "Changed meanwhile to “Annabella”" in answer.text
    assert "Deleted meanwhile" in gone.text
    assert again.status_code == 200


def test_a_section_is_shown_again_when_its_form_is_left(anybody, ada):
    assert "Ada" in anybody.part(f"{ada}/sections/person").text
    assert 'name="was.FirstName"' in anybody.part(f"{ada}/sections/person/edit").text
    assert anybody.get(f"{ada}/sections/person").location == ada
    for address in (f"{ada}/sections/none/edit", f"{ada}/sections/others/edit"):
        assert anybody.get(address).status_code == 404
    assert anybody.part(f"{ada}/sections/none").status_code == 404


def test_an_undo_that_comes_too_late_says_so(anybody, client, ada, names):
    saved = save(
        anybody,
        ada,
        FirstName="Augusta",
        LastName="King",
        **{"was.FirstName": "Ada", "was.LastName": "Lovelace"},
    )
    where = {"DomainName": names["domain_name"], "ProfileId": names["profile_id"]}
    client.update_profile(**where, FirstName="Anna")
    anybody.post(undo_of(saved.text), on=ada)
    partly = anybody.get(ada).text
    anybody.post(undo_of(saved.text), on=ada)

    assert "1 of its fields were written since and stay." in partly
    assert "nothing is left of it" in anybody.get(ada).text


def test_activity_can_be_filtered_and_opened(anybody, ada, names):
    everything = anybody.get(f"{ada}/activity").text
    merges = anybody.get(f"{ada}/activity?action=MERGED").text
    record = anybody.part(f"{ada}/activity/{names['record_id']}").text

    assert "Received: Shop" in everything
    assert "Received: Shop" not in merges.split("<ol")[1]
    assert "Profile merged" in merges
    assert "ada@example.org" in record
    assert "Nothing of this kind" in anybody.get(f"{ada}/activity?action=EXPIRED").text
    assert "by" in anybody.get(f"{ada}/activity/{names['record_id']}").text


def test_what_is_not_kept_is_said(anybody, client, names, root):
    gone = client.create_profile(DomainName=names["domain_name"], FirstName="Gone")["ProfileId"]
    client.delete_profile(DomainName=names["domain_name"], ProfileId=gone)
    page = anybody.get(f"{root}/{gone}/activity").text
    address = re.search(r'href="([^"]+/activity/[0-9a-f]{32})"', page)
    assert address

    assert "is not kept" in anybody.get(address[1]).text
    assert "is not kept" in anybody.part(address[1]).text
    assert gone in page


def test_an_object_is_deleted(anybody, ada):
    page = anybody.get(f"{ada}/objects/Shop").text
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    answer = anybody.post(f"{ada}/objects/Shop/delete", on=ada, key=key[1])

    assert answer.location == f"{ada}/objects/Shop"
    assert anybody.get(answer.location).text.count('name="key"') == page.count('name="key"') - 1
    assert "There are none" in anybody.get(f"{ada}/objects/_case").text
    assert 'name="key"' not in anybody.get(f"{ada}/objects/_order").text


def test_a_key_that_was_added_is_deleted(anybody, client, ada, names):
    given = {"DomainName": names["domain_name"], "ProfileId": names["profile_id"]}
    client.add_profile_key(**given, KeyName="shopId", Values=["99"])
    assert "<strong>99</strong>" in anybody.get(ada).text
    anybody.post(f"{ada}/keys/delete", on=ada, name="shopId", value="99")
    assert "<strong>99</strong>" not in anybody.get(ada).text
    anybody.post(f"{ada}/keys/delete", on=ada, name="none", value="99")

    assert "neither predefined nor a key" in anybody.get(ada).text


def test_the_picture_of_an_identity_has_a_table_beside_it(anybody, client, ada, names):
    given = {"DomainName": names["domain_name"], "ProfileId": names["profile_id"]}
    client.add_profile_key(**given, KeyName="shopId", Values=[str(n) for n in range(100, 110)])
    client.add_profile_key(**given, KeyName="shopId", Values=[str(n) for n in range(110, 120)])

    page = anybody.get(f"{ada}/graph").text

    assert page.count('class="node key"') == 14
    assert "more values" in page
    assert "Fields of the profile" in page
    assert "Merged profile" in page
    assert " of 2" in page


def test_all_that_is_held_is_downloaded(anybody, ada, names):
    answer = anybody.post(f"{ada}/download", on=ada)

    assert "attachment" in answer.headers["Content-Disposition"]
    assert json.loads(answer.text)["ProfileIds"] == [names["profile_id"], names["other_id"]] or (
        names["profile_id"] in json.loads(answer.text)["ProfileIds"]
    )


def test_one_is_erased_when_one_is_sure(anybody, ada, root):
    question = anybody.get(f"{ada}/erase").text
    unsure = anybody.post(f"{ada}/erase", on=ada, sure="no", tombstone="yes")
    erased = anybody.post(f"{ada}/erase", on=ada, sure="Erase", tombstone="yes")

    assert "Ada Lovelace" in question
    assert unsure.status_code == 422
    assert "Nothing was erased" in unsure.text
    receipt = anybody.get(erased.location).text
    assert "Receipt of an erasure" in receipt
    assert "Ada" not in receipt
    assert anybody.get(ada).status_code == 404
    assert "Nobody is found" in anybody.get(f"{root}?q=lovelace").text


def test_those_who_may_be_the_same_person_are_shown_with_their_match(anybody, street):
    anna, again = street.settle(ANNA, ANNA_AGAIN)
    bela, bela_again = street.settle(BELA, BELA_AGAIN)
    street.rules()
    street.run()

    page = anybody.get(f"{street.path}/customers/{anna}").text
    by_rule = anybody.get(f"{street.path}/customers/{bela}").text

    assert f"/customers/{again}" in page
    assert f"/duplicates/{street.waiting()[0]}" in page
    assert f"/customers/{bela_again}" in by_rule


def test_one_who_may_not_see_matches_sees_the_customer_without_them(console, keys, street):
    anna, again = street.settle(ANNA, ANNA_AGAIN)
    street.rules()
    allowed = {"Effect": "Allow", "Action": "profile:*", "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "profile:GetSimilarProfiles", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed, denied]})
    somebody = signed_in(Visitor(console), keys.make(PolicyDocument=document))

    page = somebody.get(f"{street.path}/customers/{anna}")

    assert page.status_code == 200
    assert again not in page.text


def test_one_who_may_only_look_is_offered_nothing_else(console, keys, ada):
    viewer = signed_in(Visitor(console), keys.make("read-only"))
    agent = signed_in(Visitor(console), keys.make("agent"))

    looked, helped = viewer.get(ada).text, agent.get(ada).text

    assert "You may look at this customer" in looked
    assert ("Erase" in looked, "Download" in looked, ">Edit<" in looked) == (False, False, False)
    assert ">Edit<" in helped
    assert "Undo" not in viewer.part(f"{ada}/field?path=PhoneNumber").text
    assert viewer.get(f"{ada}/erase").status_code == 403


def test_where_policies_have_conditions_actions_are_offered(console, keys, ada):
    document = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", "Action":'
        ' "profile:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}'
    )
    somebody = signed_in(Visitor(console), keys.make(PolicyDocument=document))

    assert ">Edit<" in somebody.get(ada).text
