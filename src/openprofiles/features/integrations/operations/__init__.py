"""The operations of integrations."""

from openprofiles.core.operation import Operation
from openprofiles.features.integrations.operations import integrations

OPERATIONS: tuple[Operation, ...] = (*integrations.OPERATIONS,)
