"""The condition keys that policies may name, and how a request is asked for their values."""

from collections.abc import Callable
from typing import Final

ValueOf = Callable[[str], tuple[str, ...] | None]
"""From a key, spelled as here, to its values in the request; None when the request has no such
key.
"""

RESOURCE_TAG: Final = "aws:ResourceTag/"
REQUEST_TAG: Final = "aws:RequestTag/"
TAG_KEYS: Final = "aws:TagKeys"

FIXED: Final = (
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:RequestedRegion",
    "aws:SecureTransport",
    "aws:SourceIp",
    TAG_KEYS,
    "aws:username",
)
FAMILIES: Final = (RESOURCE_TAG, REQUEST_TAG)
"""Keys that go on with the key of a tag."""

MANY_VALUED: Final = frozenset({TAG_KEYS})

_SPELLED = {key.lower(): key for key in FIXED}


def find(written: str) -> str | None:
    """The key that a policy means, whatever the case of its letters; None when there is none.

    The key of a tag stays as it is written: tags are looked up by it, then without regard to case.
    """
    fixed = _SPELLED.get(written.lower())
    if fixed is not None:
        return fixed
    for family in FAMILIES:
        if written.lower().startswith(family.lower()) and len(written) > len(family):
            return family + written[len(family) :]
    return None
