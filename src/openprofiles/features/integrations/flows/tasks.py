"""The tasks of a flow: rules, and one function from a source's record to an object.

Filters and validations look at the record as it came; the other tasks write fields of the object in
their order, each from the record, or from what an earlier task made of the same field. Without a
task that writes, an object has all fields that the projection names (all there are without one).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.features.integrations.flows import filters, transforming
from openprofiles.features.integrations.flows.task import (
    BadRecord,
    Record,
    Task,
    Terminated,
    read_task,
)
from openprofiles.features.integrations.flows.value import find, has

__all__ = [
    "BadRecord",
    "Terminated",
    "Transform",
    "compile_tasks",
    "require_valid",
    "source_fields",
]

Transform = Callable[[Record], dict[str, Any] | None]
"""A record as an object, None when a filter or validation leaves it out; raises BadRecord when it
cannot be made one, Terminated when the flow is to end.
"""

OPERATORS = {
    "Filter": frozenset({filters.PROJECTION, *filters.COMPARISONS}),
    "Map": frozenset({"NO_OP"}),
    "Merge": frozenset({"NO_OP"}),
    "Truncate": frozenset({"NO_OP"}),
    "Mask": frozenset({"MASK_ALL", "MASK_FIRST_N", "MASK_LAST_N"}),
    "Validate": frozenset(filters.VALIDATIONS),
    "Arithmetic": frozenset(transforming.ARITHMETIC),
}
"""Which operators a task of a type may have."""

DEFAULT_OPERATORS = {
    "Filter": filters.PROJECTION,
    "Map": "NO_OP",
    "Merge": "NO_OP",
    "Truncate": "NO_OP",
}
"""What a task without a ConnectorOperator does."""


def require_valid(given: Sequence[Mapping[str, Any]], member: str) -> None:
    """Pass when tasks can be done on records of the connector whose members are called `member`;
    BadRequest with the number of the first task that cannot, from 1.
    """
    for number, entry in enumerate(given, 1):
        try:
            _compile(_read(entry, member))
        except BadRequest as problem:
            raise BadRequest(f"FlowDefinition.Tasks, number {number}: {problem.message}") from None


def compile_tasks(
    given: Sequence[Mapping[str, Any]], member: str, *, passes_others: bool = False
) -> Transform:
    """The function that all tasks of a flow make together.

    With `passes_others`, fields that no task speaks of pass as they are.
    """
    tasks = [_read(entry, member) for entry in given]
    looks = [_look(task) for task in tasks if _is_look(task)]
    writes = [transforming.write_of(task) for task in tasks if task.type in transforming.WRITING]
    names = _projection(tasks)
    if not writes or passes_others:
        writes.insert(0, _copy_all(None if passes_others else names))
    elif not looks and (copied := _plain_copies(tasks)) is not None:
        return _copy_plainly(copied)

    def transform(record: Record) -> dict[str, Any] | None:
        for look in looks:
            if not look(record):
                return None
        target: dict[str, Any] = {}
        for write in writes:
            write(record, target)
        return target

    return transform


def source_fields(given: Sequence[Mapping[str, Any]], member: str) -> tuple[str, ...] | None:
    """The fields that a flow needs of its source; None when it needs all."""
    tasks = [_read(entry, member) for entry in given]
    names = _projection(tasks)
    if names is None:
        return None
    needed = dict.fromkeys(names)
    for task in tasks:
        needed.update(dict.fromkeys(task.fields))
    return tuple(needed)


def _read(entry: Mapping[str, Any], member: str) -> Task:
    task = read_task(entry, member, DEFAULT_OPERATORS)
    if task.operator not in OPERATORS[task.type]:
        raise BadRequest(f"ConnectorOperator of a task of type {task.type} cannot be this one")
    return task


def _compile(task: Task) -> object:
    """What the task does; BadRequest when something is missing for that."""
    if task.operator == filters.PROJECTION:
        return None
    return _look(task) if _is_look(task) else transforming.write_of(task)


def _is_look(task: Task) -> bool:
    return task.type in ("Filter", "Validate") and task.operator != filters.PROJECTION


def _look(task: Task) -> Callable[[Record], bool]:
    return filters.filter_of(task) if task.type == "Filter" else filters.validation_of(task)


def _projection(tasks: Sequence[Task]) -> tuple[str, ...] | None:
    """The fields that projections name, None without one."""
    projections = [task.fields for task in tasks if task.operator == filters.PROJECTION]
    if not projections:
        return None
    return tuple(dict.fromkeys(name for names in projections for name in names))


def _copy_all(names: tuple[str, ...] | None) -> transforming.Write:
    def copy(record: Record, target: dict[str, Any]) -> None:
        if names is None:
            target.update(record)
        else:
            target.update({name: record[name] for name in names if name in record})

    return copy


def _plain_copies(tasks: Sequence[Task]) -> dict[str, str] | None:
    """Destination -> source, when all that is written is fields as they are, each once."""
    writing = [task for task in tasks if task.type in transforming.WRITING]
    if any(task.type != "Map" or task.properties for task in writing):
        return None
    copied = {task.destination: task.fields[0] for task in writing}
    return copied if len(copied) == len(writing) else None


def _copy_plainly(copied: Mapping[str, str]) -> Transform:
    """What nearly all flows do, in one go: it is done for each row of a file."""
    from_destination = tuple(copied.items())

    def transform(record: Record) -> dict[str, Any]:
        return {
            destination: record[source] if source in record else find(record, source)
            for destination, source in from_destination
            if source in record or has(record, source)
        }

    return transform
