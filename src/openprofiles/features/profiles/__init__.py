"""Profiles: standard profiles, their keys and objects; ingestion, search and removal (core
reference §2.3 to §2.5, §4, §7).

Rooms above ingest documents (`ingest`, `read_document`; `key_as_text` shows a unique key), remove
what has expired (`remove_objects`, `remove_profiles` with the lists that say what is due), read
fields (`read_fields`) and go through all profiles (`list_page_of_fields`, `copy_fields`) or a
sample of them (`sample_fields`). They
merge profiles (`merge`, with a `Resolution` and a `MergeCause`), and may ask first which should be
the main one (`choose_main`) and which pairs were taken apart (`list_parted`) by an undo
(`undo_merge`). The history shows versions of objects (`find_version`), also former ones. When the
keys of a domain change, they have profiles sealed anew (`turn`).
"""

from openprofiles.features.profiles.ingest import Document, NotAnObject, ingest, read_document
from openprofiles.features.profiles.merging import (
    ALIAS,
    Merge,
    MergeCause,
    Resolution,
    choose_main,
    list_parted,
    merge,
    read_fields,
    undo_merge,
    unite,
)
from openprofiles.features.profiles.operations import OPERATIONS
from openprofiles.features.profiles.operations.merges import tell_merges
from openprofiles.features.profiles.person import Person, list_holders, read_person
from openprofiles.features.profiles.placing import Outcome
from openprofiles.features.profiles.profile import Fields, Profile, as_response
from openprofiles.features.profiles.profile_object import ProfileObject, unique_key
from openprofiles.features.profiles.profile_object import as_text as key_as_text
from openprofiles.features.profiles.removal import (
    Removed,
    remove_objects,
    remove_people,
    remove_profiles,
)
from openprofiles.features.profiles.replaying import Replayed, replay
from openprofiles.features.profiles.search import lookup_values
from openprofiles.features.profiles.store import (
    Rejection,
    copy_fields,
    count_stored,
    delete_former,
    find_existing,
    find_standing,
    find_version,
    find_version_of,
    has_profiles,
    keep_rejected,
    list_expired_objects,
    list_former,
    list_moments_of,
    list_page_of_fields,
    list_page_to_turn,
    list_profiles_unwritten_since,
    list_stored,
    list_versions,
    lock_profiles,
    open_fields,
    open_receipt,
    purge_former,
    read_profiles,
    sample_fields,
    seal_receipt,
    turn,
)
from openprofiles.features.profiles.tombstones import (
    SHARED_BY_MANY,
    add_tombstone,
    lift_tombstone,
)

__all__ = [
    "ALIAS",
    "OPERATIONS",
    "SHARED_BY_MANY",
    "Document",
    "Fields",
    "Merge",
    "MergeCause",
    "NotAnObject",
    "Outcome",
    "Person",
    "Profile",
    "ProfileObject",
    "Rejection",
    "Removed",
    "Replayed",
    "Resolution",
    "add_tombstone",
    "as_response",
    "choose_main",
    "copy_fields",
    "count_stored",
    "delete_former",
    "find_existing",
    "find_standing",
    "find_version",
    "find_version_of",
    "has_profiles",
    "ingest",
    "keep_rejected",
    "key_as_text",
    "lift_tombstone",
    "list_expired_objects",
    "list_former",
    "list_holders",
    "list_moments_of",
    "list_page_of_fields",
    "list_page_to_turn",
    "list_parted",
    "list_profiles_unwritten_since",
    "list_stored",
    "list_versions",
    "lock_profiles",
    "lookup_values",
    "merge",
    "open_fields",
    "open_receipt",
    "purge_former",
    "read_document",
    "read_fields",
    "read_person",
    "read_profiles",
    "remove_objects",
    "remove_people",
    "remove_profiles",
    "replay",
    "sample_fields",
    "seal_receipt",
    "tell_merges",
    "turn",
    "undo_merge",
    "unique_key",
    "unite",
]
