"""Filters and validations: which records of a source become objects.

A filter compares a field with VALUE, with any of VALUES (comma-separated), or with LOWER_BOUND and
UPPER_BOUND; DATA_TYPE says how, else numbers are compared as numbers and all else as text. A record
without the field passes NOT_EQUAL_TO only.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.features.integrations.flows import value as values
from openprofiles.features.integrations.flows.task import Record, Task, Terminated

Look = Callable[[Record], bool]

PROJECTION = "PROJECTION"
_NUMBERS = frozenset(
    {"number", "integer", "int", "long", "short", "double", "float", "decimal", "bigdecimal",
     "currency", "percent", "byte"}
)  # fmt: skip
_MOMENTS = frozenset({"date", "datetime", "timestamp", "time"})

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "LESS_THAN": lambda one, other: bool(one < other),
    "LESS_THAN_OR_EQUAL_TO": lambda one, other: bool(one <= other),
    "GREATER_THAN": lambda one, other: bool(one > other),
    "GREATER_THAN_OR_EQUAL_TO": lambda one, other: bool(one >= other),
}
COMPARISONS = frozenset({*_ORDER, "EQUAL_TO", "NOT_EQUAL_TO", "CONTAINS", "BETWEEN"})
TERMINATES = "terminate"


def filter_of(task: Task) -> Look:
    """The look of a Filter that compares; BadRequest when it has nothing to compare with."""
    read = _reader(task)
    field = task.fields[0]
    if task.operator == "BETWEEN":
        return _between(task, field, read)
    if task.operator in _ORDER:
        return _ordered(_ORDER[task.operator], field, read, _bound(task, "VALUE", read))
    wanted = _wanted(task)
    if task.operator == "CONTAINS":
        return lambda record: _contains(values.find(record, field), wanted)
    keys = {read(text) for text in wanted}
    equals = task.operator == "EQUAL_TO"

    def look(record: Record) -> bool:
        found = values.find(record, field)
        if values.is_empty(found):
            return not equals
        return (read(found) in keys) is equals

    return look


def validation_of(task: Task) -> Look:
    """The look of a Validate: False for a record to leave out; raises Terminated instead when
    VALIDATION_ACTION says that the flow ends.
    """
    holds = VALIDATIONS[task.operator]
    ends = TERMINATES in task.properties.get("VALIDATION_ACTION", "").lower()
    fields = task.fields

    def look(record: Record) -> bool:
        for field in fields:
            if not holds(values.find(record, field)):
                if ends:
                    raise Terminated(f"A record does not pass {task.operator} of field {field}")
                return False
        return True

    return look


def within(field: str, since: datetime | None, until: datetime | None) -> Look:
    """Whether a field's moment is `since` one and before `until` another; a record whose moment
    cannot be read passes, so that none is lost.
    """

    def look(record: Record) -> bool:
        moment = values.moment_of(values.find(record, field))
        if moment is None:
            return True
        return (since is None or moment >= since) and (until is None or moment < until)

    return look


def _ordered(
    compare: Callable[[Any, Any], bool], field: str, read: Callable[[Any], Any], bound: Any
) -> Look:
    def look(record: Record) -> bool:
        found = values.find(record, field)
        if values.is_empty(found):
            return False
        return _compared(compare, read(found), bound)

    return look


def _between(task: Task, field: str, read: Callable[[Any], Any]) -> Look:
    lower, upper = _bound(task, "LOWER_BOUND", read), _bound(task, "UPPER_BOUND", read)

    def look(record: Record) -> bool:
        found = values.find(record, field)
        if values.is_empty(found):
            return False
        key = read(found)
        return _compared(_ORDER["GREATER_THAN_OR_EQUAL_TO"], key, lower) and _compared(
            _ORDER["LESS_THAN_OR_EQUAL_TO"], key, upper
        )

    return look


def _compared(compare: Callable[[Any, Any], bool], one: Any, other: Any) -> bool:
    """Keys of two kinds, a number and a text, are in no order."""
    return one is not None and type(one) is type(other) and compare(one, other)


def _contains(found: Any, wanted: list[str]) -> bool:
    if isinstance(found, list):
        texts = {values.text_of(item) for item in found}
        return any(text in texts for text in wanted)
    text = values.text_of(found)
    return any(part in text for part in wanted)


def _wanted(task: Task) -> list[str]:
    several = task.properties.get("VALUES")
    if several is not None:
        return [text.strip() for text in several.split(",")]
    return [task.require("VALUE")]


def _bound(task: Task, name: str, read: Callable[[Any], Any]) -> Any:
    bound = read(task.require(name))
    if bound is None:
        raise BadRequest(f"TaskProperties.{name} is not of the type that DATA_TYPE says")
    return bound


def _reader(task: Task) -> Callable[[Any], Any]:
    """How values are made comparable: what DATA_TYPE says, else numbers where they are some."""
    kind = task.properties.get("DATA_TYPE", task.properties.get("SOURCE_DATA_TYPE", "")).lower()
    if kind in _NUMBERS:
        return values.number_of
    if kind in _MOMENTS:
        return values.moment_of
    if kind == "boolean":
        return lambda value: values.text_of(value).strip().lower()
    if kind:
        return values.text_of
    return lambda value: _first(values.number_of(value), values.text_of(value))


def _first(number: Any, text: str) -> Any:
    return text if number is None else number


def _is_number(value: Any) -> bool:
    return values.number_of(value) is not None


def _is_not_zero(value: Any) -> bool:
    return values.number_of(value) != 0


def _is_not_negative(value: Any) -> bool:
    number = values.number_of(value)
    return number is None or number >= 0


VALIDATIONS: Mapping[str, Callable[[Any], bool]] = {
    "VALIDATE_NON_NULL": lambda value: not values.is_empty(value),
    "VALIDATE_NON_ZERO": _is_not_zero,
    "VALIDATE_NON_NEGATIVE": _is_not_negative,
    "VALIDATE_NUMERIC": _is_number,
}
"""What a value must be; what is no number is neither zero nor negative."""
