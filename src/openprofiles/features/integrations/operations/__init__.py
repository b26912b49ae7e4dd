"""The operations of integrations, their runs and workflows."""

from openprofiles.core.operation import Operation
from openprofiles.features.integrations.operations import integrations, runs, steps, workflows

OPERATIONS: tuple[Operation, ...] = (
    *integrations.OPERATIONS,
    *workflows.OPERATIONS,
    *runs.OPERATIONS,
    *steps.OPERATIONS,
)
