"""The words of our SQL, told to a DuckDB connection: macros, functions, and tables of nicknames."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import SPECIAL

from openprofiles.resolution import comparing, normalising, rarity
from openprofiles.resolution.nicknames_table import full_names, nickname_pairs


def define(connection: duckdb.DuckDBPyConnection, country: str, known: set[str]) -> None:
    """Define every macro and function, with `country` for phone numbers without one.

    `known` are the functions that the connection already has; it learns the new ones.
    """
    for name, (function, given, returned) in normalising.functions(country).items():
        if name in known:
            connection.remove_function(name)
        known.add(name)
        _define_function(connection, name, function, given, returned)
    for macro in (*normalising.macros(), *rarity.MACROS, *comparing.MACROS):
        connection.execute(macro)


def _define_function(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    function: Callable[..., Any],
    given: Sequence[str],
    returned: str,
) -> None:
    # SPECIAL: these functions answer NULL for what they cannot read, which the default refuses.
    types: list[Any] = list(given)
    connection.create_function(name, function, types, returned, null_handling=SPECIAL)


@cache
def nickname_tables() -> dict[str, pa.Table]:
    """`nicknames` numbers the names and says which name each is counted as; `nickname_pairs` has
    the numbers of both for every two that are related.
    """
    names = sorted({name for pair in nickname_pairs() for name in pair})
    code = {name: place for place, name in enumerate(names)}
    counted = full_names()
    both = [(code[one], code[other]) for one, other in nickname_pairs()]
    keys = [one * 10000 + other for one, other in both] + [
        other * 10000 + one for one, other in both
    ]
    return {
        "nicknames": pa.table(
            {
                "name": names,
                "code": pa.array(range(len(names)), pa.int32()),
                "counted": pa.array([counted.get(name) for name in names], pa.string()),
            }
        ),
        "nickname_pairs": pa.table({"key": pa.array(sorted(keys), pa.int32())}),
    }
