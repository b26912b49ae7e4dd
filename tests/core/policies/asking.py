"""How tests ask policies: documents as Python, a request as its condition keys."""

import json
from typing import Any

from openprofiles.core.policies import Asked, Decision, evaluate, read

BLUE = "arn:aws:profile:us-east-1:123456789012:domains/blue"


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    """A statement about everything, but for the elements that are given."""
    whole = {"Effect": effect, **elements}
    if "NotAction" not in elements:
        whole.setdefault("Action", "*")
    if "NotResource" not in elements:
        whole.setdefault("Resource", "*")
    return whole


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    """A policy as JSON."""
    return json.dumps({"Version": version, "Statement": list(statements)})


def decide(
    *statements: dict[str, Any],
    action: str = "profile:GetDomain",
    resource: str = BLUE,
    request: dict[str, tuple[str, ...]] | None = None,
) -> Decision:
    """What a policy of these statements says."""
    asked = Asked(action=action, resource=resource, value_of=(request or {}).get)
    return evaluate([read(document(*statements))], asked)


def is_allowed(*statements: dict[str, Any], **asked: Any) -> bool:
    """Whether a policy of these statements allows it."""
    return decide(*statements, **asked) is Decision.ALLOWED


def holds(operator: str, key: str, values: Any, **request: tuple[str, ...]) -> bool:
    """Whether a condition on `key` holds in a request where that key has these values, if any."""
    condition = {operator: {key: values}}
    return is_allowed(statement(Condition=condition), request=request)
