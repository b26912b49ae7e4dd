"""The operations of integrations, their runs and workflows."""

from openprofiles.core.operation import Operation
from openprofiles.features.integrations.operations import (
    integrations,
    runs,
    states,
    steps,
    workflows,
)

OPERATIONS: tuple[Operation, ...] = (
    *integrations.OPERATIONS,
    *workflows.OPERATIONS,
    *runs.OPERATIONS,
    *states.OPERATIONS,
    *steps.OPERATIONS,
)
