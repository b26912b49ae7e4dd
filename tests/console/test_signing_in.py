"""Signing in with an access key, staying signed in, and being signed out."""

from urllib.parse import urlencode

import pytest

from tests.console.conftest import signed_in
from tests.console.visiting import Visitor


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/console/").status_code == 200


def test_a_key_and_its_secret_let_one_in(visitor, keys):
    key = keys.make("admin")
    answer = visitor.post(
        "/console/sign-in", access_key_id=f" {key.id} ", secret_access_key=key.secret
    )

    assert (answer.status_code, answer.location) == (303, "/console/")
    home = visitor.get("/console/").text
    assert key.name in home
    assert "by the policies of the key" in home
    assert "Nobody signs in here" not in home


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_where_they_wanted(visitor, keys):
    asked = visitor.get("/console/policies?x=1")
    form = visitor.get(asked.location).text
    key = keys.make("admin")
    answer = visitor.post(
        "/console/sign-in",
        next="/console/policies?x=1",
        access_key_id=key.id,
        secret_access_key=key.secret,
    )

    assert (asked.status_code, asked.location) == (
        303,
        "/console/sign-in?next=/console/policies?x%3D1",
    )
    assert 'name="next" value="/console/policies?x=1"' in form
    assert answer.location == "/console/policies?x=1"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/console/",
        "/\\evil.example",
        "/console/\\..\\..",
        "/console/\t/evil.example",
        "/console/../x",
        "javascript:alert(1)",
        "/metrics",
        "/consolevil",
        "/console/" + "x" * 3000,
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(visitor, keys, elsewhere):
    key = keys.make("admin")
    answer = visitor.post(
        "/console/sign-in", next=elsewhere, access_key_id=key.id, secret_access_key=key.secret
    )

    assert answer.location == "/console/"
    again = visitor.get(f"/console/sign-in?{urlencode({'next': elsewhere})}")
    assert again.location == "/console/"


@pytest.mark.parametrize("change", ["secret", "id", "case", "nothing"])
def test_a_wrong_key_is_refused_without_saying_what_was_wrong(visitor, keys, change):
    key = keys.make("admin")
    given = {
        "secret": (key.id, key.secret[:-1] + "é"),
        "id": ("OPAKAAAAAAAAAAAAAAAA", key.secret),
        "case": (key.id.lower(), key.secret),
        "nothing": ("", ""),
    }[change]
    answer = visitor.post("/console/sign-in", access_key_id=given[0], secret_access_key=given[1])

    assert answer.status_code == 403
    assert "There is no such access key, or its secret is another." in answer.text
    assert key.secret not in answer.text
    assert not is_in(visitor)


def test_a_temporary_key_does_not_let_people_in(visitor, keys):
    key = keys.make("admin", DurationSeconds=3600)
    answer = visitor.post("/console/sign-in", access_key_id=key.id, secret_access_key=key.secret)

    assert answer.status_code == 403


def test_who_fails_too_often_is_told_to_wait(make_console, keys):
    visitor = Visitor(make_console(auth_failures_per_minute=3))
    key = keys.make("admin")
    statuses = [
        visitor.post("/console/sign-in", access_key_id=key.id, secret_access_key=guess).status_code
        for guess in ("a", "b", "c", "d", key.secret)
    ]

    # Even the right secret: at this address and with this key, it may be the one that was guessed.
    assert statuses == [403, 403, 403, 429, 429]
    elsewhere = Visitor(visitor.console, address="198.51.100.7")
    assert is_in(signed_in(elsewhere, key))


def test_the_token_is_another_after_signing_in_and_after_signing_out(visitor, keys):
    visitor.get("/console/sign-in")
    tokens = [visitor.token()]
    signed_in(visitor, keys.make("admin"))
    tokens.append(visitor.token())
    visitor.post("/console/sign-out", on="/console/")
    tokens.append(visitor.token())

    assert all(tokens)
    assert len(set(tokens)) == 3


def test_a_token_that_somebody_planted_does_not_become_that_of_a_session(visitor, keys):
    visitor.client.set_cookie("openprofiles", "p" * 43, domain="127.0.0.1")
    thief = Visitor(visitor.console)
    thief.client.set_cookie("openprofiles", "p" * 43, domain="127.0.0.1")
    signed_in(visitor, keys.make("admin"))

    assert is_in(visitor)
    assert not is_in(thief)


def test_a_session_ends_when_nobody_uses_it(visitor, keys, clock):
    signed_in(visitor, keys.make("admin"))
    for _ in range(3):
        clock.turn(minutes=59)
        assert is_in(visitor)
    clock.turn(minutes=60)

    assert not is_in(visitor)


def test_a_session_ends_after_some_hours_however_busy(visitor, keys, clock):
    signed_in(visitor, keys.make("admin"))
    for _ in range(23):
        clock.turn(minutes=31)
        assert is_in(visitor)
    clock.turn(minutes=31)

    assert not is_in(visitor)


def test_the_session_of_a_key_ends_when_the_key_is_disabled(visitor, keys):
    key = keys.make("admin")
    signed_in(visitor, key)
    keys.disable(key)
    answer = visitor.get("/console/keys")

    assert (answer.status_code, answer.location) == (303, "/console/sign-in?next=/console/keys")
    # For good: a key that is enabled again does not bring the session back.
    keys.invoke("EnableAccessKey", {"AccessKeyId": key.id}, keys.caller)
    assert not is_in(visitor)


def test_signing_out_ends_this_session_only(console, keys):
    key = keys.make("admin")
    here, there = (signed_in(Visitor(console), key) for _ in range(2))
    old = here.token()
    answer = here.post("/console/sign-out", on="/console/")

    assert (answer.status_code, answer.location) == (303, "/console/sign-in")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "You are signed out." in here.get("/console/sign-in").text
    assert (is_in(here), is_in(there)) == (False, True)
    here.client.set_cookie("openprofiles", old, domain="127.0.0.1")
    assert not is_in(here)


def test_signing_out_everywhere_ends_all_sessions_of_this_person(console, keys):
    key, other = keys.make("admin"), keys.make("admin", name="grace")
    here, there = (signed_in(Visitor(console), key) for _ in range(2))
    somebody = signed_in(Visitor(console), other)
    here.post("/console/sign-out", on="/console/", everywhere="yes")

    assert (is_in(here), is_in(there), is_in(somebody)) == (False, False, True)


def test_who_is_signed_in_need_not_do_so_again(visitor, keys):
    signed_in(visitor, keys.make("admin"))
    answer = visitor.get("/console/sign-in?next=/console/keys")

    assert (answer.status_code, answer.location) == (303, "/console/keys")


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in_when_the_session_is_over(visitor):
    answer = visitor.part("/console/parts/domains", at="/console/policies?x=1")

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/console/sign-in?next=/console/policies?x%3D1"
    assert answer.text == ""


def test_a_form_sent_after_the_session_is_over_leads_to_signing_in(visitor, keys, clock):
    signed_in(visitor, keys.make("admin"))
    proof = visitor.proof("/console/")
    clock.turn(hours=13)
    answer = visitor.send("/console/domains", {"csrf_token": proof, "name": "x", "days": "1"})

    assert (answer.status_code, answer.location) == (303, "/console/sign-in")


def test_a_console_that_is_open_lets_everybody_in_and_says_so(anybody):
    home = anybody.get("/console/")

    assert home.status_code == 200
    assert "Nobody signs in here." in home.text
    assert "Sign out" not in home.text
    assert anybody.get("/console/sign-in").location == "/console/"
    assert anybody.post("/console/sign-out", on="/console/").status_code == 303
    assert is_in(anybody)


def test_what_is_logged_of_signing_in_holds_no_secret(visitor, keys, caplog):
    caplog.set_level("DEBUG")
    key = keys.make("admin")
    visitor.post("/console/sign-in", access_key_id=key.id, secret_access_key="a wrong secret")
    signed_in(visitor, key)

    said = " ".join(str(record.__dict__) for record in caplog.records)
    assert key.name in said
    assert "a wrong secret" not in said
    assert key.secret not in said
    assert str(visitor.token()) not in said
