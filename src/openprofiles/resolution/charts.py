"""Pictures that explain a pair and a model, as Vega-Lite specifications: plain JSON with its data
inside, which any Vega-Lite viewer draws without asking a server.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from openprofiles.resolution.attributes import ATTRIBUTES, Relation
from openprofiles.resolution.explaining import Explanation
from openprofiles.resolution.model import Model

Spec = dict[str, Any]

_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_FOR, _AGAINST, _SUM = "#2f7d5b", "#b5483a", "#5b6470"
_BINS, _THRESHOLDS = 80, 101
_MOST_BITS = 40.0


def pair_evidence(explanation: Explanation) -> Spec:
    """A waterfall: from what is known before anything is compared, attribute by attribute, to the
    pair's weight, in bits.
    """
    start = explanation.prior[Relation.UNRELATED.name.lower()]
    steps = [("before comparing", "", start)]
    steps += [
        (reason.attribute.replace("_", " "), reason.text, reason.weight)
        for reason in explanation.reasons
    ]
    against_unrelated = sum(bits for _, _, bits in steps)
    # Bits count against two unrelated people; a family or a namesake may be closer.
    steps.append(
        ("closer alternatives", _alternatives(explanation), explanation.weight - against_unrelated)
    )
    rows: list[dict[str, Any]] = []
    level = 0.0
    for name, text, bits in steps:
        rows.append(
            {
                "step": name,
                "text": text,
                "bits": round(bits, 3),
                "from": round(level, 3),
                "to": round(level + bits, 3),
                "kind": "for" if bits >= 0 else "against",
            }
        )
        level += bits
    total = round(explanation.weight, 3)
    rows.append(
        {
            "step": "weight",
            "text": f"confidence {explanation.confidence:.4f}",
            "bits": total,
            "from": 0.0,
            "to": total,
            "kind": "sum",
        }
    )
    return _chart(
        "What speaks for one person, and what against",
        rows,
        mark={"type": "bar", "tooltip": True},
        encoding={
            "y": {"field": "step", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "from", "type": "quantitative", "title": "bits"},
            "x2": {"field": "to"},
            "color": {
                "field": "kind",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["for", "against", "sum"], "range": [_FOR, _AGAINST, _SUM]},
            },
            "tooltip": _tooltip("step", "text", "bits"),
        },
    )


def _alternatives(explanation: Explanation) -> str:
    shares = sorted(explanation.relations.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {share:.3f}" for name, share in shares)


def level_weights(model: Model) -> Spec:
    """What each level of agreement weighs, in bits, for one person against two unrelated ones."""
    shares = model.weights.shares
    bits = (shares[Relation.SAME] - shares[Relation.UNRELATED]) / np.log(2)
    rows = [
        {
            "attribute": attribute.text,
            "level": level.text,
            "bits": round(float(bits[place, number]), 3),
            "same": float(np.exp(shares[Relation.SAME, place, number])),
            "unrelated": float(np.exp(shares[Relation.UNRELATED, place, number])),
        }
        for place, attribute in enumerate(ATTRIBUTES)
        for number, level in enumerate(attribute.levels, 1)
    ]
    return _chart(
        "What each level of agreement weighs",
        rows,
        mark={"type": "bar", "tooltip": True},
        encoding={
            "row": {
                "field": "attribute",
                "type": "nominal",
                "sort": [attribute.text for attribute in ATTRIBUTES],
                "title": None,
                "header": {"labelAngle": 0, "labelAlign": "left"},
            },
            "y": {"field": "level", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "bits", "type": "quantitative", "title": "bits"},
            "color": {
                "condition": {"test": "datum.bits < 0", "value": _AGAINST},
                "value": _FOR,
            },
            "tooltip": _tooltip("level", "bits", "same", "unrelated"),
        },
        resolve={"scale": {"y": "independent"}},
        spacing=4,
    )


def score_histogram(scores: pa.Table) -> Spec:
    """How many pairs have which weight, in bits, going by `Resolution.scores`: two hills, with few
    pairs between them, are a good sign.
    """
    numbers, edges = np.histogram(
        scores["weight"].to_numpy(),
        bins=_BINS,
        range=(-_MOST_BITS, _MOST_BITS),
        weights=scores["pairs"].to_numpy(),
    )
    rows = [
        {"from": float(low), "to": float(high), "pairs": int(number)}
        for low, high, number in zip(edges[:-1], edges[1:], numbers, strict=True)
        if number
    ]
    return _chart(
        "How many pairs have which weight",
        rows,
        mark={"type": "bar", "tooltip": True, "color": _SUM},
        encoding={
            "x": {
                "field": "from",
                "type": "quantitative",
                "bin": {"binned": True},
                "title": "bits for one person",
            },
            "x2": {"field": "to"},
            "y": {
                "field": "pairs",
                "type": "quantitative",
                "scale": {"type": "symlog"},
                "title": "pairs",
            },
            "tooltip": _tooltip("from", "to", "pairs"),
        },
    )


def expected_precision(scores: pa.Table) -> Spec:
    """For each threshold which share of the pairs above it is right, going by their confidence,
    and how many they are.
    """
    order = np.argsort(-scores["confidence"].to_numpy())
    confidence, pairs = (scores[name].to_numpy()[order] for name in ("confidence", "pairs"))
    right, number = np.cumsum(confidence * pairs), np.cumsum(pairs)
    rows: list[dict[str, Any]] = []
    for threshold in np.linspace(0, 1, _THRESHOLDS).tolist():
        last = int((confidence >= threshold).sum()) - 1
        if last >= 0 and number[last]:
            rows.append(
                {
                    "threshold": round(threshold, 2),
                    "precision": round(float(right[last] / number[last]), 5),
                    "pairs": int(number[last]),
                }
            )
    return _chart(
        "Expected precision by threshold",
        rows,
        mark={"type": "line", "point": True, "tooltip": True, "color": _FOR},
        encoding={
            "x": {"field": "threshold", "type": "quantitative", "title": "confidence from"},
            "y": {
                "field": "precision",
                "type": "quantitative",
                "scale": {"zero": False},
                "title": "share of pairs that are right",
            },
            "tooltip": _tooltip("threshold", "precision", "pairs"),
        },
    )


def _tooltip(*fields: str) -> list[dict[str, str]]:
    return [{"field": field} for field in fields]


def _chart(
    title: str, rows: Sequence[dict[str, Any]], *, mark: Spec, encoding: Spec, **more: Any
) -> Spec:
    return {
        "$schema": _SCHEMA,
        "title": title,
        "width": 480,
        "data": {"values": list(rows)},
        "mark": mark,
        "encoding": encoding,
        **more,
    }
