"""The operations on profiles, their keys and objects; one file per resource."""

from openprofiles.features.profiles.operations import (
    keys,
    merges,
    merging,
    objects,
    previewing,
    profiles,
    putting,
    searching,
)

OPERATIONS = (
    *profiles.OPERATIONS,
    *searching.OPERATIONS,
    *keys.OPERATIONS,
    *putting.OPERATIONS,
    *previewing.OPERATIONS,
    *objects.OPERATIONS,
    *merging.OPERATIONS,
    *merges.OPERATIONS,
)
