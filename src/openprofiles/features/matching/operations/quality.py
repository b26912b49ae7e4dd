"""How good a run is, in numbers: how sure it is of what it found, and what agreement weighs."""

from typing import Any, TypedDict

from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.matching.store import matches


class QualityRequest(TypedDict):
    """The domain whose last run is asked about."""

    DomainName: DomainName


@operation(
    "GetMatchQuality",
    reads_only=True,
    route=Route("GET", "/domains/{DomainName}/match-quality", QualityRequest),
)
def get_match_quality(context: Context, request: QualityRequest) -> Answer:
    """How many matches of the last run have which confidence, by hundredths, and what each level of
    agreement weighs in its model, in bits. All is None or empty when no run has found anything.

    Going by their confidence, as many matches are right as the sum of it says.
    """
    transaction = context.transaction
    domain = domains.require(context, request["DomainName"])
    result = matches.find_result(transaction, domain.id, now=context.now)
    if result is None:
        return {"JobId": None, "MadeAt": None, "Scores": [], "Weights": []}
    scores = matches.count_scores(transaction, domain.id, result.job_id)
    text = matches.find_model(transaction, domain.id, result.job_id)
    return {
        "JobId": result.job_id,
        "MadeAt": result.made_at,
        "Scores": [
            {
                "From": place / 100,
                "To": (place + 1) / 100,
                "Matches": count,
                "Confidence": round(mean, 6),
            }
            for place, count, mean in scores
        ],
        "Weights": _weights(text),
    }


def _weights(text: str | None) -> list[dict[str, Any]]:
    """What each level of agreement weighs, attribute by attribute; none of a model that this
    version cannot read.
    """
    if text is None:
        return []
    # Imported here: the engine takes half a second, and only domains with a model need it.
    from openprofiles import resolution
    from openprofiles.features.matching import explaining

    model = explaining.read_model(text)
    if model is None:
        return []
    rows = resolution.charts.level_weights(model)["data"]["values"]
    return [
        {"Attribute": row["attribute"], "Level": row["level"], "Bits": row["bits"]} for row in rows
    ]


OPERATIONS: tuple[Operation, ...] = (get_match_quality,)
