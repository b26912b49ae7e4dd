"""What must hold in a domain's tables after any history: each row is explained by the rows it
follows from.

Used by property tests, concurrency tests and crash tests; raises AssertionError with what does not
fit.
"""

from collections import Counter
from typing import Any

from openprofiles.features.object_types import standard_objects
from openprofiles.features.profiles.key import ADDED, FIELDS, object_owner
from openprofiles.features.profiles.store import as_object, as_profile, as_record
from openprofiles.features.profiles.store.reading import OBJECT, PROFILE, RECORD
from openprofiles.features.profiles.working_set import feeder_of, record_index_keys
from openprofiles.storage.database import Database
from tests.invariants import broken_rules
from tests.opened import read_rows


def check_domain(database: Database, name: str) -> dict[str, int]:
    """Check all invariants of the domain called `name`; how many rows of each kind it has."""
    with database.reading() as transaction:
        ((domain_id,),) = transaction.rows("select domain_id from domains where name = %s", [name])

        def read(table: str, columns: str) -> list[Any]:
            return read_rows(transaction, name, table, columns)

        profiles = [as_profile(row) for row in read("profiles", " ".join(PROFILE.split()))]
        objects = [as_object(row) for row in read("profile_objects", OBJECT)]
        records = [as_record(row) for row in read("standard_records", RECORD)]
        keys = read("profile_keys", "key_name, value, profile_id, owner_id")
        record_keys = read(
            "record_keys", "record_type, key_name, value, profile_id, record_id, owner_id"
        )
        counts = transaction.row(
            "select coalesce(sum(profiles), 0), coalesce(sum(metering_profiles), 0), "
            "coalesce(sum(objects), 0), coalesce(sum(bytes), 0) "
            "from domain_counts where domain_id = %s",
            [domain_id],
        )
        broken = broken_rules(lambda query: transaction.rows(query), domain_id)
    assert broken == []
    _check_keys(profiles, objects, records, keys)
    _check_records(objects, records, record_keys)
    _check_profiles(profiles, objects)
    assert counts is not None
    assert tuple(map(int, counts)) == (
        len(profiles),
        sum(profile.metering_count for profile in profiles),
        len(objects),
        sum(item.size for item in objects),
    ), "the domain's statistics are not those of its rows"
    return {"profiles": len(profiles), "objects": len(objects), "records": len(records)}


def _check_keys(profiles: Any, objects: Any, records: Any, keys: Any) -> None:
    expected: set[tuple[str, str, str, str]] = set()
    for profile in profiles:
        expected.add(("_profileId", profile.id, profile.id, FIELDS))
        for name, value in standard_objects.index_keys("_profile", profile.fields):
            expected.add((name, value, profile.id, FIELDS))
        expected |= {(name, value, profile.id, ADDED) for name, value in profile.added_keys}
    for item in objects:
        owner = object_owner(item.unique_key)
        expected |= {(name, value, item.profile_id, owner) for name, value in item.keys}
    for record in records:
        expected |= {
            (name, value, record.profile_id, record.id) for name, value in record_index_keys(record)
        }
    assert set(keys) == expected, "profile_keys does not follow from fields, objects and records"


def _check_records(objects: Any, records: Any, record_keys: Any) -> None:
    ties = {
        (feeder_of(item), record_type, record_id)
        for item in objects
        for record_type, record_id in item.records.items()
    }
    feeds = {
        (feeder, record.record_type, record.id) for record in records for feeder in record.fed_by
    }
    assert ties == feeds, "objects and records disagree about what feeds what"
    assert all(record.fed_by for record in records), "a record is fed by nothing"
    by_id = {record.id: record for record in records}
    expected = {
        (record.record_type, name, value, record.profile_id, record.id, record.id)
        for record in records
        for name, value in record_index_keys(record)
    }
    for item in objects:
        owner = object_owner(item.unique_key)
        for record_type, record_id in item.records.items():
            assert by_id[record_id].profile_id == item.profile_id, "a record is on another profile"
            expected |= {
                (record_type, name, value, item.profile_id, record_id, owner)
                for name, value in item.keys
            }
    assert set(record_keys) == expected, "record_keys does not follow from objects and records"


def _check_profiles(profiles: Any, objects: Any) -> None:
    by_profile: dict[str, Counter[str]] = {}
    sizes: Counter[str] = Counter()
    for item in objects:
        by_profile.setdefault(item.profile_id, Counter())[item.object_type] += 1
        sizes[item.profile_id] += item.size
    known = {profile.id for profile in profiles}
    assert by_profile.keys() <= known, "an object is on a profile that does not exist"
    for profile in profiles:
        assert profile.object_counts == dict(by_profile.get(profile.id, {})), "wrong object counts"
        assert profile.object_bytes == sizes[profile.id], "wrong object bytes"
        assert profile.provenance.keys() == profile.fields.keys(), "a field has no provenance"
