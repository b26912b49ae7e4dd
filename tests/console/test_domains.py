"""The settings of a domain, its tags, and deleting it."""

import pytest

from openprofiles.console.pages.domains.form import SettingsForm, problems_in
from openprofiles.core.errors import AccessDenied, Throttling
from tests.console.conftest import signed_in
from tests.console.visiting import Visitor

QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/rejected"


@pytest.fixture
def path(domain):
    """Where the settings of a fresh domain are."""
    return f"/console/domains/{domain}/settings"


@pytest.fixture
def typed(keys_of_domains):
    """What the form has for a domain as the tests make it."""
    key = keys_of_domains.get("DefaultEncryptionKey", "")

    def fill_in(**changes: str) -> dict[str, str]:
        return {"days": "366", "queue": "", "key": key, **changes}

    return fill_in


def test_settings_are_changed_and_shown(anybody, client, domain, path, typed):
    done = anybody.post(path, on=path, **typed(days="400", queue=QUEUE, key="shop-key"))

    page = anybody.get(done.location).text
    found = client.get_domain(DomainName=domain)
    assert "It is set." in page
    assert (found["DefaultExpirationDays"], found["DeadLetterQueueUrl"]) == (400, QUEUE)
    assert found["DefaultEncryptionKey"] == "shop-key"
    assert 'value="400"' in page
    assert '<span class="badge good">encrypted</span>' in page
    assert "Wait to be sent" in page


def test_nothing_is_asked_for_when_nothing_was_changed(anybody, client, domain, path, typed):
    before = client.get_domain(DomainName=domain)["LastUpdatedAt"]

    done = anybody.post(path, on=path, **typed())

    assert "Nothing was changed." in anybody.get(done.location).text
    assert client.get_domain(DomainName=domain)["LastUpdatedAt"] == before


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"days": "soon"}, "days", "The days are a whole number."),
        ({"days": "1099"}, "days", "Must have value less than or equal to 1098"),
        ({"queue": "q" * 256}, "queue", "Must have length less than or equal to 255"),
        ({"key": "k" * 256}, "key", "Must have length less than or equal to 255"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(anybody, path, typed, change, field, said):
    answer = anybody.post(path, on=path, **typed(**change))

    assert answer.status_code == 422
    assert f'<p class="problem" id="{field}-problem">{said}</p>' in answer.text
    assert f'value="{change[field]}"' in answer.text


def test_what_takes_something_away_is_asked_first(anybody, client, domain, path, typed):
    anybody.post(path, on=path, **typed(queue=QUEUE, key="shop-key"))

    asked = anybody.post(path, on=path, **typed(days="30", key=""))
    unchanged = client.get_domain(DomainName=domain)
    anybody.post(path, on=path, **typed(days="30", key="", sure="yes"))

    assert asked.status_code == 422
    assert "nobody has written to for 30 days are removed" in asked.text
    assert "lies in the clear" in asked.text
    assert "still wait to be sent to the queue" in asked.text
    assert unchanged["DefaultExpirationDays"] == 366
    found = client.get_domain(DomainName=domain)
    assert found["DefaultExpirationDays"] == 30
    assert not {"DeadLetterQueueUrl", "DefaultEncryptionKey"} & found.keys()


def test_tags_are_set_and_removed(anybody, client, domain, path):
    set_ = anybody.post(f"{path}/tags", on=path, key="team", value="blue")
    page = anybody.get(set_.location).text
    tagged = client.get_domain(DomainName=domain)["Tags"]
    removed = anybody.post(f"{path}/tags/remove", on=path, key="team")

    assert 'aria-label="Remove tag team"' in page
    assert tagged["team"] == "blue"
    assert "Tag team is removed." in anybody.get(removed.location).text
    assert "team" not in client.get_domain(DomainName=domain)["Tags"]


def test_a_tag_that_cannot_be_stays_as_it_was_typed(anybody, path):
    answer = anybody.post(f"{path}/tags", on=path, key="aws:mine", value="blue")

    assert answer.status_code == 422
    assert 'id="key-problem"' in answer.text
    assert 'value="aws:mine"' in answer.text


def test_letters_that_a_queue_refused_are_sent_again(anybody, path):
    answer = anybody.post(f"{path}/dead-letters/retry", on=path)

    assert "The job worker sends them again" in anybody.get(answer.location).text


def test_a_domain_is_deleted_by_typing_its_name(anybody, client, domain):
    client.create_profile(DomainName=domain, FirstName="Ada")
    path = f"/console/domains/{domain}/delete"

    question = anybody.get(path).text
    refused = anybody.post(path, on=path, sure="something")
    done = anybody.post(path, on=path, sure=domain)

    assert "<strong>1</strong> profiles, <strong>0</strong> objects" in question
    assert refused.status_code == 422
    assert f"Type {domain} to be sure. Nothing is deleted." in refused.text
    assert f"Domain {domain} is deleted." in anybody.get(done.location).text
    assert f"<strong>{domain}</strong>" not in anybody.get("/console/").text
    assert domain not in [item["DomainName"] for item in client.list_domains()["Items"]]


def test_a_domain_that_one_is_not_in_leaves_the_menu_as_it_is(anybody, client, domain):
    anybody.get(f"/console/domains/{domain}")
    other = f"{domain}-2"
    client.create_domain(DomainName=other, DefaultExpirationDays=30)
    path = f"/console/domains/{domain}"
    form = {"sure": other, "csrf_token": anybody.proof(path)}

    anybody.send(f"/console/domains/{other}/delete", form)

    assert f"<strong>{domain}</strong>" in anybody.get("/console/").text


def test_who_may_only_look_reads_the_settings(console, keys, domain, path, typed):
    viewer = signed_in(Visitor(console), keys.make("read-only"))

    page, question = viewer.get(path).text, viewer.get(f"/console/domains/{domain}/delete").text
    home = viewer.get("/console/").text
    refused = viewer.post(path, on=path, **typed(days="400"))

    assert "Admins change them" in page
    assert "366 days after their last change" in page
    assert not {"Save", "Set the tag", "Delete this domain"} & {
        word for word in ("Save", "Set the tag", "Delete this domain") if word in page
    }
    assert "You may not delete it" in question
    assert "Make another domain" not in home
    assert refused.status_code == 403


def test_who_may_know_little_sees_what_they_may(console, keys, path):
    only = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*",'
        ' "Action": ["profile:GetDomain", "profile:DeleteDomain"]}]}'
    )
    visitor = signed_in(Visitor(console), keys.make(PolicyDocument=only))

    page, question = visitor.get(path), visitor.get(path.replace("settings", "delete"))

    assert page.status_code == 200
    assert "<strong>0</strong> profiles and <strong>0</strong> objects go for good" in question.text


def test_a_key_that_cannot_be_used_is_said_at_its_field():
    form = SettingsForm(key="lost")
    refused = AccessDenied("The key that DefaultEncryptionKey of domain x names cannot be used: no")
    turning = Throttling("DefaultEncryptionKey cannot be changed while it is being encrypted")

    assert problems_in(refused, form, otherwise="name").keys() == {"key"}
    assert problems_in(turning, form, otherwise="name").keys() == {"key"}
    with pytest.raises(AccessDenied):
        problems_in(AccessDenied("You may not"), form, otherwise="name")
