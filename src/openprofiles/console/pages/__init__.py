"""The pages: a module for each area or thing, each with its blueprint and its lines of the menu."""

from openprofiles.console.pages import (
    access_keys,
    appearance,
    connections,
    customers,
    domains,
    duplicate_settings,
    duplicates,
    fields,
    health,
    imports,
    insight,
    integrations,
    jobs,
    merges,
    object_types,
    policies,
    rejected,
    replays,
    resolution,
    service_settings,
    signing,
)

_MODULES = (
    signing,
    appearance,
    domains,
    customers,
    duplicates,
    merges,
    duplicate_settings,
    object_types,
    imports,
    integrations,
    rejected,
    replays,
    insight,
    resolution,
    fields,
    health,
    jobs,
    connections,
    access_keys,
    policies,
    service_settings,
)

BLUEPRINTS = tuple(module.blueprint for module in _MODULES)
ENTRIES = tuple(entry for module in _MODULES for entry in module.ENTRIES)
