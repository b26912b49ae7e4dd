"""What a request claims: everything that is not as AWS specifies it is refused with AWS's words."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.core.clock import system_clock
from openprofiles.wire.signing import ALGORITHM, Refused, claim_of, require_current, require_scope
from tests.wire.signed import ask, checking, signed

CREDENTIAL = "AKIDEXAMPLE/20150830/us-east-1/profile/aws4_request"
PARTS = {"Credential": CREDENTIAL, "SignedHeaders": "host;x-amz-date", "Signature": "0" * 64}
STAMP = "20150830T123600Z"
INCOMPLETE, INVALID = "IncompleteSignatureException", "InvalidSignatureException"


def _environ(*, algorithm=ALGORITHM, stamp=STAMP, environ=(), **parts):
    text = ", ".join(f"{name}={value}" for name, value in {**PARTS, **parts}.items() if value)
    return {
        "REQUEST_METHOD": "GET",
        "HTTP_HOST": "here",
        "HTTP_AUTHORIZATION": f"{algorithm} {text}",
        "HTTP_X_AMZ_DATE": stamp,
        **dict(environ),
    }


def _refusal_of(environ):
    with pytest.raises(Refused) as refusal:
        require_current(claim_of(environ), datetime(2015, 8, 30, 12, 36, tzinfo=UTC))
    return refusal.value.code, refusal.value.message


def test_a_claim_says_who_signed_what():
    claim = claim_of(_environ())

    assert (claim.access_key_id, str(claim.scope)) == ("AKIDEXAMPLE", CREDENTIAL[12:])
    assert (claim.stamp, claim.signed_headers) == (STAMP, ("host", "x-amz-date"))
    assert not claim.is_presigned


@pytest.mark.parametrize(
    ("environ", "code", "text"),
    [
        (_environ(Credential=""), INCOMPLETE, "requires 'Credential' parameter"),
        (_environ(Signature=""), INCOMPLETE, "requires 'Signature' parameter"),
        (_environ(SignedHeaders=""), INCOMPLETE, "requires 'SignedHeaders' parameter"),
        (_environ(stamp=""), INCOMPLETE, "either a 'X-Amz-Date' or a 'Date' header"),
        (_environ(algorithm="Bearer"), INCOMPLETE, "Unsupported AWS 'algorithm'"),
        (_environ(algorithm="AWS4-ECDSA-P256-SHA256"), INCOMPLETE, "signatures of version 4a"),
        (_environ(Credential="AKIDEXAMPLE"), INCOMPLETE, "must have 5 slash-separated elements"),
        (_environ(Credential="a b/1/2/3/4"), INCOMPLETE, "must have 5 slash-separated elements"),
        (_environ(Credential=CREDENTIAL[:-1]), INVALID, "with a valid terminator: aws4_request"),
        (_environ(stamp="2015-08-30"), INCOMPLETE, "must be in ISO-8601 'basic format'"),
        (_environ(stamp="Sun, 30 Aug 2015 12:36:00"), INCOMPLETE, "must be in ISO-8601"),
        (_environ(stamp="20151330T123600Z"), INCOMPLETE, "is no date"),
        (_environ(SignedHeaders="x-amz-date"), INVALID, "'Host' or ':authority' must be"),
        (_environ(SignedHeaders="host"), INVALID, "'x-amz-date' must be a 'SignedHeader'"),
        (_environ(SignedHeaders="Host;x-amz-date"), INCOMPLETE, "in lower case, each once"),
        (_environ(SignedHeaders="host;host;x-amz-date"), INCOMPLETE, "each once"),
        (_environ(environ={"HTTP_X_AMZ_ACL": "x"}), INVALID, "'x-amz-acl' must be"),
        (_environ(environ={"QUERY_STRING": "X-Amz-Algorithm=x"}), INCOMPLETE, "not in both"),
    ],
)
def test_what_is_not_as_specified_is_refused(environ, code, text):
    assert _refusal_of(environ)[0] == code
    assert text in _refusal_of(environ)[1]


def test_what_cloudfront_adds_need_not_be_signed():
    assert claim_of(_environ(environ={"HTTP_X_AMZ_CF_ID": "x"}))


@pytest.mark.parametrize(
    "date", ["20150830T123600Z", "Sun, 30 Aug 2015 12:36:00 GMT", "Sun, 30 Aug 2015 14:36:00 +0200"]
)
def test_the_date_header_will_do(date):
    environ = _environ(environ={"HTTP_DATE": date}, SignedHeaders="date;host")
    del environ["HTTP_X_AMZ_DATE"]

    assert claim_of(environ).stamp == STAMP


def test_the_scope_is_of_the_day():
    scope = claim_of(_environ()).scope

    require_scope(scope, STAMP, service="profile", regions=["us-east-1"])
    with pytest.raises(Refused, match="Date in Credential scope does not match"):
        require_scope(scope, "20150831T000000Z", service="profile", regions=["us-east-1"])


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "must include 'X-Amz-Credential'"),
        ("X-Amz-Signature=0", "must include 'X-Amz-Algorithm'"),
        ("X-Amz-Signature=0&X-Amz-Signature=1", "The query has 'X-Amz-Signature' twice"),
    ],
)
def test_a_presigned_query_is_complete(query, text):
    code, message = _refusal_of({"REQUEST_METHOD": "GET", "QUERY_STRING": query})

    assert (code, text in message) == (INCOMPLETE, True)


@pytest.mark.parametrize("lifetime", ["-1", "1.5", "²", "0x10", ""])
def test_a_lifetime_is_a_whole_number(lifetime):
    environ = signed(expires=60)
    environ["QUERY_STRING"] = environ["QUERY_STRING"].replace("Expires=60", f"Expires={lifetime}")

    assert _refusal_of(environ)[0] == INCOMPLETE


def test_a_header_that_was_signed_must_be_there():
    handler, _ = checking()
    environ = signed(headers={"Accept": "application/json"})
    del environ["HTTP_ACCEPT"]

    assert ask(handler, environ).code == INVALID


@given(
    st.text(st.characters(max_codepoint=255), max_size=80),
    st.text(st.characters(max_codepoint=255), max_size=40),
    st.text(st.characters(max_codepoint=127), max_size=80),
)
def test_any_nonsense_is_refused(authorization, date, query):
    for environ in (
        {"HTTP_AUTHORIZATION": authorization, "HTTP_X_AMZ_DATE": date},
        _environ(stamp=date),
        _environ(Credential=authorization),
        _environ(SignedHeaders=authorization),
        {"QUERY_STRING": f"X-Amz-Signature=0&{query}"},
    ):
        assert _refusal_of(environ)


SIGNED_AT = system_clock()
HANDLER, _ = checking(lambda: SIGNED_AT, auth_failures_per_minute=0)
"""Its clock stands still: however late a test comes, a signature is not refused for its time."""
HEADERS = {"Content-Type": "application/json", "X-Amz-Meta": "a b"}
SIGNED = signed("POST", "/domains/crm?a=1&b=2", b'{"DefaultExpirationDays": 1}', headers=HEADERS)
UNSHOWN = {name: value for name, value in SIGNED.items() if name != "REQUEST_URI"}
PRESIGNED = signed("GET", "/domains/crm?a=1&b=2", expires=600)


def _changed(text, position, character):
    at = position % len(text)
    return text[:at] + character + text[at + 1 :]


PLACES = ["HTTP_AUTHORIZATION", "HTTP_X_AMZ_DATE", "HTTP_X_AMZ_META", "HTTP_HOST", "CONTENT_TYPE"]


@given(st.sampled_from([*PLACES, "QUERY_STRING"]), st.integers(0, 500), st.sampled_from("abxyz019"))
def test_no_change_of_a_signed_request_gets_through(place, position, character):
    changed = _changed(SIGNED[place], position, character)

    reply = ask(HANDLER, {**SIGNED, place: changed})

    assert changed == SIGNED[place] or reply.status == 403


@given(st.integers(0, 500), st.sampled_from("abxyz019"), st.booleans())
def test_no_other_path_gets_through(position, character, shows_target):
    path = "/" + _changed("domains/crm", position, character)
    shown = {"REQUEST_URI": path} if shows_target else {}

    reply = ask(HANDLER, {**UNSHOWN, "PATH_INFO": path, **shown})

    assert path == "/domains/crm" or reply.status in (403, 404)


@given(st.binary(max_size=40))
def test_no_other_body_gets_through(body):
    reply = ask(HANDLER, {**SIGNED, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))})

    assert reply.status == 403


@given(st.integers(0, 1000), st.sampled_from("abcxyzABC0189"))
def test_no_change_of_a_presigned_url_gets_through(position, character):
    query = _changed(PRESIGNED["QUERY_STRING"], position, character)

    reply = ask(HANDLER, {**PRESIGNED, "QUERY_STRING": query})

    assert query == PRESIGNED["QUERY_STRING"] or reply.status == 403


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_the_method_is_signed(method):
    assert ask(HANDLER, {**SIGNED, "REQUEST_METHOD": method}).status == 403


def test_a_signature_of_another_time_is_not_good_now():
    environ = {**SIGNED, "HTTP_X_AMZ_DATE": "20150830T123600Z"}

    assert ask(HANDLER, environ).code == INVALID


def test_the_unchanged_requests_do_get_through():
    assert ask(HANDLER, SIGNED).status == 200
    assert ask(HANDLER, PRESIGNED).status == 200
