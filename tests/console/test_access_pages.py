"""Access keys and policies, as an administrator sees and changes them."""

import json
import re
import uuid

import pytest

from tests.console.conftest import signed_in
from tests.console.visiting import Visitor

READING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "profile:ListDomains", "Resource": "*"}],
    }
)


def shown(text: str, id: str) -> str:
    found = re.search(rf'<code id="{id}">([^<]+)</code>', text)
    assert found is not None
    return found[1]


@pytest.fixture
def policy(admin: Visitor) -> str:
    """The name of a policy of the account."""
    name = f"policy-{uuid.uuid4().hex}"
    made = admin.post("/console/policies", on="/console/policies/new", name=name, document=READING)
    assert made.status_code == 303
    return name


def test_a_key_is_made_and_its_secret_shown_once(admin):
    made = admin.post(
        "/console/keys", on="/console/keys/new", name="till", policies=["read-only", "agent"]
    )
    key_id, secret = shown(made.text, "key-id"), shown(made.text, "key-secret")

    assert made.headers["Cache-Control"] == "no-store"
    assert "key-token" not in made.text
    page = admin.get(f"/console/keys/{key_id}").text
    assert secret not in page
    assert secret not in admin.get("/console/keys").text
    assert 'value="agent" checked' in page
    till = Visitor(admin.console)
    answer = till.post("/console/sign-in", access_key_id=key_id, secret_access_key=secret)
    assert answer.status_code == 303


def test_a_key_that_expires_has_a_session_token(admin):
    form = {"name": "job", "document": READING, "lifetime": "3600"}
    made = admin.post("/console/keys", on="/console/keys/new", **form)

    assert len(shown(made.text, "key-token")) > 40
    assert "It is good until <time" in made.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "a b", "policies": "agent"}, "Name"),
        ({"name": "a"}, "A key needs Policies or a PolicyDocument"),
        ({"name": "a", "document": "{"}, "PolicyDocument is not valid"),
        ({"name": "a", "policies": "none"}, "Policy none does not exist"),
    ],
)
def test_a_key_that_cannot_be_made_leaves_what_was_typed(admin, form, said):
    answer = admin.post("/console/keys", on="/console/keys/new", **form)

    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{form["name"]}"' in answer.text


def test_a_key_gets_other_policies(admin, keys, policy):
    key = keys.make("agent")
    page = f"/console/keys/{key.id}"
    refused = admin.post(f"{page}/policies", on=page, document="nonsense")
    changed = admin.post(f"{page}/policies", on=page, policies=[policy])

    assert refused.status_code == 422
    assert "nonsense" in refused.text
    assert (changed.status_code, changed.location) == (303, page)
    text = admin.get(page).text
    assert f'value="{policy}" checked' in text
    assert "The key has these policies now." in text
    assert "The key has these policies now." not in admin.get(page).text


def test_a_key_is_rotated(admin, keys):
    key = keys.make("agent")
    page = f"/console/keys/{key.id}"
    made = admin.post(f"{page}/rotate", on=page, overlap="3600")

    assert shown(made.text, "key-id") != key.id
    old = admin.get(page).text
    assert "Rotate it" not in old
    assert "Good until</dt><dd><time" in old


def test_a_key_is_disabled_enabled_and_deleted(admin, keys):
    key = keys.make("admin", name="grace")
    page = f"/console/keys/{key.id}"
    grace = signed_in(Visitor(admin.console), key)

    assert admin.post(f"{page}/disable", on=page).location == page
    assert grace.get("/console/").status_code == 303
    assert "Enable it" in admin.get(page).text
    admin.post(f"{page}/enable", on=page)
    assert "Disable it" in admin.get(page).text
    gone = admin.post(f"{page}/delete", on=page)
    assert gone.location == "/console/keys"
    assert f"Access key {key.id} is deleted." in admin.get("/console/keys").text
    assert admin.get(page).status_code == 404


def test_the_list_says_who_used_a_key_last_and_marks_ones_own(admin):
    texts, address = [], "/console/keys"
    while address:
        texts.append(admin.get(address).text)
        found = re.search(r'href="([^"]+)" rel="next"', texts[-1])
        address = found[1] if found else ""

    assert sum(text.count('<span class="badge busy">you</span>') for text in texts) == 1
    assert all("Access keys" in text for text in texts)


def test_the_list_has_pages(admin, keys):
    for _ in range(60):
        keys.make("agent", name="many")
    text, seen = "", set()
    address = "/console/keys"
    while address:
        text = admin.get(address).text
        seen |= set(re.findall(r"/console/keys/(OPAK\w+)", text))
        found = re.search(r'href="([^"]+)" rel="next"', text)
        address = found[1] if found else ""

    assert len(seen) > 60
    assert "From the beginning" in text


def test_an_open_console_without_keys_says_what_they_are_for(make_console):
    empty = Visitor(make_console(auth="open", account_id="111122223333"))

    assert "There is no access key yet" in empty.get("/console/keys").text


def test_a_policy_is_made_changed_and_deleted(admin, policy):
    page = f"/console/policies/{policy}"
    wider = READING.replace("ListDomains", "List*")
    refused = admin.post(page, on=page, document="{}")
    changed = admin.post(page, on=page, document=wider)

    assert policy in admin.get("/console/policies").text
    assert refused.status_code == 422
    assert "PolicyDocument is not valid" in refused.text
    assert changed.location == page
    assert "profile:List*" in admin.get(page).text
    assert admin.post(f"{page}/delete", on=page).location == "/console/policies"
    assert admin.get(page).status_code == 404


def test_a_policy_that_a_key_has_stays(admin, keys, policy):
    keys.make(policy)
    page = f"/console/policies/{policy}"
    answer = admin.post(f"{page}/delete", on=page)

    assert answer.location == page
    assert f"Policy {policy} is that of an access key." in admin.get(page).text


def test_a_policy_of_a_name_that_is_taken_is_not_replaced(admin, policy):
    new = "/console/policies/new"
    forms = ({"name": policy, "document": READING}, {"name": "admin", "document": READING})
    answers = [admin.post("/console/policies", on=new, **form) for form in forms]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("There is a policy of this name already" in answer.text for answer in answers)


def test_a_built_in_policy_is_shown_and_cannot_be_changed(admin):
    page = admin.get("/console/policies/agent").text

    assert "It cannot be changed" in page
    assert "<textarea" not in page
    answer = admin.post("/console/policies/agent", on="/console/policies/new", document=READING)
    assert answer.status_code == 422


def test_who_may_not_is_told_so_on_a_page_of_its_own(console, keys):
    agent = signed_in(Visitor(console), keys.make("agent"))
    answers = [agent.get("/console/keys"), agent.get("/console/policies")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert all("You may not do this" in answer.text for answer in answers)
    assert agent.get("/console/").status_code == 200
