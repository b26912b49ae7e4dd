"""What a batch run found out about values, in memory; the service keeps the same in its
database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from openprofiles.resolution.engine import Engine
from openprofiles.resolution.record import Features
from openprofiles.resolution.steps import literal

FIRST_NAME, LAST_NAME, TOWN, PHONE, EMAIL = range(1, 6)
"""What a row of `value_table` is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownValues:
    """Findings as plain mappings. Counts of one and kinds of zero may be left out."""

    size: int
    first_name_counts: Mapping[str, int]
    last_name_counts: Mapping[str, int]
    town_counts: Mapping[str, int]
    phone_kinds: Mapping[int, int]
    email_kinds: Mapping[str, int]

    def first_names(self, name: str) -> int:
        """How many records have this first name."""
        return self.first_name_counts.get(name, 1)

    def last_names(self, name: str) -> int:
        """How many records have this last name."""
        return self.last_name_counts.get(name, 1)

    def towns(self, town: str) -> int:
        """How many records are in this town."""
        return self.town_counts.get(town, 1)

    def phone_kind(self, number: int) -> int:
        """Whose a phone is."""
        return self.phone_kinds.get(number, 0)

    def email_kind(self, address: str) -> int:
        """Whose an e-mail address is."""
        return self.email_kinds.get(address, 0)


def findings(engine: Engine, about: Sequence[Features] | None = None) -> KnownValues:
    """What the run that `engine` has just done found out, only `about` the values of some records
    when these are given.
    """
    records = about or ()

    def mapping(query: str, value: str, wanted: Iterable[str | int | None]) -> dict[Any, int]:
        if about is not None:
            known = ", ".join(
                str(text) if isinstance(text, int) else literal(text)
                for text in wanted
                if text is not None
            )
            query += f" and {value} in ({known or 'null'})"
        keys, values = (column.to_pylist() for column in engine.table(query).columns)
        return dict(zip(keys, (int(value) for value in values if value is not None), strict=True))

    return KnownValues(
        size=int(engine.fetch("select n from size")["n"][0]),
        first_name_counts=mapping(
            "select first_name, n from first_names where n > 1",
            "first_name",
            (record.first_name for record in records),
        ),
        last_name_counts=mapping(
            "select last_name, n from last_names where n > 1",
            "last_name",
            (record.last_name for record in records),
        ),
        town_counts=mapping(
            "select town, n from towns where n > 1", "town", (record.town for record in records)
        ),
        phone_kinds=mapping(
            "select value, kind from phone_values where true",
            "value",
            (number for record in records for number, _ in record.phones),
        ),
        email_kinds=mapping(
            "select value, kind from email_values where true",
            "value",
            (address for record in records for address, _ in record.emails),
        ),
    )


def value_table(engine: Engine) -> pa.Table:
    """The same as columns to store: `kind` (FIRST_NAME and so on), `value` as text, `number`."""
    tables = (
        (FIRST_NAME, "select first_name as value, n as number from first_names where n > 1"),
        (LAST_NAME, "select last_name, n from last_names where n > 1"),
        (TOWN, "select town, n from towns where n > 1"),
        (PHONE, "select value::varchar, kind from phone_values"),
        (EMAIL, "select value, kind from email_values"),
    )
    rows = " union all ".join(
        f"select {kind}::tinyint as kind, * from ({query})" for kind, query in tables
    )
    return engine.table(f"select kind, value, number::integer as number from ({rows})")
