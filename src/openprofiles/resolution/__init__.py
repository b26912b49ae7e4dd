"""Entity resolution: tables in; scored pairs, groups and a model out. It knows no database of
ours and no feature.
"""

from openprofiles.resolution import charts, kept
from openprofiles.resolution.again import FolderInUse, last_model
from openprofiles.resolution.duckdb_engine import DuckDBEngine
from openprofiles.resolution.engine import Engine, EngineUnavailable
from openprofiles.resolution.explaining import Explanation, Reason, score_pair
from openprofiles.resolution.fields import ColumnMapping, MappingError, guess_mapping
from openprofiles.resolution.findings import (
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    PHONE,
    TOWN,
    KnownValues,
    findings,
    value_table,
)
from openprofiles.resolution.judging import Judge, Score
from openprofiles.resolution.linking import ExplainedGroup, Link, explain_groups
from openprofiles.resolution.lookup import caps, keys_of
from openprofiles.resolution.model import Model, UnknownModel
from openprofiles.resolution.opening import EngineName, open_engine, require_engine
from openprofiles.resolution.outcome import Resolution
from openprofiles.resolution.pairing import UnknownRecord, explain_pair
from openprofiles.resolution.reading import read_birth_date, read_email, read_phone
from openprofiles.resolution.record import Features, Findings, features_of, judged, normalised
from openprofiles.resolution.resolving import CUT_OFF, resolve

__all__ = [
    "CUT_OFF",
    "EMAIL",
    "FIRST_NAME",
    "LAST_NAME",
    "PHONE",
    "TOWN",
    "ColumnMapping",
    "DuckDBEngine",
    "Engine",
    "EngineName",
    "EngineUnavailable",
    "ExplainedGroup",
    "Explanation",
    "Features",
    "Findings",
    "FolderInUse",
    "Judge",
    "KnownValues",
    "Link",
    "MappingError",
    "Model",
    "Reason",
    "Resolution",
    "Score",
    "UnknownModel",
    "UnknownRecord",
    "caps",
    "charts",
    "explain_groups",
    "explain_pair",
    "features_of",
    "findings",
    "guess_mapping",
    "judged",
    "kept",
    "keys_of",
    "last_model",
    "normalised",
    "open_engine",
    "read_birth_date",
    "read_email",
    "read_phone",
    "require_engine",
    "resolve",
    "score_pair",
    "value_table",
]
