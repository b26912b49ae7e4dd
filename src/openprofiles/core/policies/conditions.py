"""Conditions: what an operator says of the values that a request has for a key."""

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

from openprofiles.core.policies import patterns
from openprofiles.core.policies.keys import ValueOf
from openprofiles.core.policies.patterns import BadPattern, Pattern

Test = Callable[[str, ValueOf], bool]
"""Whether one value of the request is what one value of the policy asks for."""


class Quantifier(StrEnum):
    """How many of a key's values have to be as the policy asks."""

    ONE = ""
    ALL = "ForAllValues:"
    ANY = "ForAnyValue:"


class BadCondition(ValueError):
    """A condition that cannot be; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """An operator on a key. `tests` are of the values in the policy, of which one has to hold, or
    none of them when it `is_negated`.
    """

    key: str
    tests: tuple[Test, ...]
    asked_keys: tuple[str, ...]
    is_negated: bool
    quantifier: Quantifier
    holds_if_missing: bool

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys of the request that it looks at."""
        return (self.key, *self.asked_keys)

    def holds(self, value_of: ValueOf) -> bool:
        """Whether the request is as the condition asks."""
        values = value_of(self.key)
        if not values:
            return self.holds_if_missing
        one_by_one = (self._holds_for(value, value_of) for value in values)
        return any(one_by_one) if self.quantifier is Quantifier.ANY else all(one_by_one)

    def _holds_for(self, value: str, value_of: ValueOf) -> bool:
        return any(test(value, value_of) for test in self.tests) != self.is_negated


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence(Condition):
    """`Null`: whether the request has the key at all."""

    must_be_missing: frozenset[bool]

    def holds(self, value_of: ValueOf) -> bool:
        """Whether the key is there, or missing, as one of the policy's values asks."""
        return (not value_of(self.key)) in self.must_be_missing


def condition(written: str, key: str, values: Sequence[str], *, has_variables: bool) -> Condition:
    """The condition of an operator as it is written (`ForAllValues:StringLikeIfExists`).

    Raises BadCondition.
    """
    quantifier, name = _quantified(written)
    if name == "Null":
        return _presence(quantifier, key, values)
    base = name.removesuffix("IfExists")
    known = _OPERATORS.get(base)
    if known is None:
        raise BadCondition("is no operator of conditions")
    make, is_negated = known
    made = [make(value, has_variables) for value in values]
    return Condition(
        key=key,
        tests=tuple(test for test, _ in made),
        asked_keys=tuple(asked for _, some in made for asked in some),
        is_negated=is_negated,
        quantifier=quantifier,
        holds_if_missing=_holds_if_missing(quantifier, is_negated, if_exists=base != name),
    )


def _quantified(written: str) -> tuple[Quantifier, str]:
    for quantifier in (Quantifier.ALL, Quantifier.ANY):
        if written.startswith(quantifier):
            return quantifier, written[len(quantifier) :]
    return Quantifier.ONE, written


def _holds_if_missing(quantifier: Quantifier, is_negated: bool, *, if_exists: bool) -> bool:
    if if_exists or quantifier is Quantifier.ALL:
        return True
    return is_negated and quantifier is Quantifier.ONE


def _presence(quantifier: Quantifier, key: str, values: Sequence[str]) -> Presence:
    if quantifier is not Quantifier.ONE:
        raise BadCondition("looks at the key itself, not at each of its values")
    return Presence(
        key=key,
        tests=(),
        asked_keys=(),
        is_negated=False,
        quantifier=quantifier,
        holds_if_missing=False,
        must_be_missing=frozenset(_bool(value) for value in values),
    )


_Made = tuple[Test, tuple[str, ...]]
_Make = Callable[[str, bool], _Made]
"""From a value in a policy, and whether it may have variables, to its test."""


def _texts(*, has_wildcards: bool, ignores_case: bool = False) -> _Make:
    def make(text: str, has_variables: bool) -> _Made:
        pattern = _pattern(text, has_variables, has_wildcards, ignores_case)
        return (lambda value, value_of: bool(pattern.matches(value, value_of))), pattern.keys

    return make


def _pattern(text: str, has_variables: bool, has_wildcards: bool, ignores_case: bool) -> Pattern:
    try:
        return patterns.parse(
            text,
            has_variables=has_variables,
            has_wildcards=has_wildcards,
            ignores_case=ignores_case,
        )
    except BadPattern as error:
        raise BadCondition(f"has a value of which {error}") from error


def _compared(read: Callable[[str], Any], holds: Callable[[Any, Any], bool]) -> _Make:
    """Values that are read as something to compare; what cannot be read is like nothing."""

    def make(text: str, _: bool) -> _Made:
        wanted = read(text)

        def test(value: str, _: ValueOf) -> bool:
            try:
                return bool(holds(read(value), wanted))
            except BadCondition:
                return False

        return test, ()

    return make


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise BadCondition("has a value that is no number") from error
    if not number.is_finite():
        raise BadCondition("has a value that is no number")
    return number


def _moment(text: str) -> datetime:
    """ISO 8601, or seconds since 1970."""
    try:
        if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise BadCondition("has a value that is no moment in ISO 8601") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bool(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise BadCondition("has a value that is neither true nor false")
    return text.lower() == "true"


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCondition("has a value that is not base64") from error


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: str) -> _Network:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise BadCondition("has a value that is no address and no network") from error
    mapped = network.network_address
    if isinstance(mapped, ipaddress.IPv6Address) and mapped.ipv4_mapped and network.prefixlen > 95:
        # An IPv4 address as a socket for both kinds tells it.
        return ipaddress.ip_network(f"{mapped.ipv4_mapped}/{network.prefixlen - 96}")
    return network


def _is_within(inner: _Network, outer: _Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]  # of one version


def _arns(text: str, has_variables: bool) -> _Made:
    """Each of the six parts on its own: a wildcard does not reach into the next."""
    parts = text.split(":", 5)
    if len(parts) != _ARN_PARTS and "${" not in text:
        raise BadCondition("has a value that is no ARN")
    whole = _pattern(text, has_variables, True, False)

    def test(value: str, value_of: ValueOf) -> bool:
        filled = whole.fill(value_of)
        return filled is not None and _is_arn_like(value, filled)

    return test, whole.keys


def _is_arn_like(value: str, pieces: Sequence[str | tuple[str, ...]]) -> bool:
    wanted: list[list[str | tuple[str, ...]]] = [[]]
    for piece in pieces:
        if isinstance(piece, tuple):
            wanted[-1].append(piece)
            continue
        first, *others = piece.split(":", _ARN_PARTS - len(wanted))
        wanted[-1].append(first)
        wanted += [[other] for other in others]
    given = value.split(":", 5)
    return len(given) == len(wanted) and all(
        Pattern(tuple(part), False).matches(text, lambda _: None)
        for part, text in zip(wanted, given, strict=True)
    )


_ARN_PARTS: Final = 6
_SECONDS: Final = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)
_ORDERS: Final = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
_OPERATORS: Final[dict[str, tuple[_Make, bool]]] = {
    "StringEquals": (_texts(has_wildcards=False), False),
    "StringNotEquals": (_texts(has_wildcards=False), True),
    "StringEqualsIgnoreCase": (_texts(has_wildcards=False, ignores_case=True), False),
    "StringNotEqualsIgnoreCase": (_texts(has_wildcards=False, ignores_case=True), True),
    "StringLike": (_texts(has_wildcards=True), False),
    "StringNotLike": (_texts(has_wildcards=True), True),
    **{f"Numeric{name}": (_compared(_number, order), False) for name, order in _ORDERS.items()},
    "NumericNotEquals": (_compared(_number, operator.eq), True),
    **{f"Date{name}": (_compared(_moment, order), False) for name, order in _ORDERS.items()},
    "DateNotEquals": (_compared(_moment, operator.eq), True),
    "Bool": (_compared(_bool, operator.eq), False),
    "BinaryEquals": (_compared(_bytes, operator.eq), False),
    "IpAddress": (_compared(_network, _is_within), False),
    "NotIpAddress": (_compared(_network, _is_within), True),
    "ArnEquals": (_arns, False),
    "ArnLike": (_arns, False),
    "ArnNotEquals": (_arns, True),
    "ArnNotLike": (_arns, True),
}
"""Name -> how its values are read, and whether it denies them."""
