"""Policies from their JSON; what is not sound is refused by a sentence that names the place.

A policy that is taken in but means something else than its writer thinks is a hole, so nothing is
ignored: no unknown element, operator or condition key, and no member that is there twice.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from openprofiles.core.policies import keys, patterns
from openprofiles.core.policies.conditions import BadCondition, Condition, condition
from openprofiles.core.policies.patterns import BadPattern, Pattern
from openprofiles.core.policies.policy import Effect, Policy, Statement

LONGEST = 10_240
"""Characters of a policy."""

WITH_VARIABLES = "2012-10-17"
VERSIONS = (WITH_VARIABLES, "2008-10-17")

_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_SID = re.compile(r"[A-Za-z0-9]{0,100}")
_SHOWN = 60


class InvalidPolicy(ValueError):
    """A policy document that is not sound; the text says where and why."""


def read(text: str) -> Policy:
    """The policy that a JSON document writes; raises InvalidPolicy."""
    if len(text) > LONGEST:
        raise InvalidPolicy(f"The policy is longer than {LONGEST} characters")
    document = _object(_json_of(text), "The policy", {"Version", "Id", "Statement"})
    version = document.get("Version", "2008-10-17")
    if version not in VERSIONS:
        raise InvalidPolicy(f"Version: is none of {', '.join(VERSIONS)}")
    if not isinstance(document.get("Id", ""), str):
        raise InvalidPolicy("Id: is no text")
    if "Statement" not in document:
        raise InvalidPolicy("The policy has no Statement")
    statements = document["Statement"]
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise InvalidPolicy("Statement: is neither a statement nor a list of some")
    return Policy(
        tuple(
            _statement(given, f"Statement {number}", has_variables=version == WITH_VARIABLES)
            for number, given in enumerate(statements, 1)
        )
    )


def _json_of(text: str) -> Any:
    try:
        # Numbers stay as they are written: they are compared as decimals.
        return json.loads(
            text,
            object_pairs_hook=_members,
            parse_constant=_no_constant,
            parse_int=str,
            parse_float=str,
        )
    except (json.JSONDecodeError, RecursionError) as error:
        raise InvalidPolicy("The policy is not JSON") from error


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidPolicy("The policy has an object with the same member twice")
    return members


def _no_constant(_: str) -> Any:
    raise InvalidPolicy("The policy is not JSON")


def _object(given: Any, place: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise InvalidPolicy(f"{place}: is no JSON object")
    for name in given:
        if name not in known:
            raise InvalidPolicy(f"{place}: {_shown(name)} is no element of it")
    return given


def _statement(given: Any, place: str, *, has_variables: bool) -> Statement:
    elements = _object(
        given,
        place,
        {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"},
    )
    sid = elements.get("Sid")
    if sid is not None and not (isinstance(sid, str) and _SID.fullmatch(sid)):
        raise InvalidPolicy(f"{place}, Sid: has other than up to 100 letters and digits")
    if elements.get("Effect") not in ("Allow", "Deny"):
        raise InvalidPolicy(f"{place}, Effect: is neither Allow nor Deny")
    action, actions = _one_of(elements, place, "Action", "NotAction")
    resource, resources = _one_of(elements, place, "Resource", "NotResource")
    return Statement(
        effect=Effect(elements["Effect"]),
        sid=sid,
        actions=tuple(_action(text, f"{place}, {action}") for text in actions),
        is_not_action=action == "NotAction",
        resources=tuple(
            _resource(text, f"{place}, {resource}", has_variables) for text in resources
        ),
        is_not_resource=resource == "NotResource",
        conditions=_conditions(elements.get("Condition", {}), f"{place}, Condition", has_variables),
    )


def _one_of(elements: Mapping[str, Any], place: str, *names: str) -> tuple[str, list[str]]:
    given = [name for name in names if name in elements]
    if len(given) != 1:
        raise InvalidPolicy(f"{place}: has not exactly one of {' and '.join(names)}")
    [name] = given
    texts = elements[name]
    if isinstance(texts, str):
        texts = [texts]
    if not isinstance(texts, list) or not texts or not all(isinstance(one, str) for one in texts):
        raise InvalidPolicy(f"{place}, {name}: is neither a text nor a list of some")
    return name, texts


def _action(text: str, place: str) -> Pattern:
    if not _ACTION.fullmatch(text):
        raise InvalidPolicy(f"{place}: {_shown(text)} is no action such as profile:GetDomain")
    return patterns.parse(text, has_variables=False, ignores_case=True)


def _resource(text: str, place: str, has_variables: bool) -> Pattern:
    if text != "*" and not text.startswith(("arn:", "*:")):
        raise InvalidPolicy(f"{place}: {_shown(text)} is neither * nor an ARN")
    try:
        return patterns.parse(text, has_variables=has_variables)
    except BadPattern as error:
        raise InvalidPolicy(f"{place}: {error}") from error


def _conditions(given: Any, place: str, has_variables: bool) -> tuple[Condition, ...]:
    if not isinstance(given, dict):
        raise InvalidPolicy(f"{place}: is no JSON object")
    made = []
    for written, block in given.items():
        within = f"{place}, {_shown(written)}"
        if not isinstance(block, dict) or not block:
            raise InvalidPolicy(f"{within}: is no JSON object of condition keys")
        for name, values in block.items():
            made.append(_condition(written, name, values, within, has_variables))
    return tuple(made)


def _condition(written: str, name: str, values: Any, within: str, has_variables: bool) -> Condition:
    key = keys.find(name)
    if key is None:
        raise InvalidPolicy(f"{within}: {_shown(name)} is no condition key of this service")
    place = f"{within}, {_shown(name)}"
    many = key in keys.MANY_VALUED and not written.startswith(("ForAllValues:", "ForAnyValue:"))
    if many and written != "Null":
        raise InvalidPolicy(
            f"{place}: has several values, so the operator needs ForAllValues: or ForAnyValue:"
        )
    try:
        return condition(written, key, _values(values, place), has_variables=has_variables)
    except BadCondition as error:
        raise InvalidPolicy(f"{place}: {error}") from error


def _values(given: Any, place: str) -> list[str]:
    values = given if isinstance(given, list) else [given]
    if not values:
        raise InvalidPolicy(f"{place}: has no value")
    return [_value(value, place) for value in values]


def _value(given: Any, place: str) -> str:
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, str):
        return given
    raise InvalidPolicy(f"{place}: has a value that is neither text, number, true nor false")


def _shown(text: str) -> str:
    """A name of the document as an error shows it: short, and without letters that do harm."""
    shown = json.dumps(text)[1:-1]
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
