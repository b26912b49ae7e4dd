"""A step of the pipeline: one table, by name, from one SELECT."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """`select` makes the table `name`; `drops` are tables that nobody reads afterwards."""

    name: str
    select: str
    drops: tuple[str, ...] = ()


def quoted(identifier: str) -> str:
    """A column or table name that is safe in SQL whatever it holds."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string that is safe in SQL whatever it holds."""
    return "'" + text.replace("'", "''") + "'"
