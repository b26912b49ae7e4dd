"""The quality of a domain's fields as an operation."""

import math
from typing import TypedDict

from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.features import authorizing, domains, profiles
from openprofiles.features.authorizing import Target
from openprofiles.features.context import Context
from openprofiles.features.insight.fields import count_fields

SAMPLE = 4_000
"""How many profiles are looked at, at most: shares are right to some hundredths then, and it takes
some tenths of a second.
"""

MOST_FIELDS = 200
"""How many fields are told of: who takes a key of a document for a name has thousands."""


class QualityRequest(TypedDict):
    """The domain whose fields are meant."""

    DomainName: DomainName


@operation(
    "GetFieldQuality",
    reads_only=True,
    route=Route("GET", "/domains/{DomainName}/field-quality", QualityRequest),
)
def get_field_quality(context: Context, request: QualityRequest) -> Answer:
    """How good the fields of a domain's profiles are: of each, how many profiles have it
    (`Filled`), of how many identity resolution can use it (`Valid`), how many different values
    there are (`Distinct`), and the most frequent shapes of them: `+99 99 9999`, `Aa Aa`.

    Of `Profiles`, `Sampled` were looked at: all of up to 4,000, else one in two, four, eight, …,
    chosen by a hash of the id; `Margin` is how far a share may be off (in 19 cases of 20).
    `Values` are the most frequent values, for those who may search profiles, and only of at least
    three profiles and half a percent.
    """
    domain = domains.require(context, request["DomainName"])
    total = domains.count_profiles(context, domain)
    one_in = 1
    while total > SAMPLE * one_in:
        one_in *= 2
    sample = profiles.sample_fields(context.transaction, domain.id, one_in=one_in, limit=2 * SAMPLE)
    counted = count_fields((fields for _, fields in sample), context.now.date())
    shows_values = bool(
        authorizing.visible(
            context, "SearchProfiles", [domain.name], lambda name: [Target(domain_name=name)]
        )
    )
    items = [one.as_response(name, shows_values=shows_values) for name, one in counted.items()]
    return {
        "Profiles": total,
        "Sampled": len(sample),
        "OneIn": one_in,
        "Margin": 0.0 if one_in == 1 else _margin(len(sample), total),
        "ShowsValues": shows_values,
        "Items": items[:MOST_FIELDS],
        "LeftOut": max(len(items) - MOST_FIELDS, 0),
    }


def _margin(sampled: int, total: int) -> float:
    """Half the width of the interval that has the true share in 19 cases of 20, at its widest."""
    if not sampled:
        return 1.0
    rest = (total - sampled) / max(total - 1, 1)
    return round(1.96 * math.sqrt(0.25 / sampled * max(rest, 0.0)), 4)


OPERATIONS: tuple[Operation, ...] = (get_field_quality,)
