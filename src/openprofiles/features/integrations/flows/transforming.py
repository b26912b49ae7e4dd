"""Tasks that write a field of the object: Map, Mask, Merge, Truncate, Arithmetic."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import reduce
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.features.integrations.flows import value as values
from openprofiles.features.integrations.flows.task import BadRecord, Record, Task
from openprofiles.features.integrations.flows.value import find, has

Write = Callable[[Record, dict[str, Any]], None]
"""Writes a field of the object (second) from a record (first)."""

WRITING = frozenset({"Map", "Mask", "Merge", "Truncate", "Arithmetic"})

ARITHMETIC: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "ADDITION": lambda one, other: one + other,
    "SUBTRACTION": lambda one, other: one - other,
    "MULTIPLICATION": lambda one, other: one * other,
    "DIVISION": lambda one, other: one / other,
}

DEFAULT_MASK = "*"
LONGEST_MASK = 10_000
"""Characters that a mask writes at most, whatever it stands for."""

_PLACE = re.compile(r"\$\{([^{}]+)\}")
_NUMBERS = frozenset({"number", "integer", "int", "long", "short", "double", "float", "decimal"})


def write_of(task: Task) -> Write:
    """What a task writes; BadRequest when something is missing for that."""
    if not task.destination:
        raise BadRequest("DestinationField must be given")
    if task.type == "Merge":
        return _merge(task)
    if task.type == "Arithmetic":
        return _compute(task)
    change = {"Map": _converted, "Mask": _masked, "Truncate": _truncated}[task.type](task)
    source, destination = task.fields[0], task.destination

    def write(record: Record, target: dict[str, Any]) -> None:
        # What an earlier task made of this field goes on from there.
        if destination in target:
            target[destination] = change(target[destination])
        elif has(record, source):
            target[destination] = change(find(record, source))

    return write if task.type != "Map" else _map(source, destination, change)


def _map(source: str, destination: str, change: Callable[[Any], Any]) -> Write:
    def write(record: Record, target: dict[str, Any]) -> None:
        if has(record, source):
            target[destination] = change(find(record, source))

    return write


def _converted(task: Task) -> Callable[[Any], Any]:
    """A value as its destination's type has it, where both types are named and differ."""
    wanted = task.properties.get("DESTINATION_DATA_TYPE", "").lower()
    if wanted == task.properties.get("SOURCE_DATA_TYPE", wanted).lower():
        return lambda value: value
    if wanted == "string":
        return lambda value: None if value is None else values.text_of(value)
    if wanted in _NUMBERS:
        return _as_number
    if wanted == "boolean":
        return _as_boolean
    return lambda value: value


def _as_number(value: Any) -> Any:
    number = values.number_of(value)
    return value if number is None else values.plain(number)


def _as_boolean(value: Any) -> Any:
    text = values.text_of(value).strip().lower()
    return {"true": True, "1": True, "false": False, "0": False}.get(text, value)


def _masked(task: Task) -> Callable[[Any], Any]:
    mask = task.properties.get("MASK_VALUE", DEFAULT_MASK)
    if task.operator == "MASK_ALL":
        given = task.properties.get("MASK_LENGTH")
        fixed = None if given is None else task.require_number("MASK_LENGTH")
        return _over_text(
            lambda text: mask * min(len(text) if fixed is None else fixed, LONGEST_MASK)
        )
    length = task.require_number("MASK_LENGTH")
    if task.operator == "MASK_FIRST_N":
        return _over_text(lambda text: mask * min(length, len(text)) + text[length:])
    return _over_text(
        lambda text: text[: max(len(text) - length, 0)] + mask * min(length, len(text))
    )


def _truncated(task: Task) -> Callable[[Any], Any]:
    length = task.require_number("TRUNCATE_LENGTH")
    return _over_text(lambda text: text[:length])


def _over_text(change: Callable[[str], str]) -> Callable[[Any], Any]:
    """A change of texts; null stays null."""
    return lambda value: None if value is None else change(values.text_of(value))


def _merge(task: Task) -> Write:
    """Fields as CONCAT_FORMAT puts them (`${first} ${last}`), else with a blank between; a format
    without places stands between them.
    """
    form = task.properties.get("CONCAT_FORMAT", " ")
    fields, destination = task.fields, task.destination
    if unknown := set(_PLACE.findall(form)) - set(fields):
        raise BadRequest(
            f"TaskProperties.CONCAT_FORMAT names {len(unknown)} fields that are not in SourceFields"
        )
    has_places = bool(_PLACE.search(form))

    def write(record: Record, target: dict[str, Any]) -> None:
        texts = {name: values.text_of(find(record, name)) for name in fields}
        if not any(texts.values()):
            return
        if has_places:
            target[destination] = _PLACE.sub(lambda place: texts[place[1]], form)
        else:
            target[destination] = form.join(text for text in texts.values() if text)

    return write


def _compute(task: Task) -> Write:
    """Fields computed in MATH_OPERATION_FIELDS_ORDER, then with VALUE if it is given."""
    order = task.properties.get("MATH_OPERATION_FIELDS_ORDER")
    fields = tuple(name.strip() for name in order.split(",")) if order else task.fields
    if set(fields) != set(task.fields):
        raise BadRequest("TaskProperties.MATH_OPERATION_FIELDS_ORDER must name all SourceFields")
    constant = None
    if "VALUE" in task.properties:
        constant = values.number_of(task.properties["VALUE"])
        if constant is None:
            raise BadRequest("TaskProperties.VALUE must be a number")
    if len(fields) + (constant is not None) < 2:
        raise BadRequest("SourceFields must name two fields, or TaskProperties have a VALUE")
    compute, destination = ARITHMETIC[task.operator], task.destination

    def write(record: Record, target: dict[str, Any]) -> None:
        found = [find(record, name) for name in fields]
        if any(values.is_empty(value) for value in found):
            return
        numbers = [values.number_of(value) for value in found]
        operands = [number for number in (*numbers, constant) if number is not None]
        if None in numbers:
            raise BadRecord(f"{task.operator} for field {destination}: a value is not a number")
        try:
            target[destination] = values.plain(reduce(compute, operands))
        except (DivisionByZero, InvalidOperation, Overflow) as error:
            raise BadRecord(f"{task.operator} for field {destination} has no result") from error

    return write
