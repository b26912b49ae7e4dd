"""Forms of others, frames, caches, and names that point to us."""

import pytest

from tests.console.conftest import signed_in
from tests.console.visiting import ORIGIN, Visitor

DOMAIN = {"name": "stolen", "days": "366"}


def status(visitor: Visitor, form: dict[str, str], **headers: str) -> int:
    answer = visitor.request("POST", "/console/domains", form=form, headers=headers)
    assert answer.status_code in (303, 403)
    return answer.status_code


def test_a_form_of_ours_is_taken(anybody):
    form = {**DOMAIN, "csrf_token": anybody.proof("/console/"), "name": "a name that is refused"}

    assert anybody.send("/console/domains", form).status_code == 422


@pytest.mark.parametrize("proof", ["", "x", "A" * 88, "é", None])
def test_a_form_without_our_proof_is_refused(anybody, proof):
    anybody.get("/console/")
    form = DOMAIN if proof is None else {**DOMAIN, "csrf_token": proof}

    assert status(anybody, form, Origin=ORIGIN) == 403
    assert "stolen" not in anybody.get("/console/").text


def test_a_form_made_for_another_browser_is_refused(anybody):
    other = Visitor(anybody.console)

    assert status(anybody, {**DOMAIN, "csrf_token": other.proof("/console/")}, Origin=ORIGIN) == 403


def test_the_proof_may_be_in_a_header_as_htmx_sends_it(anybody):
    proof = anybody.proof("/console/")
    answer = anybody.send("/console/appearance", {"theme": "dark"}, X_CSRF_Token=proof)

    assert answer.status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8788"},
        {"Origin": "https://127.0.0.1:8787"},
        {},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
    ],
    ids=str,
)
def test_a_form_that_the_browser_calls_anothers_is_refused(anybody, headers):
    form = {**DOMAIN, "csrf_token": anybody.proof("/console/")}

    assert status(anybody, form, **headers) == 403
    assert "stolen" not in anybody.get("/console/").text


def test_a_browser_that_names_no_origin_may_say_that_it_is_ours(anybody):
    form = {"csrf_token": anybody.proof("/console/"), "theme": "dark"}
    headers = {"Sec_Fetch_Site": "same-origin"}
    answer = anybody.request("POST", "/console/appearance", form=form, headers=headers)

    assert answer.status_code == 303


@pytest.mark.parametrize(
    "path", ["/console/", "/console/sign-in", "/console/nothing", "/console/static/none.css"]
)
def test_each_answer_says_what_browsers_may_do_with_it(anybody, path):
    headers = anybody.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'sha256-" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize(
    ("site", "policy"),
    [
        (None, "same-origin"),
        ("cross-site", "same-origin"),
        ("same-site", "same-origin"),
        ("none", None),
        ("same-origin", None),
    ],
)
def test_a_window_is_taken_from_whoever_may_have_opened_it(anybody, site, policy):
    headers = {} if site is None else {"Sec_Fetch_Site": site}
    answer = anybody.request("GET", "/console/", headers=headers)

    assert answer.headers.get("Cross-Origin-Opener-Policy") == policy


def test_cookies_are_hidden_from_scripts_and_from_other_sites(anybody):
    anybody.get("/console/")
    cookie = anybody.client.get_cookie("openprofiles", domain="127.0.0.1")

    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.secure) == (True, "Lax", False)
    assert anybody.get("/console/").headers.getlist("Set-Cookie") == []


def test_by_tls_cookies_belong_to_this_host_and_go_nowhere_else(console, keys):
    visitor = Visitor(console, origin="https://profiles.example.org")
    signed_in(visitor, keys.make("admin"))
    cookie = visitor.client.get_cookie("__Host-openprofiles", domain="profiles.example.org")

    assert cookie is not None
    assert (cookie.secure, cookie.path, cookie.origin_only) == (True, "/", True)
    answer = visitor.get("/console/")
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_proxy_that_we_know_says_that_it_came_by_tls(make_console, keys):
    url = "https://profiles.example.org"
    visitor = Visitor(make_console(console_url=url), origin="http://10.0.0.7:8787")
    form = visitor.get("/console/sign-in")
    key = keys.make("admin")
    sent = {
        "csrf_token": visitor.proof(),
        "access_key_id": key.id,
        "secret_access_key": key.secret,
    }

    assert all("Secure" in cookie for cookie in form.headers.getlist("Set-Cookie"))
    assert visitor.send("/console/sign-in", sent, Origin=url).status_code == 303
    # The address behind the proxy is no longer ours.
    assert visitor.send("/console/sign-in", sent).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8787", "192.168.1.7:8787"])
def test_an_open_console_answers_only_to_names_of_this_machine(anybody, host):
    stranger = Visitor(anybody.console, origin=f"http://{host}")
    answer = stranger.get("/console/")

    assert answer.status_code == 421
    assert "000000000000" not in answer.text
    assert "Domains" not in answer.text


@pytest.mark.parametrize(
    "host", ["localhost:8787", "127.0.0.1", "127.8.9.1:1", "[::1]:8787", "app.localhost"]
)
def test_this_machine_has_several_names(anybody, host):
    assert Visitor(anybody.console, origin=f"http://{host}").get("/console/").status_code == 200


def test_an_open_console_behind_a_proxy_has_the_name_that_settings_give(make_console):
    console = make_console(auth="open", console_url="https://profiles.example.org/")
    visitor = Visitor(console, origin="https://profiles.example.org")

    assert visitor.get("/console/").status_code == 200


def test_a_body_that_is_too_large_is_refused(anybody):
    form = {"csrf_token": anybody.proof("/console/"), "name": "x" * 3_000_000}

    assert anybody.send("/console/domains", form).status_code == 413
