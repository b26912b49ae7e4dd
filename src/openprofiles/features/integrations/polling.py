"""When an integration is due: by its flow's trigger, or now and then where a source of ours can be
asked.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from openprofiles.features.context import Context
from openprofiles.features.integrations import flows
from openprofiles.features.integrations.integration import Integration
from openprofiles.features.integrations.source import source_of


def first_run(context: Context, uri: str, flow: Mapping[str, Any] | None) -> datetime | None:
    """When the first run of an integration is due; None when none is until somebody asks."""
    return flows.first_run(flow, context.now, _interval(context, uri, flow))


def next_run(context: Context, integration: Integration) -> datetime | None:
    """When the run behind the one that is due now is due."""
    return flows.next_run(
        integration.flow,
        context.now,
        _interval(context, integration.uri, integration.flow),
        after=integration.next_run_at or context.now,
        anchor=integration.created_at,
    )


def _interval(context: Context, uri: str, flow: Mapping[str, Any] | None) -> timedelta:
    if source_of(uri, flow) is None:
        return timedelta(0)
    return timedelta(seconds=context.settings.integration_poll_seconds)
