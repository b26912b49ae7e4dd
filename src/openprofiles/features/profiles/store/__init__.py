"""This room's SQL: reading rows, writing what a WorkingSet changed, searching, keeping rejected
objects.
"""

from openprofiles.features.profiles.store.listing import (
    has_profiles,
    list_page_of_fields,
    list_versions,
)
from openprofiles.features.profiles.store.merges import (
    find_main,
    insert_receipt,
    move_all_objects,
    move_objects,
    move_records,
    send_records_of,
)
from openprofiles.features.profiles.store.offering import copy_fields, find_existing
from openprofiles.features.profiles.store.reading import (
    as_object,
    as_profile,
    as_record,
    drop_object_keys,
    find_fields,
    find_objects,
    find_oldest_object,
    list_expired_objects,
    list_objects_by_type,
    list_objects_of,
    list_page_of_objects,
    list_page_of_records,
    list_profiles_unwritten_since,
    list_profiles_written_by,
    profile_exists,
    send_holders,
    send_objects,
    send_profiles_for_update,
    send_records,
)
from openprofiles.features.profiles.store.rejecting import Rejection, keep_rejected
from openprofiles.features.profiles.store.searching import find_page, find_plain
from openprofiles.features.profiles.store.writing import flush

__all__ = [
    "Rejection",
    "as_object",
    "as_profile",
    "as_record",
    "copy_fields",
    "drop_object_keys",
    "find_existing",
    "find_fields",
    "find_main",
    "find_objects",
    "find_oldest_object",
    "find_page",
    "find_plain",
    "flush",
    "has_profiles",
    "insert_receipt",
    "keep_rejected",
    "list_expired_objects",
    "list_objects_by_type",
    "list_objects_of",
    "list_page_of_fields",
    "list_page_of_objects",
    "list_page_of_records",
    "list_profiles_unwritten_since",
    "list_profiles_written_by",
    "list_versions",
    "move_all_objects",
    "move_objects",
    "move_records",
    "profile_exists",
    "send_holders",
    "send_objects",
    "send_profiles_for_update",
    "send_records",
    "send_records_of",
]
