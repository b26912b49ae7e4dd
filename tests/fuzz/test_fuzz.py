"""Some thousand requests; `make fuzz` sends a hundred thousand."""

from dataclasses import replace

from openprofiles.app import wire_of
from openprofiles.features.invoke import invoker
from tests.fuzz.requests import Case, case
from tests.fuzz.running import judge, run, shown, shrink
from tests.fuzz.signing import signed_case
from tests.fuzz.world import make_world
from tests.wire.calling import Request
from tests.wire.signed import checking

REQUESTS = 2000


def test_no_request_gets_a_5xx_or_takes_long(application, client, tmp_path):
    settings = replace(application.settings, buckets_url=f"file://{tmp_path}")
    wire = wire_of(invoker(application.database, settings), settings)
    world = make_world(client)

    outcome = run(wire, (case("suite", number, world) for number in range(REQUESTS)))

    assert outcome.failures == []
    assert outcome.statuses[200] > 50


def test_no_signature_gets_a_5xx():
    handler, callers = checking(auth_failures_per_minute=10**9)

    outcome = run(handler, (signed_case(case("signed", n, {}), "signed") for n in range(REQUESTS)))

    assert outcome.failures == []
    assert callers


def test_a_request_comes_again_with_its_number():
    assert [case("s", n, {}) for n in range(50)] == [case("s", n, {}) for n in range(50)]


def test_what_fails_is_made_small():
    def fails(environ, start_response):
        if b"bad" in environ["wsgi.input"].read():
            raise LookupError
        start_response("200 OK", [])
        return [b""]

    large = Case(1, "x", Request("PUT", "/a/b", b"12 bad 34" * 100), {"Origin": "y"})

    small = shrink(large, lambda one: judge(fails, one) is not None)

    assert shown(small) == "x: PUT / b'bad'"
