"""Entity resolution: tables in; scored pairs, groups and a model out. It knows no database of
ours and no feature.
"""

from openprofiles.resolution.duckdb_engine import DuckDBEngine
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.fields import ColumnMapping, MappingError, guess_mapping
from openprofiles.resolution.model import Model, UnknownModel
from openprofiles.resolution.resolving import CUT_OFF, Resolution, resolve

__all__ = [
    "CUT_OFF",
    "ColumnMapping",
    "DuckDBEngine",
    "Engine",
    "MappingError",
    "Model",
    "Resolution",
    "UnknownModel",
    "guess_mapping",
    "resolve",
]
