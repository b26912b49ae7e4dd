"""Opaque page tokens, bound to what they page through, valid for 24 hours.

A token is base64url of JSON `[scope digest, issued at, cursor]`. The scope names operation, domain
and filters: a token
of another list, or an old one, is refused (core reference §1.4, §13 no. 18).
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import Id
from openprofiles.core.text import is_storable

LIFETIME_SECONDS = 24 * 3600
T = TypeVar("T")

BROKEN = "NextToken is not a token of this service"


def encode(scope: tuple[Any, ...], cursor: str, now: datetime) -> str:
    """The token that continues `scope` after `cursor`."""
    content = json.dumps([_digest(scope), int(now.timestamp()), cursor], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def cut(
    scope: tuple[Any, ...],
    found: Sequence[T],
    size: int,
    now: datetime,
    *,
    cursor_of: Callable[[T], str],
) -> tuple[Sequence[T], str | None]:
    """A page of `size` items of what was found, and the token of the next one: there is one where
    more was found, so whoever looks asks for one item more than the page has.
    """
    page = found[:size]
    return page, encode(scope, cursor_of(page[-1]), now) if len(found) > size else None


def decode(scope: tuple[Any, ...], token: str | None, now: datetime) -> str | None:
    """The cursor in `token`, None for the first page; BadRequest when it is foreign, old or
    broken.

    Nothing signs a token, so a cursor may be any text that can be stored; it must do no harm.
    """
    if token is None:
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        digest, issued_at, cursor = content
        # Either way: a clock may have been turned back since, or be another machine's.
        fresh = abs(int(now.timestamp()) - int(issued_at)) <= LIFETIME_SECONDS
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadRequest(BROKEN) from error
    if digest != _digest(scope) or not fresh:
        raise BadRequest("NextToken belongs to another request or is older than 24 hours")
    if not isinstance(cursor, str) or not is_storable(cursor):
        raise BadRequest(BROKEN)
    return cursor


def decode_id(scope: tuple[Any, ...], token: str | None, now: datetime) -> Id | None:
    """The id in `token` where the cursor is one (as 32 hex digits); else like `decode`."""
    cursor = decode(scope, token, now)
    if cursor is not None and not re.fullmatch("[0-9a-f]{32}", cursor):
        raise BadRequest(BROKEN)
    return cursor


def _digest(scope: tuple[Any, ...]) -> str:
    text = json.dumps(scope, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
