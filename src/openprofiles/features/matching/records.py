"""Profiles as the engine takes them: a column for each field, and one address.

A profile has four addresses and the engine compares one: Address, or the first other one that is
filled.
"""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from openprofiles import resolution

ID = "ProfileId"
ADDRESSES = ("Address", "ShippingAddress", "MailingAddress", "BillingAddress")
PLACE = ("Address1", "City", "PostalCode", "Country")
_TELLING = ("Address1", "City", "PostalCode")
"""A country alone is no address."""

FIELDS = (
    "FirstName",
    "MiddleName",
    "LastName",
    "BirthDate",
    "PhoneNumber",
    "HomePhoneNumber",
    "MobilePhoneNumber",
    "BusinessPhoneNumber",
    "EmailAddress",
    "PersonalEmailAddress",
    "BusinessEmailAddress",
    "BusinessName",
)
IDENTIFIERS = ("AccountNumber",)
PATHS = (
    *IDENTIFIERS,
    *FIELDS,
    *(f"{address}.{part}" for address in ADDRESSES for part in PLACE),
)
"""The fields of a profile that are read."""

MAPPING = resolution.ColumnMapping(
    id=ID, fields={name: (name,) for name in (*FIELDS, *PLACE)}, identifiers=IDENTIFIERS
)

KEPT = resolution.kept.mapping_of(len(IDENTIFIERS))
"""The same profiles as the index of look-ups keeps them, normalised."""

KEPT_SCHEMA = resolution.kept.schema(len(IDENTIFIERS))

SCHEMA = pa.schema([(name, pa.string()) for name in (ID, *IDENTIFIERS, *FIELDS, *PLACE)])
"""The columns of the engine's input."""


def as_table(blocks: Iterable[bytes]) -> pa.Table:
    """The records in CSV lines of an id and PATHS, as `profiles.copy_fields` gives them."""
    return with_one_address(_read(blocks, [ID, *PATHS]))


def as_kept_table(blocks: Iterable[bytes]) -> pa.Table:
    """The records in CSV lines of an id and its features, as the index gives them."""
    return resolution.kept.as_columns(
        _read(blocks, [resolution.kept.ID, "features"]), len(IDENTIFIERS)
    )


def _read(blocks: Iterable[bytes], names: list[str]) -> pa.Table:
    text = b"".join(blocks)
    if not text:
        return pa.table({name: pa.array([], pa.string()) for name in names})
    return csv.read_csv(
        BytesIO(text),
        read_options=csv.ReadOptions(column_names=names, block_size=max(1 << 20, len(text))),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        ),
    )


def with_one_address(table: pa.Table) -> pa.Table:
    """The table with one address in the columns PLACE in place of all."""
    chosen: dict[str, Any] = {part: pa.nulls(table.num_rows, pa.string()) for part in PLACE}
    for address in reversed(ADDRESSES):
        is_there: Any = None
        for part in _TELLING:
            filled = pc.is_valid(table[f"{address}.{part}"])
            is_there = filled if is_there is None else pc.or_(is_there, filled)
        for part in PLACE:
            chosen[part] = pc.if_else(is_there, table[f"{address}.{part}"], chosen[part])
    kept = {name: table[name] for name in (ID, *IDENTIFIERS, *FIELDS)}
    return pa.table({**kept, **chosen}, schema=SCHEMA)


def features_of(fields: Mapping[str, Any]) -> resolution.Features:
    """A profile's fields made comparable one by one, as a run makes all of them."""
    texts: dict[str, str | None] = {name: fields.get(name) for name in FIELDS}
    for address in ADDRESSES:
        if any(fields.get(f"{address}.{part}") for part in _TELLING):
            texts |= {part: fields.get(f"{address}.{part}") for part in PLACE}
            break
    return resolution.normalised(
        texts, identifiers=[fields.get(name) for name in IDENTIFIERS], country=MAPPING.country
    )
