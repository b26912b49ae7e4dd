"""DescribeProfile, beyond the AWS API: a profile with where each of its fields came from, the keys
it is found by and who gave them, and how much it has.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.operation import Answer, Route, operation
from openprofiles.core.shapes import DomainName, ProfileId
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.object_types import standard_objects
from openprofiles.features.profiles import profile_object, store
from openprofiles.features.profiles.profile import ALIAS, Profile
from openprofiles.features.profiles.profile_object import ProfileObject
from openprofiles.features.profiles.provenance import Write
from openprofiles.features.profiles.working_set import Key

MOST_KEYS = 1000
"""Key values that one answer names; their number is always told."""
MOST_OBJECTS = 10
"""Objects of one type that are named as holders of a key value; their number is always told."""

_FIELDS, _ADDED = "FIELDS", "ADDED"


class DescribeProfileRequest(TypedDict):
    """A profile, by its id or by that of one that was merged into it."""

    DomainName: DomainName
    ProfileId: ProfileId


@operation(
    "DescribeProfile",
    reads_only=True,
    route=Route(
        "GET", "/domains/{DomainName}/profiles/{ProfileId}/description", DescribeProfileRequest
    ),
)
def describe_profile(context: Context, request: DescribeProfileRequest) -> Answer:
    """All of a profile but its objects; `ProfileId` is that of the profile the id stands for."""
    domain = domains.require(context, request["DomainName"])
    transaction, asked = context.transaction, request["ProfileId"]
    standing = store.find_standing(transaction, domain.id, [asked]).get(asked, asked)
    found = store.read_profiles(transaction, domain.id, [standing]).get(standing)
    if found is None:
        raise ResourceNotFound(f"Profile {asked} not found in domain {domain.name}")
    objects = store.list_objects_of(transaction, domain.id, [standing])
    keys = _keys(found, objects)
    return {
        "ProfileId": standing,
        "FormerProfileIds": [value for name, value in found.added_keys if name == ALIAS],
        "CreatedAt": found.created_at,
        "LastWrittenAt": found.written_at,
        "Fields": [_field(path, found) for path in found.fields],
        "Keys": keys[:MOST_KEYS],
        "KeyCount": len(keys),
        "ObjectCounts": found.object_counts,
        "RecordCounts": store.count_records_of(transaction, domain.id, standing),
    }


def _field(path: str, found: Profile) -> dict[str, Any]:
    origin = _origin(found.provenance[path])
    return {"Path": path, "Value": found.fields[path], "Origin": origin}


def _origin(write: Write) -> dict[str, Any]:
    """Which object gave a value, and when; without an ObjectTypeName somebody wrote it."""
    key = write.object_key
    return {
        "ObjectTypeName": write.source,
        "SourcePriority": write.priority,
        "SourceTime": _moment(write.source_time),
        "WrittenAt": _moment(write.written_at),
        "ProfileObjectUniqueKey": (
            None if key is None else profile_object.as_text(bytes.fromhex(key))
        ),
    }


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _keys(found: Profile, objects: Sequence[ProfileObject]) -> list[dict[str, Any]]:
    """The key values by which a profile is found, each with what holds it."""
    held: dict[Key, dict[str, Any]] = {}
    for key in standard_objects.index_keys("_profile", found.fields):
        held.setdefault(key, {})[_FIELDS] = True
    for key in found.added_keys:
        if key[0] != ALIAS:
            held.setdefault(key, {})[_ADDED] = True
    by_type: dict[tuple[Key, str], list[bytes]] = {}
    for item in objects:
        for key in item.keys:
            held.setdefault(key, {})
            by_type.setdefault((key, item.object_type), []).append(item.unique_key)
    groups: dict[Key, list[dict[str, Any]]] = {}
    for (key, object_type), unique_keys in by_type.items():
        groups.setdefault(key, []).append(
            {
                "ObjectTypeName": object_type,
                "ObjectCount": len(unique_keys),
                "ProfileObjectUniqueKeys": [
                    profile_object.as_text(unique_key) for unique_key in unique_keys[:MOST_OBJECTS]
                ],
            }
        )
    return [
        {
            "KeyName": key[0],
            "Value": key[1],
            "IsOfFields": _FIELDS in owners,
            "IsAdded": _ADDED in owners,
            "Objects": groups.get(key, []),
        }
        for key, owners in held.items()
    ]


OPERATIONS = (describe_profile,)
