"""Why two profiles match: the engine's explanation by the model of the last run."""

from typing import Any

from openprofiles import resolution
from openprofiles.features.matching.store import matches
from openprofiles.storage.database import Transaction


def find_model(
    transaction: Transaction, domain_id: int, result: matches.Result | None
) -> resolution.Model | None:
    """The model of a result, None when there is none, or one of another version of the engine."""
    return read_model(matches.find_model(transaction, domain_id, result.job_id) if result else None)


def read_model(text: str | None) -> resolution.Model | None:
    """A stored model, None when there is none, or one of another version of the engine."""
    if text is None or text == "null":
        return None
    try:
        return resolution.Model.from_json(text)
    except resolution.UnknownModel:
        return None


def explain(
    model: resolution.Model, one: resolution.Features, other: resolution.Features
) -> dict[str, Any]:
    """The engine's explanation as JSON, with a waterfall of the evidence as Vega-Lite."""
    explanation = resolution.score_pair(model, one, other)
    return explanation.as_json() | {
        "ModelVersion": model.version,
        "Waterfall": resolution.charts.pair_evidence(explanation),
    }
