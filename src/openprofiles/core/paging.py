"""Opaque page tokens, bound to what they page through, valid for 24 hours.

A token is base64url of JSON `[scope digest, issued at, cursor]`. The scope names operation, domain
and filters: a token
of another list, or an old one, is refused (core reference §1.4, §13 no. 18).
"""

import base64
import binascii
import hashlib
import json
from datetime import datetime
from typing import Any

from openprofiles.core.errors import BadRequest

LIFETIME_SECONDS = 24 * 3600


def encode(scope: tuple[Any, ...], cursor: Any, now: datetime) -> str:
    """The token that continues `scope` after `cursor` (any JSON value)."""
    content = json.dumps([_digest(scope), int(now.timestamp()), cursor], separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def decode(scope: tuple[Any, ...], token: str | None, now: datetime) -> Any:
    """The cursor in `token`, None for the first page; BadRequest when it is foreign, old or
    broken.
    """
    if token is None:
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        digest, issued_at, cursor = content
        fresh = 0 <= int(now.timestamp()) - int(issued_at) + 60 <= LIFETIME_SECONDS + 60
    except (binascii.Error, UnicodeError, ValueError, TypeError, RecursionError) as error:
        raise BadRequest("NextToken is not a token of this service") from error
    if digest != _digest(scope) or not fresh:
        raise BadRequest("NextToken belongs to another request or is older than 24 hours")
    return cursor


def _digest(scope: tuple[Any, ...]) -> str:
    text = json.dumps(scope, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
