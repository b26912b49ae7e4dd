"""JSON accessors: `_source.a.b`, `_source.list[0].a`, and `_source.list[].a` for each element of a
list.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from openprofiles.core.errors import BadRequest

ROOT = "_source"
Step = str | int | None
"""A member of an object, a position in a list, or None for each element of a list."""
Read = Callable[[Any], Any]
"""Takes a whole document; gives what the source finds in it, None for nothing."""

_PART = re.compile(r"([^\[\]{}\x00-\x1f]+)((?:\[[0-9]{0,9}\])*)")
_INDEX = re.compile(r"\[([0-9]*)\]")


def parse(text: str) -> tuple[Step, ...]:
    """The steps below `_source`; BadRequest when `text` is not an accessor that begins there."""
    root, *parts = text.split(".")
    if root != ROOT or not parts:
        raise BadRequest(f"Source must begin with {ROOT} and name a member of it, as in {ROOT}.Id")
    steps: list[Step] = []
    for part in parts:
        match = _PART.fullmatch(part)
        if match is None:
            raise BadRequest("Source is not an accessor: a part of it is empty or has odd brackets")
        steps.append(match[1])
        steps += [int(index) if index else None for index in _INDEX.findall(match[2])]
    return tuple(steps)


def has_list(steps: Sequence[Step]) -> bool:
    """Whether an accessor reads each element of a list, and so gives a list."""
    return None in steps


def compile_steps(steps: Sequence[Step]) -> Read:
    """The function that follows `steps` from a document; whatever is missing on the way gives
    None.
    """
    if len(steps) == 1 and isinstance(steps[0], str):
        return _member(steps[0])
    if all(isinstance(step, str) for step in steps):
        return _members(tuple(str(step) for step in steps))
    return lambda document: follow(document, steps)


def _member(name: str) -> Read:
    def read(document: Any) -> Any:
        return document.get(name)

    return read


def _members(names: tuple[str, ...]) -> Read:
    def read(document: Any) -> Any:
        value = document
        for name in names:
            if type(value) is not dict:
                return None
            value = value.get(name)
        return value

    return read


def follow(value: Any, steps: Sequence[Step]) -> Any:
    """What lies at `steps` below `value`; a list (with None for what is missing) where a step
    says each element.
    """
    for position, step in enumerate(steps):
        if step is None:
            rest = steps[position + 1 :]
            return [follow(element, rest) for element in value] if type(value) is list else None
        value = _child(value, step)
    return value


def _child(value: Any, step: str | int) -> Any:
    if type(value) is dict:
        return value.get(step)
    if type(value) is list and isinstance(step, int) and step < len(value):
        return value[step]
    return None
