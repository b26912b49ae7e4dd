"""Key names that every domain has: index keys of standard objects, and the keys of the predefined
templates.
"""

from collections.abc import Mapping
from functools import cache

from openprofiles.features.object_types import content_type, standard_objects, template

FULL_NAME = "_fullName"
IDS_OF_RECORDS = ("_profileId", "_assetId", "_caseId", "_orderId")
"""Keys that hold ids which the service makes; a mapping may look them up but never store values
under them.
"""


@cache
def all_keys() -> Mapping[str, tuple[str, ...]]:
    """Key name -> content types of its parts. Values under these names always compare by these
    types.
    """
    keys = {
        name: (definition["Fields"][field].get("ContentType", content_type.DEFAULT),)
        for definition in template.all_definitions().values()
        for name, entries in definition["Keys"].items()
        for entry in entries
        for field in entry["FieldNames"]
    }
    for name in standard_objects.index_key_names():
        keys[name] = (standard_objects.INDEX_CONTENT_TYPES.get(name, content_type.DEFAULT),)
    return keys
