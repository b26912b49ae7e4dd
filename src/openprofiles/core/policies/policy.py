"""What a policy is once it has been read: statements that allow or deny."""

from dataclasses import dataclass
from enum import StrEnum


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
class Statement:
    """One statement: it matches an action on a resource, and has an effect then."""

    effect: Effect
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document that has been read and found sound."""

    statements: tuple[Statement, ...]
