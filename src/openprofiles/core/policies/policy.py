"""What a policy is once it has been read, and what policies decide together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from openprofiles.core.policies import keys
from openprofiles.core.policies.conditions import Condition
from openprofiles.core.policies.keys import ValueOf
from openprofiles.core.policies.patterns import Pattern

_NO_VALUES: dict[str, tuple[str, ...]] = {}
"""A request to match an action with, which has no variables."""


class Effect(StrEnum):
    """What a statement does with what it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class Decision(StrEnum):
    """What policies say together; both denials refuse alike."""

    ALLOWED = "allowed"
    DENIED_BY_DEFAULT = "no statement allows it"
    DENIED_BY_STATEMENT = "a statement denies it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One action on one resource, and the request it comes with."""

    action: str
    resource: str
    value_of: ValueOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement: it matches an action on a resource, and has an effect then.

    With `is_not_action` (or `is_not_resource`) it matches whatever the patterns do not.
    """

    effect: Effect
    sid: str | None = None
    actions: tuple[Pattern, ...]
    is_not_action: bool = False
    resources: tuple[Pattern, ...]
    is_not_resource: bool = False
    conditions: tuple[Condition, ...] = ()

    def applies(self, asked: Asked) -> bool:
        """Whether it has its effect on what is asked."""
        return (
            self.matches_action(asked.action)
            and self._matches_resource(asked)
            and all(condition.holds(asked.value_of) for condition in self.conditions)
        )

    def matches_action(self, action: str) -> bool:
        """Whether it is about an action at all."""
        matched = any(pattern.matches(action, _NO_VALUES.get) for pattern in self.actions)
        return matched != self.is_not_action

    def _matches_resource(self, asked: Asked) -> bool:
        answers = [pattern.matches(asked.resource, asked.value_of) for pattern in self.resources]
        if self.is_not_resource and self.effect is Effect.ALLOW and None in answers:
            # Nobody can say that it is another resource, so nothing is allowed.
            return False
        return any(answers) != self.is_not_resource

    @property
    def reads_resource_tags(self) -> bool:
        """Whether what it matches depends on the tags of a resource."""
        asked = [
            *(key for pattern in self.resources for key in pattern.keys),
            *(key for condition in self.conditions for key in condition.keys),
        ]
        return any(key.startswith(keys.RESOURCE_TAG) for key in asked)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document that has been read and found sound."""

    statements: tuple[Statement, ...]


def evaluate(policies: Iterable[Policy], asked: Asked) -> Decision:
    """What `policies` say to `asked`: one denial wins over all else, nothing said is a denial."""
    decision = Decision.DENIED_BY_DEFAULT
    for policy in policies:
        for statement in policy.statements:
            if statement.effect is Effect.ALLOW and decision is Decision.ALLOWED:
                continue
            if statement.applies(asked):
                if statement.effect is Effect.DENY:
                    return Decision.DENIED_BY_STATEMENT
                decision = Decision.ALLOWED
    return decision


def reads_resource_tags(policies: Sequence[Policy], action: str) -> bool:
    """Whether the decision about `action` may depend on the tags of a resource."""
    return any(
        statement.reads_resource_tags and statement.matches_action(action)
        for policy in policies
        for statement in policy.statements
    )
