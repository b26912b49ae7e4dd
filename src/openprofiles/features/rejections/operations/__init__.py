"""The operations of this room; one file per resource."""

from openprofiles.core.operation import Operation
from openprofiles.features.rejections.operations import letters, rejected, retrying

OPERATIONS: tuple[Operation, ...] = (
    *rejected.OPERATIONS,
    *retrying.OPERATIONS,
    *letters.OPERATIONS,
)
