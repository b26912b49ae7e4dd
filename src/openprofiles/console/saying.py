"""Errors of the service as people read them, not programs."""

import re

from openprofiles.core.errors import ServiceError

_HEAD = re.compile(r"\d+ validation errors? detected: ")
_VIOLATION = re.compile(
    r"Value (?:'.*?'|null)? ?at '([^']*)' failed to satisfy constraint: Member must "
    r"(.*?)(?:; (?=Value )|\Z)",
    re.DOTALL,
)
_INVALID = "The request is not valid: "


def plainly(error: ServiceError) -> str:
    """What is wrong, without the frame that AWS's frameworks put around it."""
    said = error.message
    if _HEAD.match(said):
        found = _VIOLATION.findall(said)
        if found:
            return "; ".join(f"{member}: must {rule}" for member, rule in found)
    return said.removeprefix(_INVALID)


def by_member(error: ServiceError) -> dict[str, str]:
    """What is wrong with each member, as the request names it: `address.city` -> a rule; empty for
    errors that name none.
    """
    said = error.message
    if not _HEAD.match(said):
        return {}
    # The first of several rules of a member says most: that it is empty, not of which letters.
    return {member: f"Must {rule}" for member, rule in reversed(_VIOLATION.findall(said))}
