"""Requests must be signed: by whom, for what, when, and nothing of them may have changed."""

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import TypedDict

import pytest

from openprofiles.core.operation import Route
from openprofiles.core.settings import Settings
from openprofiles.wire import AwsHandler
from tests.wire.signed import KEY, OVER, TEMPORARY, Clock, ask, checking, find_key, signed


class _Raw(TypedDict):
    Body: bytes
    Headers: dict[str, str]


class _Query(TypedDict, total=False):
    Limit: int


ARN = "arn:aws:profile:us-east-1:111122223333:domains/crm/object-types/person"
ENCODED_ARN = ARN.replace(":", "%3A").replace("/", "%2F")
BODY = b'{"DefaultExpirationDays": 366}'
WRONG = "The request signature we calculated does not match the signature you provided."


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def checked(clock):
    return checking(clock)


@pytest.fixture
def handler(checked):
    return checked[0]


def _assert_refused(reply, code, text):
    assert (reply.status, reply.code) == (403, code)
    assert text in reply.content["Message"]


def test_who_signed_is_the_caller(checked):
    handler, callers = checked

    reply = ask(handler, signed("POST", "/domains/crm", BODY))

    assert reply.status == 200
    [caller] = callers
    assert (caller.account_id, caller.principal) == (KEY.account_id, "ada")
    assert (caller.principal_arn, caller.policies) == (KEY.principal_arn, ())
    assert (caller.access_key_id, caller.signed_region) == (KEY.access_key_id, "us-east-1")
    assert (caller.source_ip, caller.is_secure) == ("192.0.2.1", False)


@pytest.mark.parametrize("shows_target", [True, False])
@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", f"/tags/{ENCODED_ARN}"),
        ("DELETE", f"/tags/{ENCODED_ARN}?tagKeys=a%20b&tagKeys=%C3%BC&tagKeys=c"),
        ("POST", f"/tags/{ENCODED_ARN}"),
        ("GET", "/domains?next-token=a%2Fb%3D&max-results=5"),
        ("HEAD", "/domains/crm"),
        ("GET", "/domains/crm/workflows/%C3%BC%20%2B~"),
    ],
)
def test_a_path_and_query_may_hold_anything_encoded(handler, method, target, shows_target):
    body = b'{"tags": {"a": "b"}}' if method == "POST" else b""

    in_header = signed(method, target, body, shows_target=shows_target)
    in_query = signed(method, target, expires=60, shows_target=shows_target)

    # Some are no valid requests, but all are signed ones.
    assert ask(handler, in_header).status in (200, 400)
    assert ask(handler, in_query).status in (200, 400)


def test_an_arn_may_be_signed_as_people_write_it(handler):
    assert ask(handler, signed("GET", f"/tags/{ARN}", shows_target=False)).status == 200


@pytest.mark.parametrize("expires", [None, 60])
def test_a_temporary_key_brings_its_token(checked, expires):
    handler, callers = checked

    reply = ask(handler, signed(key=TEMPORARY, expires=expires))

    assert (reply.status, callers[0].principal) == (200, "grace")


@pytest.mark.parametrize("token", [None, "another"])
@pytest.mark.parametrize("expires", [None, 60])
def test_a_temporary_key_without_its_token_is_refused(handler, token, expires):
    key = replace(TEMPORARY, session_token=token)

    reply = ask(handler, signed(key=key, expires=expires))

    _assert_refused(reply, "UnrecognizedClientException", "security token included in the request")


def test_a_temporary_key_that_is_over_is_refused_by_name(handler):
    _assert_refused(ask(handler, signed(key=OVER)), "ExpiredTokenException", "is expired")


def test_a_lasting_key_has_no_token(handler):
    environ = signed(headers={"X-Amz-Security-Token": "any"})

    _assert_refused(ask(handler, environ), "UnrecognizedClientException", "is invalid")


@pytest.mark.parametrize("body", [b"", BODY])
def test_an_unknown_key_and_a_wrong_secret_are_refused(handler, body):
    stranger = replace(KEY, access_key_id="AKIDUNKNOWN")
    forger = replace(KEY, secret="x")

    unknown = ask(handler, signed("POST", "/domains/crm", body, key=stranger))
    forged = ask(handler, signed("POST", "/domains/crm", body, key=forger))

    _assert_refused(unknown, "UnrecognizedClientException", "security token included")
    _assert_refused(forged, "InvalidSignatureException", WRONG)


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"region": "eu-west-1"}, "InvalidSignatureException", "scoped to a valid region: us-east"),
        ({"service": "s3"}, "InvalidSignatureException", "scoped to correct service: 'profile'"),
    ],
)
def test_a_signature_is_good_for_one_service_and_region(handler, changes, code, text):
    _assert_refused(ask(handler, signed(**changes)), code, text)
    _assert_refused(ask(handler, signed(expires=60, **changes)), code, text)


def test_other_regions_may_be_allowed():
    handler, callers = checking(signing_regions="eu-west-1, eu-central-1")

    assert ask(handler, signed(region="eu-central-1")).status == 200
    assert (callers[0].region, callers[0].signed_region) == ("us-east-1", "eu-central-1")


def test_a_request_is_good_for_five_minutes(handler, clock):
    environ = signed()

    clock.turned = timedelta(minutes=4, seconds=50)
    assert ask(handler, environ).status == 200
    clock.turned = timedelta(minutes=5, seconds=10)
    late = ask(handler, environ)
    clock.turned = -timedelta(minutes=5, seconds=10)
    early = ask(handler, environ)

    _assert_refused(late, "InvalidSignatureException", "Signature expired: ")
    assert re.search(r"now earlier than \d+T\d+Z \(\d+T\d+Z - 5 min.\)", late.content["Message"])
    _assert_refused(early, "InvalidSignatureException", "Signature not yet current: ")


def test_a_presigned_url_is_good_until_it_expires(handler, clock):
    environ = signed(expires=3600)

    clock.turned = timedelta(minutes=59)
    assert ask(handler, environ).status == 200
    clock.turned = timedelta(minutes=61)
    _assert_refused(ask(handler, environ), "InvalidSignatureException", "Signature expired: ")
    clock.turned = -timedelta(minutes=6)
    _assert_refused(ask(handler, environ), "InvalidSignatureException", "not yet current")


@pytest.mark.parametrize("expires", [0, 604_801, 1_000_000_000])
def test_a_presigned_url_lives_a_week_at_most(handler, expires):
    reply = ask(handler, signed(expires=expires))

    _assert_refused(reply, "IncompleteSignatureException", "X-Amz-Expires is a number from 1 to")


@pytest.mark.parametrize("known", [find_key, None])
def test_a_presigned_url_calls_our_own_operations_too(known):
    own = {"ListThings": _route()}
    handler = AwsHandler(
        lambda *_: {"Items": []}, Settings(host_names="profile.example"), own=own, find_key=known
    )

    reply = ask(handler, signed("GET", "/_openprofiles/v1/things?Limit=3", expires=60))

    assert (reply.status, reply.content) == (200, {"Items": []})


def test_an_event_is_signed_in_its_own_way():
    own = {"TakeThing": _route(method="POST", headers=("X-Theirs",))}
    handler = AwsHandler(lambda *_: {"Items": []}, Settings(), own=own, find_key=find_key)
    environ = signed("POST", "/_openprofiles/v1/things", b"{}")
    del environ["HTTP_AUTHORIZATION"]

    assert ask(handler, environ).status == 200


def test_the_hash_of_the_body_may_be_signed_as_a_header(handler):
    hashed = {"X-Amz-Content-Sha256": hashlib.sha256(BODY).hexdigest()}
    environ = signed("POST", "/domains/crm", BODY, headers=hashed)
    other = BODY.replace(b"366", b"365")

    assert ask(handler, environ).status == 200
    reply = ask(handler, {**environ, "wsgi.input": BytesIO(other)})
    _assert_refused(reply, "InvalidSignatureException", WRONG)


def test_a_wrong_signature_is_refused_before_the_body_is_read(handler):
    class Unread(BytesIO):
        def read(self, *_):
            raise AssertionError("read")

    hashed = {"X-Amz-Content-Sha256": hashlib.sha256(BODY).hexdigest()}
    environ = signed("POST", "/domains/crm", BODY, headers=hashed)
    environ["HTTP_AUTHORIZATION"] = environ["HTTP_AUTHORIZATION"][:-4] + "0000"

    reply = ask(handler, {**environ, "wsgi.input": Unread()})

    _assert_refused(reply, "InvalidSignatureException", WRONG)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("UNSIGNED-PAYLOAD", "does not take unsigned payloads"),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "payloads signed in chunks"),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "payloads signed in chunks"),
        ("nonsense", WRONG),
    ],
)
def test_a_body_must_be_signed_as_a_whole(handler, said, text):
    environ = signed("POST", "/domains/crm", BODY, headers={"X-Amz-Content-Sha256": said})

    _assert_refused(ask(handler, environ), "InvalidSignatureException", text)


def test_a_request_that_is_not_signed_is_told_so(handler):
    environ = signed()
    del environ["HTTP_AUTHORIZATION"]

    reply = ask(handler, environ)

    _assert_refused(reply, "MissingAuthenticationTokenException", "Missing Authentication Token")
    assert reply.headers["x-amzn-requestid"]


def test_nothing_of_a_refused_request_is_told(handler):
    environ = signed("POST", f"/tags/{ENCODED_ARN}", BODY)
    environ["HTTP_AUTHORIZATION"] = environ["HTTP_AUTHORIZATION"][:-1] + "x"

    said = ask(handler, environ).body.decode()

    assert not any(part in said for part in ("domains", "host", "AWS4", KEY.access_key_id, "/"))


def test_a_key_that_fails_too_often_is_throttled_at_its_address_only():
    handler, _ = checking(auth_failures_per_minute=3)
    forged = signed()
    forged["HTTP_AUTHORIZATION"] = forged["HTTP_AUTHORIZATION"][:-1] + "x"

    codes = [ask(handler, forged).code for _ in range(5)]
    same_here = ask(handler, signed())
    same_elsewhere = ask(handler, {**signed(), "REMOTE_ADDR": "192.0.2.2"})
    other_here = ask(handler, signed(key=TEMPORARY))
    forged_elsewhere = ask(handler, {**forged, "REMOTE_ADDR": "192.0.2.3"})

    assert codes == ["InvalidSignatureException"] * 3 + ["ThrottlingException"] * 2
    assert (same_here.status, same_here.code) == (429, "ThrottlingException")
    assert (same_elsewhere.status, other_here.status) == (200, 200)
    assert forged_elsewhere.code == "ThrottlingException"


def test_an_address_that_guesses_keys_is_throttled():
    handler, _ = checking(auth_failures_per_minute=2)
    environ = signed()

    def guess(number):
        text = environ["HTTP_AUTHORIZATION"].replace("AKIDEXAMPLE", f"AKID{number}")
        return ask(handler, {**environ, "HTTP_AUTHORIZATION": text}).status

    assert [guess(number) for number in range(4)] == [403, 403, 429, 429]
    assert ask(handler, environ).status == 200


def test_requests_without_a_signature_are_throttled_by_address():
    handler, _ = checking(auth_failures_per_minute=1)
    environ = {**signed(), "HTTP_AUTHORIZATION": "Bearer x"}

    assert [ask(handler, environ).status for _ in range(3)] == [403, 429, 429]


def test_failures_may_be_unlimited():
    handler, _ = checking(auth_failures_per_minute=0)
    environ = {**signed(), "HTTP_AUTHORIZATION": "Bearer x"}

    assert {ask(handler, environ).status for _ in range(100)} == {403}


def test_a_key_may_ask_so_often_for_an_operation():
    handler, _ = checking(requests_per_second=2)

    same = [ask(handler, signed()).code for _ in range(3)]

    assert same == [None, None, "ThrottlingException"]
    assert ask(handler, signed("GET", "/domains")).status == 200
    assert ask(handler, signed(key=TEMPORARY)).status == 200


def _route(method="GET", headers=None):
    return Route(method, "/things", _Query if headers is None else _Raw, headers)
