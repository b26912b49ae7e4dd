"""Requests of a session: what is tried again, what is refused, what is bounded."""

import gzip
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from time import time

import pytest

from openprofiles.connectors import SourceRefused, SourceUnavailable
from openprofiles.connectors.web import Limits, WebRefused, WebSession, bearer
from tests.connectors.web.conftest import Reply


@pytest.fixture
def session(site, limits):
    with closing(WebSession(f"{site.url}/api/v2", service="Shop", limits=limits)) as session:
        yield session


def test_a_path_is_below_the_base_url(site, session):
    site.replies = [Reply(body=b'{"users": []}')]

    answer = session.get("users.json", parameters={"page": 2, "include": ["a b", "c"]})

    assert answer.json() == {"users": []}
    assert site.asked[0].path == "/api/v2/users.json"
    assert site.asked[0].query == {"page": ["2"], "include": ["a b", "c"]}
    assert site.asked[0].headers["accept"] == "application/json"


def test_a_next_page_may_be_a_whole_url_with_a_query(site, session):
    session.get(f"{site.url}/api/v2/users.json?page=3", parameters={"size": "5"})

    assert site.asked[0].query == {"page": ["3"], "size": ["5"]}


@pytest.mark.parametrize(
    "path", ["http://127.0.0.1:1/x", "//localhost/x", "https://evil.example/x", "http://[::1/x"]
)
def test_another_host_gets_no_request(site, session, path):
    with pytest.raises(SourceRefused) as refused:
        session.get(path)

    assert site.asked == []
    assert "evil" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://shop.example", "in the clear"),
        ("shop.example", "begins with https"),
        ("https://", "begins with https"),
        ("ftp://shop.example", "begins with https"),
        ("https://me:secret@shop.example", "do not belong"),
        ("https://shop.example:port", "not a URL"),
    ],
)
def test_an_address_that_credentials_must_not_go_to_is_refused(url, reason):
    with pytest.raises(SourceRefused, match=reason) as refused:
        WebSession(url, service="Shop")

    assert "secret" not in str(refused.value)


def test_a_post_carries_a_form_or_a_document(site, session):
    session.post("token", form={"a": "b c"})
    session.post("query", document={"q": ["ü"]}, headers={"X-Trace": "1"})

    assert site.asked[0].body == b"a=b+c"
    assert site.asked[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert site.asked[1].body == '{"q":["ü"]}'.encode()
    assert site.asked[1].headers["x-trace"] == "1"


def test_connections_are_kept(site, session):
    for _ in range(3):
        session.get("x")

    assert site.connections == 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_get_is_tried_again(site, session, slept, status):
    site.replies = [Reply(status), Reply(status), Reply(body=b"[1]")]

    assert session.get("x").json() == [1]
    assert 0.1 <= slept[0] <= 0.15
    assert 0.2 <= slept[1] <= 0.3


def test_trying_again_ends(site, session, slept):
    site.replies = [Reply(503)]

    with pytest.raises(SourceUnavailable, match=r"Shop does not work .*503") as unavailable:
        session.get("x")

    assert len(site.asked) == 3
    assert len(slept) == 2
    assert unavailable.value.retry_after is None


def test_a_short_wait_is_waited(site, session, slept):
    site.replies = [Reply(429, headers={"Retry-After": "7"}), Reply()]

    session.get("x")

    assert slept == [7]


def test_a_long_wait_is_left_to_the_run(site, session, slept):
    site.replies = [Reply(429, headers={"Retry-After": "600"})]

    with pytest.raises(SourceUnavailable, match="fewer requests") as unavailable:
        session.get("x")

    assert unavailable.value.retry_after == 600
    assert slept == []
    assert len(site.asked) == 1


def test_a_wait_may_be_a_date(site, session):
    site.replies = [Reply(503, headers={"Retry-After": formatdate(time() + 900, usegmt=True)})]

    with pytest.raises(SourceUnavailable) as unavailable:
        session.get("x")

    assert 880 <= (unavailable.value.retry_after or 0) <= 900


@pytest.mark.parametrize("value", ["soon", "9" * 5000, "-1"])
def test_a_wait_that_is_none_is_not_waited(site, session, slept, value):
    site.replies = [Reply(429, headers={"Retry-After": value}), Reply()]

    session.get("x")

    assert slept[0] < 1


def test_a_post_that_may_have_been_done_is_not_sent_again(site, session):
    site.replies = [Reply(500), Reply()]

    with pytest.raises(SourceUnavailable):
        session.post("jobs", document={})

    assert len(site.asked) == 1


def test_a_post_that_was_turned_away_is_sent_again(site, session):
    site.replies = [Reply(429), Reply(503), Reply(body=b"1")]

    assert session.post("jobs", document={}).json() == 1


@pytest.mark.parametrize(
    ("status", "text"),
    [(400, "understand"), (401, "credentials"), (403, "allow"), (404, "nothing"), (422, "422")],
)
def test_a_refusal_says_what_it_means_without_values(site, session, status, text):
    site.replies = [Reply(status, body=b'{"error": "jane@example.com is unknown"}')]

    with pytest.raises(WebRefused, match=text) as refused:
        session.get("x")

    assert refused.value.status == status
    assert refused.value.document == {"error": "jane@example.com is unknown"}
    assert "jane" not in str(refused.value)
    assert len(site.asked) == 1


def test_a_refusal_need_not_be_json(site, session):
    site.replies = [Reply(404, body=b"<html>")]

    with pytest.raises(WebRefused) as refused:
        session.get("x")

    assert refused.value.document is None


@pytest.mark.parametrize("body", [b"", b"<html>jane</html>", b'{"a":', b"[" * 100_000, b"NaN"])
def test_an_answer_that_is_no_json_is_unavailable(site, session, body):
    site.replies = [Reply(body=body)]

    with pytest.raises(SourceUnavailable, match="not JSON") as unavailable:
        session.get("x").json()

    assert "jane" not in str(unavailable.value)
    assert unavailable.value.__cause__ is None


def test_a_lone_surrogate_does_not_spoil_an_answer(site, session):
    site.replies = [Reply(body=b'["\\ud800", "fine"]')]

    assert session.get("x").json() == ["\ud800", "fine"]


def test_an_answer_that_breaks_off_is_unavailable(site, session):
    site.replies = [Reply(body=b"[1, 2", cut=True)]

    with pytest.raises(SourceUnavailable, match="broke off"):
        session.get("x")


def test_an_answer_is_bounded(site, limits):
    # Small on the wire, and large when it is unpacked.
    packed = gzip.compress(b" " * 1_000_000)
    site.replies = [Reply(body=packed, headers={"Content-Encoding": "gzip"})]
    session = WebSession(site.url, service="Shop", limits=replace(limits, answer_bytes=500_000))

    with closing(session), pytest.raises(SourceRefused, match="more than 500000 bytes"):
        session.get("x")


def test_an_answer_that_takes_too_long_is_unavailable(site, limits):
    ticks = iter(range(0, 10_000, 200))
    session = WebSession(
        site.url, service="Shop", limits=replace(limits, now=lambda: float(next(ticks)))
    )
    site.replies = [Reply(body=b" " * 200_000)]

    with closing(session), pytest.raises(SourceUnavailable, match="too long"):
        session.get("x")


def test_a_download_has_no_bound(site, limits):
    site.replies = [Reply(body=b"x" * 300_000)]
    session = WebSession(site.url, service="Shop", limits=replace(limits, answer_bytes=10))

    with closing(session), session.download("file") as blocks:
        assert sum(len(block) for block in blocks) == 300_000


def test_a_download_may_be_left(site, session):
    site.replies = [Reply(body=b"x" * 300_000), Reply(body=b"1")]

    with session.download("file") as blocks:
        next(blocks)

    assert session.get("x").json() == 1


def test_a_redirect_within_the_origin_is_followed(site, session):
    site.replies = [Reply(302, headers={"Location": "/moved?x=1"}), Reply(body=b"1")]

    assert session.get("x").json() == 1
    assert site.asked[1].path == "/moved"


def test_a_redirect_to_another_host_is_refused(site, limits, make_site):
    elsewhere = make_site()
    site.replies = [Reply(302, headers={"Location": f"{elsewhere.url}/steal"})]
    session = WebSession(site.url, service="Shop", authentication=bearer("t"), limits=limits)

    with closing(session), pytest.raises(SourceRefused, match="another host"):
        session.get("x")

    assert elsewhere.asked == []


def test_redirects_end(site, session):
    site.replies = [Reply(302, headers={"Location": "/again"})]

    with pytest.raises(SourceRefused, match="302"):
        session.get("x")

    assert len(site.asked) == 6


def test_a_redirected_post_is_refused(site, session):
    site.replies = [Reply(307, headers={"Location": "/again"})]

    with pytest.raises(SourceRefused, match="307"):
        session.post("x", document={})


def test_proxies_of_the_environment_are_not_used(site, limits, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    with closing(WebSession(site.url, service="Shop", limits=limits)) as session:
        assert session.get("x").json() == {}


def test_no_host_of_the_name_is_unavailable(limits):
    session = WebSession("https://nowhere.invalid", service="Shop", limits=limits)

    with closing(session), pytest.raises(SourceUnavailable, match="no host") as unavailable:
        session.get("x", parameters={"name": "jane"})

    assert unavailable.value.__cause__ is None


def test_nobody_listening_is_unavailable(limits):
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    session = WebSession(f"http://127.0.0.1:{port}", service="Shop", limits=limits)

    with closing(session), pytest.raises(SourceUnavailable, match="cannot be reached"):
        session.get("x")


def test_silence_is_unavailable(slept):
    limits = Limits(read_seconds=0.05, waits=(0.1,), sleep=slept.append)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        session = WebSession(url, service="Shop", limits=limits)

        with closing(session), pytest.raises(SourceUnavailable, match="in time"):
            session.get("x")

    assert len(slept) == 1


def test_a_character_that_a_header_cannot_carry_is_refused(site, limits):
    authentication = bearer("secret\nX-Other: 1")
    session = WebSession(site.url, service="Shop", authentication=authentication, limits=limits)

    with closing(session), pytest.raises(SourceRefused, match="a setting") as refused:
        session.get("x")

    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.fixture
def certificate(tmp_path) -> Path:
    """A certificate of localhost by nobody known; its key is beside it."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", key, "-out", certificate]
    curve = "ec_paramgen_curve:P-256"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", curve, "-nodes", *files, *subject],
        check=True,
        capture_output=True,
    )
    return certificate


@contextmanager
def _presenting(certificate: Path, meet: Callable[..., None]) -> Iterator[str]:
    """The address of a server with this certificate, which does `meet` with its one caller."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        served = threading.Thread(target=meet, args=(context, server))
        served.start()
        yield f"https://localhost:{server.getsockname()[1]}"
        served.join()


def test_a_certificate_of_nobody_known_is_refused(certificate, limits):
    with _presenting(certificate, _shake_hands) as url:
        session = WebSession(url, service="Shop", limits=limits)

        with closing(session), pytest.raises(SourceRefused, match="certificate"):
            session.get("x")


def test_a_certificate_that_is_added_to_those_that_are_believed_is(
    certificate, limits, monkeypatch, tmp_path
):
    believed = tmp_path / "believed.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(believed))
    with (
        _presenting(certificate, _shake_hands) as url,
        closing(WebSession(url, service="Shop", limits=limits)) as session,
        pytest.raises(SourceRefused, match="certificate"),
    ):
        session.get("x")

    believed.write_text(certificate.read_text())
    with (
        _presenting(certificate, _answer) as url,
        closing(WebSession(url, service="Shop", limits=limits)) as session,
    ):
        assert session.get("x").json() == {}


def _answer(context, server):
    connection, _ = server.accept()
    with closing(context.wrap_socket(connection, server_side=True)) as secure:
        secure.recv(65536)
        secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def _shake_hands(context, server):
    connection, _ = server.accept()
    with closing(connection), pytest.raises(ssl.SSLError):
        context.wrap_socket(connection, server_side=True)


def test_a_broken_handshake_is_unavailable(site, limits):
    session = WebSession(site.url.replace("http:", "https:"), service="Shop", limits=limits)

    with closing(session), pytest.raises(SourceUnavailable, match="cannot be reached"):
        session.get("x")
