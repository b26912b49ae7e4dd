"""The operations on profiles, their keys and objects; one file per resource."""

from openprofiles.features.profiles.operations import (
    describing,
    finding,
    keys,
    merges,
    merging,
    objects,
    previewing,
    profiles,
    putting,
    searching,
    undoing,
)

OPERATIONS = (
    *profiles.OPERATIONS,
    *searching.OPERATIONS,
    *finding.OPERATIONS,
    *describing.OPERATIONS,
    *undoing.OPERATIONS,
    *keys.OPERATIONS,
    *putting.OPERATIONS,
    *previewing.OPERATIONS,
    *objects.OPERATIONS,
    *merging.OPERATIONS,
    *merges.OPERATIONS,
)
