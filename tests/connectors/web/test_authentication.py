"""How requests are let in."""

from contextlib import closing
from dataclasses import replace
from urllib.parse import parse_qs

import msgspec
import pytest

from openprofiles.connectors import SourceRefused, SourceUnavailable
from openprofiles.connectors.web import (
    BasicAuthentication,
    FixedHeaders,
    OAuth,
    WebRefused,
    WebSession,
    bearer,
)
from tests.connectors.web.conftest import Asked, Reply


class TokenServer:
    """Gives tokens token-1, token-2, …; only the last one opens /data."""

    def __init__(self, site, **more):
        self.given = 0
        self.more = more
        site.routes["/token"] = self.give
        site.routes["/data"] = self.let_in
        self.forms: list[dict[str, list[str]]] = []

    def give(self, asked: Asked) -> Reply:
        self.given += 1
        self.forms.append(parse_qs(asked.body.decode()))
        return Reply(body=msgspec.json.encode({"access_token": f"token-{self.given}", **self.more}))

    def let_in(self, asked: Asked) -> Reply:
        is_in = asked.headers.get("authorization") == f"Bearer token-{self.given}"
        return Reply(200 if is_in else 401)


def opened(site, limits, **more):
    authentication = OAuth.by_client_credentials(
        f"{site.url}/token",
        client_id="me",
        client_secret="hush",
        service="Shop",
        limits=limits,
        **more,
    )
    return closing(
        WebSession(site.url, service="Shop", authentication=authentication, limits=limits)
    )


@pytest.mark.parametrize(
    ("authentication", "header"),
    [
        (bearer("t"), "Bearer t"),
        (BasicAuthentication("jö", "pw"), "Basic asO2OnB3"),
        (FixedHeaders({"Authorization": "Key k"}), "Key k"),
    ],
)
def test_fixed_credentials_go_with_each_request(site, limits, authentication, header):
    session = WebSession(site.url, service="Shop", authentication=authentication, limits=limits)

    with closing(session):
        session.get("x")

    assert site.asked[0].headers["authorization"] == header


def test_fixed_credentials_that_are_refused_stay_refused(site, limits):
    site.replies = [Reply(401)]
    session = WebSession(site.url, service="Shop", authentication=bearer("t"), limits=limits)

    with closing(session), pytest.raises(WebRefused, match="credentials"):
        session.get("x")

    assert len(site.asked) == 1


def test_client_credentials_get_a_token_once(site, limits):
    server = TokenServer(site)

    with opened(site, limits, scope="read") as session:
        session.get("data")
        session.get("data")

    form = {"grant_type": "client_credentials", "client_id": "me", "client_secret": "hush"}
    assert server.forms == [{name: [value] for name, value in (form | {"scope": "read"}).items()}]


def test_a_refresh_token_gets_a_token(site, limits):
    server = TokenServer(site, instance_url="https://eu.example")
    authentication = OAuth.by_refresh_token(
        f"{site.url}/token",
        client_id="me",
        client_secret=None,
        refresh_token="long",
        service="Shop",
        limits=limits,
    )

    with closing(authentication):
        assert authentication.token()["instance_url"] == "https://eu.example"

    form = {"grant_type": "refresh_token", "client_id": "me", "refresh_token": "long"}
    assert server.forms == [{name: [value] for name, value in form.items()}]


def test_a_refresh_token_that_is_replaced_is_used(site, limits):
    server = TokenServer(site, refresh_token="longer")
    authentication = OAuth.by_refresh_token(
        f"{site.url}/token",
        client_id="me",
        client_secret="hush",
        refresh_token="long",
        service="Shop",
        limits=limits,
    )

    with closing(authentication):
        authentication.headers()
        authentication.renew()
        authentication.headers()

    assert [form["refresh_token"] for form in server.forms] == [["long"], ["longer"]]
    assert server.forms[0]["client_secret"] == ["hush"]


def test_a_token_that_is_refused_is_fetched_anew_once(site, limits):
    server = TokenServer(site)

    with opened(site, limits) as session:
        session.get("data")
        server.given += 1
        session.get("data")

    assert len(server.forms) == 2


def test_credentials_that_stay_refused_are_refused(site, limits):
    server = TokenServer(site)
    site.routes["/data"] = lambda _: Reply(401)

    with opened(site, limits) as session, pytest.raises(WebRefused, match="credentials"):
        session.get("data")

    assert len(server.forms) == 2


def test_a_session_without_credentials_has_none_to_renew(site, limits):
    with closing(WebSession(site.url, service="Shop", limits=limits)) as session:
        assert not session.renew()


@pytest.mark.parametrize(
    ("life", "lives"), [(600, 539), ("600", 539), (30, 14), (None, 3539), ("inf", 3539), (-5, 3539)]
)
def test_a_token_is_renewed_before_it_ends(site, limits, life, lives):
    server = TokenServer(site, expires_in=life)
    now = [1000.0]

    with opened(site, replace(limits, now=lambda: now[0])) as session:
        session.get("data")
        now[0] += lives
        session.get("data")
        assert server.given == 1
        now[0] += 2
        session.get("data")

    assert server.given == 2


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_grant_that_is_refused_is_refused(site, limits, status):
    site.routes["/token"] = lambda _: Reply(status, body=b'{"error": "hush"}')

    with (
        opened(site, limits) as session,
        pytest.raises(SourceRefused, match="no access") as refused,
    ):
        session.get("data")

    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"access_token": 1}', b"<html>"])
def test_an_answer_without_a_token_is_unavailable(site, limits, body):
    site.routes["/token"] = lambda _: Reply(body=body)

    with opened(site, limits) as session, pytest.raises(SourceUnavailable):
        session.get("data")


def test_a_token_server_that_is_down_is_unavailable(site, limits):
    site.routes["/token"] = lambda _: Reply(503, headers={"Retry-After": "600"})

    with opened(site, limits) as session, pytest.raises(SourceUnavailable) as unavailable:
        session.get("data")

    assert unavailable.value.retry_after == 600
