"""What a batch run found out about values, in memory; the service keeps the same in its
database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pyarrow as pa

from openprofiles.resolution import holders
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.record import Features
from openprofiles.resolution.steps import literal

Key = TypeVar("Key")

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

    def with_holders(self, about: Sequence[Features], records: Sequence[Features]) -> "KnownValues":
        """These findings, and what the holders of the values of `about` tell of them: `records`,
        some of whom may have come after the run.

        More holders make a value less personal, never more; so of two kinds the greater is right
        when not all holders are among `records`.
        """
        return replace(
            self,
            phone_kinds=_greater(self.phone_kinds, holders.phone_kinds(about, records)),
            email_kinds=_greater(self.email_kinds, holders.email_kinds(about, records)),
        )

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


def _greater(one: Mapping[Key, int], other: Mapping[Key, int]) -> dict[Key, int]:
    return {**one, **{key: max(kind, one.get(key, 0)) for key, kind in other.items()}}


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
