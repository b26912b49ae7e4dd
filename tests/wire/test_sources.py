"""Where requests come from: the peer, or who a trusted proxy says it is."""

import pytest

from openprofiles.core.settings import Settings
from openprofiles.wire import Sources
from openprofiles.wire.sources import neighbourhood_of

PROXIES = "10.0.0.0/8, 2001:db8::1"


def _environ(peer, *, told=None, **others):
    given = {} if told is None else {"HTTP_X_FORWARDED_FOR": told}
    return {"REMOTE_ADDR": peer, **given, **others}


@pytest.mark.parametrize(
    ("peer", "told", "address"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "forged, 198.51.100.7, 10.2.2.2", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7:4711", "198.51.100.7"),
        ("2001:db8::1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("2001:db8::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("somewhere", "198.51.100.7", "somewhere"),
    ],
)
def test_the_address_is_the_last_that_no_trusted_proxy_has(peer, told, address):
    sources = Sources(Settings(trusted_proxies=PROXIES))

    assert sources.address_of(_environ(peer, told=told)) == address


def test_without_proxies_nothing_that_is_told_is_believed():
    environ = _environ("10.0.0.1", told="198.51.100.7", HTTP_X_FORWARDED_PROTO="https")
    sources = Sources(Settings())

    assert (sources.address_of(environ), sources.is_secure(environ)) == ("10.0.0.1", False)


def test_in_process_there_is_no_address():
    sources = Sources(Settings())

    assert (sources.address_of({}), sources.may_see_metrics({})) == (None, True)


@pytest.mark.parametrize(
    ("environ", "is_secure"),
    [
        (_environ("192.0.2.1", **{"wsgi.url_scheme": "https"}), True),
        (_environ("192.0.2.1", **{"wsgi.url_scheme": "http"}), False),
        (_environ("10.0.0.1", HTTP_X_FORWARDED_PROTO="http, https"), True),
        (_environ("10.0.0.1", HTTP_X_FORWARDED_PROTO="https, http"), False),
        (_environ("10.0.0.1"), False),
        (_environ("192.0.2.1", HTTP_X_FORWARDED_PROTO="https"), False),
    ],
)
def test_a_request_came_by_tls_to_us_or_to_a_proxy(environ, is_secure):
    assert Sources(Settings(trusted_proxies=PROXIES)).is_secure(environ) is is_secure


@pytest.mark.parametrize(
    ("environ", "may"),
    [
        (_environ("127.0.0.1"), True),
        (_environ("::1"), True),
        (_environ("192.0.2.1"), False),
        (_environ("nonsense"), False),
        (_environ("127.0.0.1", told="127.0.0.1"), False),
        (_environ("127.0.0.1", HTTP_FORWARDED="for=127.0.0.1"), False),
        (_environ("10.0.0.1", told="127.0.0.1"), True),
        (_environ("10.0.0.1", told="192.0.2.1"), False),
    ],
)
def test_metrics_are_for_the_networks_that_are_named(environ, may):
    assert Sources(Settings(trusted_proxies=PROXIES)).may_see_metrics(environ) is may


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        (Settings(trusted_proxies="somewhere"), "trusted_proxies"),
        (Settings(metrics_from="10.0.0.0/8,10.0.0"), "metrics_from"),
    ],
)
def test_a_setting_that_lists_no_addresses_is_named(settings, setting):
    with pytest.raises(ValueError, match=f"{setting} is not a list of addresses"):
        Sources(settings)


@pytest.mark.parametrize(
    ("address", "neighbourhood"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("nonsense", "nonsense"),
        (None, ""),
    ],
)
def test_what_one_host_has_is_counted_as_one(address, neighbourhood):
    assert neighbourhood_of(address) == neighbourhood
