"""Flows: what a FlowDefinition says, checked when it is given and honoured when it runs (core
reference §9.3).
"""

from openprofiles.features.integrations.flows.definition import (
    BUCKETS,
    CONTINUES_FROM,
    connection_name,
    connector_type,
    first_execution_from,
    is_complete,
    member_of,
    properties,
    require_valid,
    timestamp_field,
)
from openprofiles.features.integrations.flows.filters import within
from openprofiles.features.integrations.flows.schedule import (
    first_run,
    moment_of,
    next_run,
    scheduled_of,
)
from openprofiles.features.integrations.flows.tasks import (
    BadRecord,
    Terminated,
    Transform,
    compile_tasks,
    source_fields,
)

__all__ = [
    "BUCKETS",
    "CONTINUES_FROM",
    "BadRecord",
    "Terminated",
    "Transform",
    "compile_tasks",
    "connection_name",
    "connector_type",
    "first_execution_from",
    "first_run",
    "is_complete",
    "member_of",
    "moment_of",
    "next_run",
    "properties",
    "require_valid",
    "scheduled_of",
    "source_fields",
    "timestamp_field",
    "within",
]
