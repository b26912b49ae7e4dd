"""How long a source asks to wait (RFC 9110 §10.2.3)."""

from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

LONGEST_SECONDS = 86_400
"""A longer wait is taken as a day: the source is asked once a day at least."""

_RETRY = Retry(retry_after_max=LONGEST_SECONDS)


def retry_after(value: str | None) -> float | None:
    """The seconds of a Retry-After header, a number or a date; None when there is no such."""
    if value is None:
        return None
    try:
        return float(_RETRY.parse_retry_after(value))
    except (InvalidHeader, ValueError, OverflowError):
        return None
