"""Credentials of buckets that were given, kept apart from those that the machine has.

obstore takes from the environment whatever its settings do not name: with an access key that was
given it would send the machine's session token, too.
"""

from collections.abc import Callable, Mapping
from typing import Any


def apart(
    scheme: str, credentials: Mapping[str, str]
) -> tuple[dict[str, Any], Callable[[], dict[str, Any]] | None]:
    """A store's settings, and what it asks for its credentials; None when it finds them itself."""
    settings = dict(credentials)
    asked: dict[str, Any]
    if scheme == "s3" and "access_key_id" in settings:
        asked = {
            "access_key_id": settings.pop("access_key_id"),
            "secret_access_key": settings.pop("secret_access_key"),
            "token": settings.pop("session_token", None),
        }
    elif scheme == "az" and "account_key" in settings:
        asked = {"access_key": settings.pop("account_key")}
    else:
        return settings, None
    # Such keys do not end before the connection is changed.
    asked["expires_at"] = None
    return settings, lambda: asked
