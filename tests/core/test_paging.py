"""Page tokens: what they continue, and that none does harm."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import random_id

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SCOPE = ("ListThings", 7, "filter")


def _forged(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _content(token):
    return json.loads(base64.urlsafe_b64decode(token + "=="))


def test_a_token_brings_its_cursor_back():
    token = paging.encode(SCOPE, "naïve", NOW)

    assert paging.decode(SCOPE, token, NOW + timedelta(hours=23)) == "naïve"


def test_the_first_page_has_no_token():
    assert paging.decode(SCOPE, None, NOW) is None
    assert paging.decode_id(SCOPE, None, NOW) is None


def test_an_id_comes_back_as_one():
    some_id = random_id()

    assert paging.decode_id(SCOPE, paging.encode(SCOPE, some_id, NOW), NOW) == some_id


def test_a_cursor_that_is_no_id_is_refused():
    with pytest.raises(BadRequest):
        paging.decode_id(SCOPE, paging.encode(SCOPE, "zz", NOW), NOW)


@pytest.mark.parametrize(
    ("scope", "moment"),
    [
        (("ListOthers", 7, "filter"), NOW),
        (("ListThings", 8, "filter"), NOW),
        (("ListThings", 7, "other"), NOW),
        (SCOPE, NOW + timedelta(hours=25)),
        (SCOPE, NOW - timedelta(hours=25)),
    ],
)
def test_a_token_of_another_list_or_time_is_refused(scope, moment):
    token = paging.encode(SCOPE, "a", NOW)

    with pytest.raises(BadRequest, match="belongs to another request or is older than 24 hours"):
        paging.decode(scope, token, moment)


def test_a_clock_that_is_turned_back_ends_no_paging():
    token = paging.encode(SCOPE, "a", NOW)

    assert paging.decode(SCOPE, token, NOW - timedelta(hours=2)) == "a"


@pytest.mark.parametrize("cursor", [None, 7, ["a"], {}, "a\0", "\ud800"])
def test_a_forged_cursor_is_refused(cursor):
    digest, issued_at, _ = _content(paging.encode(SCOPE, "a", NOW))

    with pytest.raises(BadRequest):
        paging.decode(SCOPE, _forged([digest, issued_at, cursor]), NOW)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "🙂",
        "\0",
        _forged(7),
        _forged([1, 2]),
        _forged(["a", None, "b"]),
        _forged(["a", "x", "b"]),
        _forged(["a", float("inf"), "b"]),
        base64.urlsafe_b64encode(b"[" * 700).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_what_is_no_token_is_refused(token):
    with pytest.raises(BadRequest, match="not a token of this service"):
        paging.decode(SCOPE, token, NOW)


@pytest.mark.parametrize(("found", "following"), [("", None), ("ab", None), ("abc", "b")])
def test_a_page_is_followed_by_another_where_more_was_found(found, following):
    page, token = paging.cut(SCOPE, found, 2, NOW, cursor_of=str)

    assert page == found[:2]
    assert paging.decode(SCOPE, token, NOW) == following
