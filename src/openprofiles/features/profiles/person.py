"""All that profiles hold of a person, for those who hand it over or erase it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from openprofiles.core.ids import Id
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.object_types import standard_objects
from openprofiles.features.profiles import profile_object, store
from openprofiles.features.profiles.profile import ALIAS, Profile, as_response
from openprofiles.features.profiles.profile_object import ProfileObject, StandardRecord
from openprofiles.features.profiles.provenance import Provenance
from openprofiles.features.profiles.working_set import Key, record_index_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Profiles with their objects, records and key values."""

    profiles: list[Profile]
    objects: list[ProfileObject]
    documents: dict[tuple[str, str], str]
    records: list[StandardRecord]

    def ids(self) -> list[Id]:
        """The ids of the profiles, and of those that were merged into them."""
        aliases = (
            value
            for profile in self.profiles
            for name, value in profile.added_keys
            if name == ALIAS
        )
        return list(dict.fromkeys([*(profile.id for profile in self.profiles), *aliases]))

    def keys(self) -> list[Key]:
        """The key values by which the person is found, without the ids of profiles."""
        held: list[Key] = []
        for profile in self.profiles:
            held += standard_objects.index_keys("_profile", profile.fields)
            held += profile.added_keys
        for item in self.objects:
            held += item.keys
        for record in self.records:
            held += record_index_keys(record)
        return [key for key in dict.fromkeys(held) if key[0] != ALIAS]

    def as_response(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {
            "Profiles": [_profile(profile) for profile in self.profiles],
            "Objects": [self._object(item) for item in self.objects],
            "StandardRecords": [_record(record) for record in self.records],
            "Keys": [{"KeyName": name, "Value": value} for name, value in self.keys()],
        }

    def _object(self, item: ProfileObject) -> dict[str, Any]:
        return {
            "ObjectTypeName": item.object_type,
            "ProfileObjectUniqueKey": profile_object.as_text(item.unique_key),
            "ProfileId": item.profile_id,
            "SourceTime": item.source_time,
            "ExpiresAt": item.expires_at,
            "Object": msgspec.json.decode(self.documents[item.object_type, item.unique_key.hex()]),
        }


def read_person(context: Context, domain: domains.Domain, profile_ids: Sequence[Id]) -> Person:
    """All that those of these profiles hold that exist, the profiles in the order of the ids."""
    transaction = context.transaction
    found = store.read_profiles(transaction, domain.id, profile_ids)
    profiles = [found[profile_id] for profile_id in profile_ids if profile_id in found]
    ids = [profile.id for profile in profiles]
    objects = store.list_objects_of(transaction, domain.id, ids)
    documents = store.find_documents(
        transaction, domain.id, [(item.object_type, item.unique_key) for item in objects]
    )
    records = store.send_records_of(transaction, domain.id, ids).rows()
    return Person(
        profiles=profiles,
        objects=objects,
        documents=documents,
        records=[store.as_record(row) for row in records],
    )


def list_holders(
    context: Context, domain: domains.Domain, keys: Iterable[Key]
) -> dict[Key, list[Id]]:
    """The profiles that hold each of these key values; beyond 16 not all of them."""
    held: dict[Key, list[Id]] = {}
    for name, value, profile_id, _ in store.send_holders(
        context.transaction, domain.id, list(keys)
    ).rows():
        held.setdefault((name, value), []).append(profile_id)
    return held


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "Profile": as_response(profile.id, profile.fields),
        "Provenance": _provenance(profile.provenance),
        "CreatedAt": profile.created_at,
        "WrittenAt": profile.written_at,
    }


def _record(record: StandardRecord) -> dict[str, Any]:
    return {
        "ObjectTypeName": record.record_type,
        "RecordId": record.id,
        "ProfileId": record.profile_id,
        "Fields": record.fields,
        "Provenance": _provenance(record.provenance),
        "CreatedAt": record.created_at,
    }


def _provenance(origins: Provenance) -> dict[str, Any]:
    """Field -> which source gave it, and when; without a source, somebody wrote it by hand."""
    return {
        path: {"ObjectTypeName": write.source, "WrittenAt": write.written_at}
        for path, write in origins.items()
    }
