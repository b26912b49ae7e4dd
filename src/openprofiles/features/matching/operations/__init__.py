"""The operations of identity-resolution jobs and of what they find."""

from openprofiles.core.operation import Operation
from openprofiles.features.matching.operations import (
    decisions,
    exporting,
    jobs,
    looking,
    merging,
    quality,
    reviews,
    steps,
)

OPERATIONS: tuple[Operation, ...] = (
    *jobs.OPERATIONS,
    *looking.OPERATIONS,
    *decisions.OPERATIONS,
    *merging.OPERATIONS,
    *reviews.OPERATIONS,
    *quality.OPERATIONS,
    *exporting.OPERATIONS,
    *steps.OPERATIONS,
)
