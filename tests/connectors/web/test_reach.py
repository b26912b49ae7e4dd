"""Where requests may lead: a name is looked up once, checked, and that is where one connects."""

import ipaddress
import socket
from contextlib import closing

import pytest

from openprofiles import connectors
from openprofiles.connectors import SourceRefused, SourceUnavailable
from openprofiles.connectors.web import WebSession
from openprofiles.connectors.web.reach import may_reach

INSIDE = (
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.5.4", "192.168.1.1", "100.64.0.1", "0.0.0.0",  # noqa: S104 (an address to refuse)

    "::", "::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "224.0.0.1",
    "255.255.255.255",
)  # fmt: skip
SECRETS = (
    "169.254.169.254", "169.254.170.2", "fe80::1", "fd00:ec2::254", "100.100.100.200",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::",
)  # fmt: skip


@pytest.fixture
def names(monkeypatch):
    """What names lead to, one answer after the other; numbers are what they are."""
    answers: dict[str, list[list[str]]] = {}
    look_up = socket.getaddrinfo

    def answer(host, port, *rest, **more):
        if host not in answers:
            return look_up(host, port, *rest, **more)
        return [look_up(address, port, *rest, **more)[0] for address in answers[host].pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return answers


def test_only_public_addresses_are_public():
    for text in (*INSIDE, *SECRETS):
        assert not may_reach(ipaddress.ip_address(text), "public"), text
    for text in ("93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e"):
        assert may_reach(ipaddress.ip_address(text), "public"), text


def test_where_clouds_keep_secrets_is_never_reached():
    for text in SECRETS:
        assert not may_reach(ipaddress.ip_address(text), "any"), text
    for text in ("127.0.0.1", "10.0.0.1", "::1", "93.184.215.14"):
        assert may_reach(ipaddress.ip_address(text), "any"), text


def test_a_name_is_looked_up_once(site, limits, names):
    names["localhost"] = [["127.0.0.1"]]
    url = site.url.replace("127.0.0.1", "localhost")

    with closing(WebSession(url, service="Shop", limits=limits)) as session:
        assert session.get("x").json() == {}

    # A second look-up would have found an empty list.
    assert names["localhost"] == []
    assert site.asked[0].headers["host"].startswith("localhost")


def test_a_name_that_leads_inside_gets_no_request_where_only_public_ones_do(site, limits, names):
    names["localhost"] = [["93.184.215.14", "127.0.0.1"]]
    url = site.url.replace("127.0.0.1", "localhost")
    with connectors.reaching("public"):
        session = WebSession(url, service="Shop", limits=limits)

    with closing(session), pytest.raises(SourceRefused, match="may not reach"):
        session.get("x")

    assert site.asked == []


def test_the_next_address_of_a_name_is_tried(site, limits, names):
    names["localhost"] = [["127.0.0.77", "127.0.0.1"]]
    url = site.url.replace("127.0.0.1", "localhost")

    with closing(WebSession(url, service="Shop", limits=limits)) as session:
        assert session.get("x").json() == {}


@pytest.mark.parametrize(("addresses", "said"), [([], "reached"), (["127.0.0.77"], "reached")])
def test_a_name_whose_addresses_do_not_answer_is_unavailable(site, limits, names, addresses, said):
    names["localhost"] = [addresses] * 3
    url = site.url.replace("127.0.0.1", "localhost")

    session = WebSession(url, service="Shop", limits=limits)

    with closing(session), pytest.raises(SourceUnavailable, match=said):
        session.get("x")


def test_a_name_that_cannot_be_one_is_unavailable(limits):
    url = f"https://{'a' * 70}.example"

    session = WebSession(url, service="Shop", limits=limits)

    with closing(session), pytest.raises(SourceUnavailable, match="no host"):
        session.get("x")


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("S3", {"url": "file:///etc", "bucket_name": "ssl"}),
        ("S3", {"endpoint": "http://127.0.0.1:9000", "bucket_name": "b"}),
        ("Kinesis", {"endpoint": "http://127.0.0.1:9000", "stream_name": "s"}),
    ],
)
def test_places_of_ones_own_are_refused_where_only_public_ones_are_reached(kind, settings):
    opened = connectors.require(kind)
    opened.open(settings).close()

    with connectors.reaching("public"), pytest.raises(SourceRefused, match="source_addresses"):
        opened.open(settings)
