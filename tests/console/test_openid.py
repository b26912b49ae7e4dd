"""Signing in through a provider of identities, which may be away, refuse, or lie."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.console.provider import key_called
from tests.console.visiting import Visitor


def go_to_provider(visitor: Visitor, target: str = "") -> str:
    """Leave for the provider, be signed in there; where it sends the browser back to."""
    away = visitor.get(f"/console/sign-in/provider{target}")
    assert away.status_code == 302, away.text
    back = requests.get(away.location, allow_redirects=False, timeout=10).headers["Location"]
    return back.removeprefix(visitor.origin)


def sign_in(visitor: Visitor, target: str = "") -> tuple[int, str]:
    answer = visitor.get(go_to_provider(visitor, target))
    return answer.status_code, answer.location or answer.text


def test_somebody_signs_in_and_has_the_role_that_the_provider_gives(federated):
    visitor = federated()
    form = visitor.get("/console/sign-in").text
    status, location = sign_in(visitor, "?next=/console/policies")

    assert "Continue with single sign-on" in form
    assert (status, location) == (303, "/console/policies")
    home = visitor.get("/console/").text
    assert "grace@example.org" in home
    assert "<dd>agent</dd>" in home


def test_the_browser_leaves_with_everything_that_the_protocol_asks_for(federated, provider):
    asked = urlsplit(federated().get("/console/sign-in/provider").location)
    query = {name: value[0] for name, value in parse_qs(asked.query).items()}

    assert f"{asked.scheme}://{asked.netloc}{asked.path}" == f"{provider.issuer}/authorize"
    assert query["redirect_uri"] == "http://127.0.0.1:8787/console/sign-in/back"
    assert query["scope"] == "openid profile email"
    assert query["code_challenge_method"] == "S256"
    assert min(map(len, (query["state"], query["nonce"], query["code_challenge"]))) >= 20


def test_an_agent_may_not_see_access_keys(federated):
    visitor = federated()
    sign_in(visitor)
    answer = visitor.get("/console/keys")

    assert answer.status_code == 403
    assert "You may not do this" in answer.text
    assert "ListAccessKeys" in answer.text


def test_a_role_that_changes_counts_from_the_next_sign_in(federated, provider):
    visitor = federated()
    sign_in(visitor)
    provider.claims["roles"] = ["admin"]
    visitor.post("/console/sign-out", on="/console/")
    sign_in(visitor)

    assert visitor.get("/console/keys").status_code == 200


def test_somebody_without_a_role_is_not_let_in(federated, provider):
    provider.claims["roles"] = ["gardener"]
    visitor = federated()
    status, text = sign_in(visitor)

    assert status == 403
    assert "You have no role in this service; ask its administrators for one." in text
    assert visitor.get("/console/").status_code == 303


def change(**claims):
    return lambda given: given.update(claims)


def forget(*names):
    return lambda given: [given.pop(name) for name in names]


@pytest.mark.parametrize(
    "lie",
    [
        change(nonce="another"),
        forget("nonce"),
        change(iss="https://evil.example"),
        forget("iss"),
        change(aud="another client"),
        change(aud=["another client", "console"]),
        change(exp=1_000_000),
        forget("exp"),
        change(iat=9_999_999_999),
        change(sub=None),
    ],
    ids=range(10),
)
def test_an_identity_that_does_not_hold_is_refused(federated, provider, lie):
    provider.lie = lie
    visitor = federated()
    status, text = sign_in(visitor)

    assert status == 403
    assert "cannot be trusted" in text
    assert visitor.get("/console/").status_code == 303


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_an_identity_that_anybody_could_have_signed_is_refused(federated, provider, algorithm):
    provider.algorithm = algorithm
    status, text = sign_in(federated())

    assert (status, "cannot be trusted" in text) == (403, True)


def test_an_identity_signed_with_a_key_that_is_not_the_providers_is_refused(federated, provider):
    provider.key_shown = key_called("one", of="another")
    status, text = sign_in(federated())

    assert (status, "cannot be trusted" in text) == (403, True)


def test_a_provider_may_change_its_key(federated, provider):
    visitor = federated()
    sign_in(visitor)
    visitor.post("/console/sign-out", on="/console/")
    provider.key = key_called("two")

    assert sign_in(visitor)[0] == 303


def test_a_code_works_once_and_in_the_browser_that_asked_for_it(federated):
    visitor = federated()
    back = go_to_provider(visitor)
    thief = Visitor(visitor.console)
    stolen = thief.get(back)
    first, second = visitor.get(back), visitor.get(back)

    assert stolen.status_code == 403
    assert "begun elsewhere" in stolen.text
    assert (first.status_code, second.status_code) == (303, 403)


def test_who_is_refused_by_the_provider_is_told_so(federated, provider):
    provider.refuses = True
    status, text = sign_in(federated())

    assert status == 403
    assert "The provider did not let you in." in text


def test_an_answer_without_an_identity_is_refused(federated, provider):
    provider.says_who = False
    status, text = sign_in(federated())

    assert (status, "does not say who you are" in text) == (403, True)


def test_a_code_that_the_provider_does_not_know_is_refused(federated, provider):
    visitor = federated()
    back = go_to_provider(visitor)
    provider.codes.clear()
    answer = visitor.get(back)

    assert answer.status_code == 403
    assert "The provider refused; begin again." in answer.text


def test_a_provider_that_says_it_is_another_is_refused(federated, provider):
    provider.issuer_said = "https://evil.example"
    visitor = federated()
    answer = visitor.get("/console/sign-in/provider")
    provider.issuer_said = None

    assert answer.status_code == 502
    assert "The provider cannot be reached" in answer.text
    assert sign_in(visitor)[0] == 303


def test_a_provider_that_is_away_leaves_the_way_by_key(federated):
    visitor = federated(oidc_issuer="http://127.0.0.1:9")
    answer = visitor.get("/console/sign-in/provider")

    assert answer.status_code == 502
    assert 'name="access_key_id"' in answer.text


def test_a_provider_that_goes_away_in_between_is_said(federated, provider):
    visitor = federated()
    back = go_to_provider(visitor)
    provider.issuer_said = "https://evil.example"
    fresh = federated()
    fresh.client = visitor.client.__class__(fresh.console)
    for cookie in visitor.client._cookies.values():
        fresh.client.set_cookie(cookie.key, cookie.value, domain="127.0.0.1")

    assert fresh.get(back).status_code == 403


def test_without_a_provider_there_is_no_way_to_one(visitor, anybody):
    for somebody in (visitor, anybody):
        for path in ("provider", "back"):
            answer = somebody.get(f"/console/sign-in/{path}")
            assert (answer.status_code, answer.location) == (303, "/console/sign-in")


def test_sessions_of_the_same_person_end_together(federated):
    here = federated()
    there = Visitor(here.console)
    sign_in(here)
    sign_in(there)
    here.post("/console/sign-out", on="/console/", everywhere="yes")

    assert there.get("/console/").status_code == 303


def test_nothing_of_the_sign_in_is_logged(federated, caplog):
    caplog.set_level("DEBUG")
    visitor = federated()
    back = go_to_provider(visitor)
    visitor.get(back)

    ours = [
        record for record in caplog.records if record.name.startswith(("openprofiles", "authlib"))
    ]
    said = " ".join(str(record.__dict__) for record in ours)
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert code not in said
    assert "verifier" not in said
