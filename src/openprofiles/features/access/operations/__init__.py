"""The operations on access keys and policies, beyond the AWS API."""

from openprofiles.core.operation import Operation
from openprofiles.features.access.operations import keys, policies

OPERATIONS: tuple[Operation, ...] = (*keys.OPERATIONS, *policies.OPERATIONS)
