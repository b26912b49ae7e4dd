"""Entity resolution: tables in; scored pairs, groups and a model out. It knows no database of
ours and no feature.
"""

from openprofiles.resolution.duckdb_engine import DuckDBEngine
from openprofiles.resolution.engine import Engine
from openprofiles.resolution.explaining import Explanation, Reason, score_pair
from openprofiles.resolution.fields import ColumnMapping, MappingError, guess_mapping
from openprofiles.resolution.findings import KnownValues, findings
from openprofiles.resolution.lookup import caps, keys_of
from openprofiles.resolution.model import Model, UnknownModel
from openprofiles.resolution.record import Features, Findings, features_of
from openprofiles.resolution.resolving import CUT_OFF, Resolution, resolve

__all__ = [
    "CUT_OFF",
    "ColumnMapping",
    "DuckDBEngine",
    "Engine",
    "Explanation",
    "Features",
    "Findings",
    "KnownValues",
    "MappingError",
    "Model",
    "Reason",
    "Resolution",
    "UnknownModel",
    "caps",
    "features_of",
    "findings",
    "guess_mapping",
    "keys_of",
    "resolve",
    "score_pair",
]
