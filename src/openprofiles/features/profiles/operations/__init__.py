"""The operations on profiles, their keys and objects; one file per resource."""

from openprofiles.features.profiles.operations import keys, objects, profiles

OPERATIONS = (*profiles.OPERATIONS, *keys.OPERATIONS, *objects.OPERATIONS)
