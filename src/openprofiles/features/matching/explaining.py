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
    """The engine's explanation as JSON, with its text for a person and a waterfall of the evidence
    as Vega-Lite.
    """
    explanation = resolution.score_pair(model, one, other)
    return {
        "ConfidenceScore": explanation.confidence,
        "Weight": explanation.weight,
        "Relations": explanation.relations,
        "Prior": explanation.prior,
        "Reasons": [
            {
                "Attribute": reason.attribute,
                "Values": list(reason.values),
                "Level": reason.level,
                "LevelText": reason.text,
                "Weight": reason.weight,
                "Bits": reason.bits,
            }
            for reason in explanation.reasons
        ],
        "ModelVersion": model.version,
        "Text": explanation.as_text(),
        "Waterfall": resolution.charts.pair_evidence(explanation),
    }
