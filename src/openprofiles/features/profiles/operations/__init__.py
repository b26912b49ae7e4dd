"""The operations on profiles, their keys and objects; one file per resource."""

from openprofiles.features.profiles.operations import keys, objects, profiles, putting

OPERATIONS = (*profiles.OPERATIONS, *keys.OPERATIONS, *putting.OPERATIONS, *objects.OPERATIONS)
