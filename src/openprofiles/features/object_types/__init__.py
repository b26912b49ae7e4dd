"""Object types: how documents become profiles, records and keys (reference §3 to §6)."""

from openprofiles.features.object_types import standard_objects
from openprofiles.features.object_types.content_type import normalise, normalise_part
from openprofiles.features.object_types.drafting import Draft, draft_mapping
from openprofiles.features.object_types.mapped_object import (
    Keep,
    KeyValue,
    MappedObject,
    Unmappable,
)
from openprofiles.features.object_types.mapping import Mapping
from openprofiles.features.object_types.operations import OPERATIONS
from openprofiles.features.object_types.phone_number import beginnings as phone_beginnings
from openprofiles.features.object_types.reaching import (
    ask_mapping,
    delete,
    find_key,
    find_predefined_key,
    find_version,
    is_known_type,
    list_keys,
    object_limits,
    require_mapping,
)

__all__ = [
    "OPERATIONS",
    "Draft",
    "Keep",
    "KeyValue",
    "MappedObject",
    "Mapping",
    "Unmappable",
    "ask_mapping",
    "delete",
    "draft_mapping",
    "find_key",
    "find_predefined_key",
    "find_version",
    "is_known_type",
    "list_keys",
    "normalise",
    "normalise_part",
    "object_limits",
    "phone_beginnings",
    "require_mapping",
    "standard_objects",
]
