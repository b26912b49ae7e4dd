"""Why two records are, or are not, one person: for each attribute what was seen and what it
weighs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Any

from openprofiles.resolution.attributes import ATTRIBUTES, Relation
from openprofiles.resolution.doubt import doubtful
from openprofiles.resolution.levels import compare
from openprofiles.resolution.model import Model
from openprofiles.resolution.record import Features
from openprofiles.resolution.scoring import evidence_of, weigh_levels

_BIT = log(2)


@dataclass(frozen=True, slots=True)
class Reason:
    """One attribute: both values, how they agree, and the bits for one person against each
    alternative.
    """

    attribute: str
    values: tuple[str | None, str | None]
    level: str
    text: str
    bits: dict[str, float]

    @property
    def weight(self) -> float:
        """Bits for one person against two unrelated ones."""
        return self.bits[Relation.UNRELATED.name.lower()]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A pair's score and what made it."""

    confidence: float
    weight: float
    relations: dict[str, float]
    """The probability of each relation; they add up to 1."""
    prior: dict[str, float]
    """Bits for one person against each alternative before anything is compared."""
    reasons: tuple[Reason, ...]
    """For the attributes known in both, the weightiest first."""
    is_doubtful: bool = False
    """Whether nothing tells the two from close relatives, so that no agreement makes it certain."""

    def as_json(self) -> dict[str, Any]:
        """The explanation by the API's names, with its text for a person; weights in bits."""
        return {
            "ConfidenceScore": self.confidence,
            "Weight": self.weight,
            "Relations": self.relations,
            "Prior": self.prior,
            "IsDoubtful": self.is_doubtful,
            "Reasons": [
                {
                    "Attribute": reason.attribute,
                    "Values": list(reason.values),
                    "Level": reason.level,
                    "LevelText": reason.text,
                    "Weight": reason.weight,
                    "Bits": reason.bits,
                }
                for reason in self.reasons
            ],
            "Text": self.as_text(),
        }

    def as_text(self) -> str:
        """The explanation in lines for a person."""
        lines = [f"confidence {self.confidence:.4f} ({self.weight:+.1f} bits)"]
        for reason in self.reasons:
            one, other = (value or "-" for value in reason.values)
            lines.append(
                f"{reason.weight:+6.1f}  {reason.attribute}: {one} | {other} ({reason.text})"
            )
        others = sorted(self.relations.items(), key=lambda item: -item[1])
        lines.append("  ".join(f"{name} {share:.3f}" for name, share in others))
        if self.is_doubtful:
            lines.append("Nothing here is one person's own: these may be close relatives.")
        return "\n".join(lines)


def score_pair(model: Model, one: Features, other: Features) -> Explanation:
    """Score two records as a batch run with this model would, and say why."""
    levels = compare(one, other)
    weights = model.weights
    shares, sizes = weights.shares.tolist(), weights.sizes.tolist()
    evidence = evidence_of(sizes, shares, levels)
    most = max(evidence)
    parts = [exp(value - most) for value in evidence]
    relations = {relation.name.lower(): parts[relation] / sum(parts) for relation in Relation}
    same = relations[Relation.SAME.name.lower()]
    alternatives = [relation for relation in Relation if relation is not Relation.SAME]
    return Explanation(
        confidence=same,
        weight=weigh_levels(sizes, shares, levels),
        relations=relations,
        prior={
            relation.name.lower(): (sizes[Relation.SAME] - sizes[relation]) / _BIT
            for relation in alternatives
        },
        reasons=tuple(
            sorted(_reasons(one, other, levels, shares), key=lambda reason: -abs(reason.weight))
        ),
        is_doubtful=bool(doubtful(levels)),
    )


def _reasons(
    one: Features,
    other: Features,
    levels: Sequence[int],
    shares: Sequence[Sequence[Sequence[float]]],
) -> list[Reason]:
    reasons = []
    for place, attribute in enumerate(ATTRIBUTES):
        if not levels[place]:
            continue
        level = attribute.levels[levels[place] - 1]
        bits = {
            relation.name.lower(): (
                shares[Relation.SAME][place][levels[place]] - shares[relation][place][levels[place]]
            )
            / _BIT
            for relation in Relation
            if relation is not Relation.SAME
        }
        values = (_shown(one, attribute.name, other), _shown(other, attribute.name, one))
        reasons.append(Reason(attribute.name, values, level.name, level.text, bits))
    return reasons


def _shown(record: Features, attribute: str, other: Features) -> str | None:
    place = " ".join(part for part in (record.zip, record.town) if part)
    shown = {
        "first_name": record.first_name,
        "last_name": record.last_name,
        "middle_name": record.middle_name,
        "generation": record.generation_beside(other),
        "birth_date": str(record.birth) if record.birth else None,
        "phone": ", ".join(f"+{number}" for number, _ in record.phones),
        "email": ", ".join(address for address, _ in record.emails),
        "address": f"{record.house or ''}{record.street or ''}",
        "place": place,
        "business": record.business,
        "identifier": ", ".join(value for value in record.identifiers if value),
    }
    return shown[attribute] or None
