"""Why two profiles match: the engine's explanation with what the last run found of their values."""

from collections.abc import Mapping, Sequence
from typing import Any

from openprofiles import resolution
from openprofiles.features.matching import records
from openprofiles.features.matching.store import matches
from openprofiles.storage.database import Transaction


def find_model(
    transaction: Transaction, domain_id: int, result: matches.Result | None
) -> resolution.Model | None:
    """The model of a result, None when there is none, or one of another version of the engine."""
    text = matches.find_model(transaction, domain_id, result.job_id) if result else None
    if text is None or text == "null":
        return None
    try:
        return resolution.Model.from_json(text)
    except resolution.UnknownModel:
        return None


def features_of(
    transaction: Transaction,
    domain_id: int,
    result: matches.Result,
    profiles: Sequence[Mapping[str, Any]],
) -> list[resolution.Features]:
    """Profiles made comparable, with what the run found of their values."""
    found = [records.features_of(fields) for fields in profiles]
    wanted = sorted({value for record in found for value in _values(record)})
    numbers = matches.find_numbers(transaction, domain_id, result.job_id, wanted)
    known = known_values(numbers, result.size)
    return [resolution.judged(record, known) for record in found]


def known_values(numbers: Mapping[tuple[int, str], int], size: int) -> resolution.KnownValues:
    """Stored numbers as the engine asks for them."""

    def of(kind: int) -> dict[str, int]:
        return {value: number for (other, value), number in numbers.items() if other == kind}

    return resolution.KnownValues(
        size=size,
        first_name_counts=of(resolution.FIRST_NAME),
        last_name_counts=of(resolution.LAST_NAME),
        town_counts=of(resolution.TOWN),
        phone_kinds={int(value): kind for value, kind in of(resolution.PHONE).items()},
        email_kinds=of(resolution.EMAIL),
    )


def explain(
    model: resolution.Model, one: resolution.Features, other: resolution.Features
) -> dict[str, Any]:
    """The engine's explanation as JSON, with its text for a person."""
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
    }


def _values(record: resolution.Features) -> set[tuple[int, str]]:
    one_each = (
        (resolution.FIRST_NAME, record.first_name),
        (resolution.LAST_NAME, record.last_name),
        (resolution.TOWN, record.town),
    )
    return {
        *((kind, value) for kind, value in one_each if value is not None),
        *((resolution.PHONE, str(number)) for number, _ in record.phones),
        *((resolution.EMAIL, address) for address, _ in record.emails),
    }
