"""What two runs have to have in common for one to build on the other."""

import json
from hashlib import sha256

import duckdb

from openprofiles.resolution import blocking, comparing, features, normalising, rarity
from openprofiles.resolution.defining import nickname_tables
from openprofiles.resolution.fields import ColumnMapping
from openprofiles.resolution.terms import Terms

_FORMAT = 2
"""To be raised when groups are made in another way, or what rests in the folder means something
else.
"""

_SIZES = (1_000, 100_000, 1_000_000)
"""Numbers of records for which the caps of blocks are different."""


def what_was_done(terms: Terms) -> dict[str, object]:
    """To be compared: equal only if a run on these terms does the same to the same records."""
    return {
        "format": _FORMAT,
        # Its hashes may be others in the next version.
        "duckdb": duckdb.__version__,
        "steps": _digest(_texts(terms.mapping)),
        "model": terms.model.version,
        "columns": [*terms.mapping.kept, *terms.mapping.identifiers],
        "guarded": sorted(terms.mapping.guarded),
        "cut_off": terms.cut_off,
        "apart": _digest(sorted(terms.apart)),
    }


def _texts(mapping: ColumnMapping) -> list[object]:
    """All that is told to DuckDB, and the caps of blocks: a later version of ours may tell it
    something else.
    """
    slots = len(mapping.identifiers)
    steps = [*features.steps(mapping, "source", "rid"), blocking.copies(slots)]
    blocks = [
        (kind.keyed, kind.cap)
        for size in _SIZES
        for kind in blocking.blocks(slots, size, has_copies=True)
    ]
    return [
        *(step.select for step in steps),
        *blocks,
        comparing.select("pairs", slots),
        *normalising.macros(),
        *rarity.MACROS,
        *comparing.MACROS,
        *(table.to_pydict() for table in nickname_tables().values()),
    ]


def _digest(texts: object) -> str:
    return sha256(json.dumps(texts).encode()).hexdigest()
