"""What a main profile becomes, by the rules alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from openprofiles.features.profiles.merging.receipt import Resolution
from openprofiles.features.profiles.merging.uniting import keys_to_keep, source_ids, unite
from openprofiles.features.profiles.profile import Profile
from openprofiles.features.profiles.provenance import Write

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def written(time: float, source: str | None = "T") -> Write:
    """A write at a time, by a type or (None) by hand."""
    return Write(source, None, time, 0.0, None if source is None else "00")


def profile(name: str, **fields: Any) -> Profile:
    """A profile; a field is its value, or (value, time), or (value, time, source)."""
    made = Profile(name, created_at=NOW, written_at=NOW)
    for member, given in fields.items():
        value, *write = given if isinstance(given, tuple) else (given, 0)
        path = member.replace("__", ".")
        made.fields[path] = value
        made.provenance[path] = written(*write)
    return made


def by_call(*profiles: Profile, **sources: Any) -> dict[str, Any]:
    """The fields after a merge by call."""
    fields, _ = unite(profiles[0], profiles[1:], Resolution("CALL", field_sources=sources))
    return fields


def test_a_value_that_only_another_profile_has_is_taken_with_its_origin():
    fields, origins = unite(
        profile("m"), [profile("s", FirstName=("Ann", 7, "Orders"))], Resolution("CALL")
    )

    assert fields == {"FirstName": "Ann"}
    assert origins == {"FirstName": written(7, "Orders")}


def test_in_a_conflict_the_main_profile_keeps_its_value():
    assert by_call(profile("m", City="A"), profile("s", City=("B", 9))) == {"City": "A"}


def test_of_several_others_the_first_fills_a_gap():
    others = [profile("s"), profile("t", City="B"), profile("u", City="C")]

    assert by_call(profile("m"), *others) == {"City": "B"}


def test_the_named_source_wins_even_when_it_is_empty():
    main, other = profile("m", City="A", Name="M"), profile("s", City="B")

    assert by_call(main, other, City="s", Name="s") == {"City": "B"}
    assert by_call(main, other, City="m", Name="m") == {"City": "A", "Name": "M"}


@pytest.mark.parametrize(
    ("path", "member"), [("GenderString", "Gender"), ("PartyTypeString", "PartyType")]
)
def test_the_text_of_a_pair_follows_its_member(path, member):
    main, other = profile("m", **{path: "A"}), profile("s", **{path: "B"})

    assert by_call(main, other, **{member: "s"}) == {path: "B"}


def test_attributes_are_taken_key_by_key():
    main = profile("m", Attributes__a="1", Attributes__b="2")
    other = profile("s", Attributes__a="x", Attributes__b="y", Attributes__c="z")

    assert by_call(main, other, Attributes={"b": "s", "other": "s"}) == {
        "Attributes.a": "1",
        "Attributes.b": "y",
        "Attributes.c": "z",
    }


def test_an_address_is_one_thing():
    main = profile("m", Address__City="A", BillingAddress__City="A")
    other = profile(
        "s", Address__Country="X", BillingAddress__Country="Y", ShippingAddress__City="Z"
    )

    assert by_call(main, other, BillingAddress="s") == {
        "Address.City": "A",
        "BillingAddress.Country": "Y",
        "ShippingAddress.City": "Z",
    }


def test_the_newest_address_wins_as_a_whole():
    main = profile("m", Address__City=("A", 5), Address__State=("AA", 1))
    other = profile("s", Address__City=("B", 4))

    fields, _ = unite(main, [other], Resolution("RECENCY"))

    assert fields == {"Address.City": "A", "Address.State": "AA"}


def test_without_a_source_timestamp_the_moment_of_writing_counts():
    main, other = profile("m", City=("A", 5)), profile("s", City="B")
    other.provenance["City"] = Write("T", None, None, 6.0, "00")

    assert unite(main, [other], Resolution("RECENCY"))[0] == {"City": "B"}


def test_equally_new_values_leave_the_main_profile_as_it_is():
    main, other = profile("m", City=("A", 5)), profile("s", City=("B", 5))

    assert unite(main, [other], Resolution("RECENCY"))[0] == {"City": "A"}


@pytest.mark.parametrize("resolution", [Resolution("RECENCY"), Resolution("SOURCE", "T")])
def test_what_a_person_wrote_wins_over_what_was_ingested(resolution):
    main, other = profile("m", City=("A", 9)), profile("s", City=("B", 1, None))

    assert unite(main, [other], resolution)[0] == {"City": "B"}


def test_the_newest_value_of_the_preferred_type_wins():
    main = profile("m", City=("A", 9, "Web"), Name=("A", 1, "Shop"), Born=("A", 1, "Web"))
    others = [
        profile("s", City=("B", 1, "Shop"), Name=("B", 2, "Shop"), Born=("B", 2, "Web")),
        profile("t", City=("C", 2, "Shop"), Name=("C", 9, "Web")),
    ]

    fields, _ = unite(main, others, Resolution("SOURCE", "Shop"))

    assert fields == {"City": "C", "Name": "B", "Born": "B"}


def test_the_example_of_the_reference_comes_out_to_the_field():
    a = profile(
        "a",
        FirstName=("John", 5),
        LastName=("Doe", 5),
        EmailAddress=("d@x", 5),
        PhoneNumber=("5555", 7),
    )
    b = profile(
        "b",
        FirstName=("John", 4),
        LastName=("Doe", 4),
        EmailAddress=("d@x", 6),
        PhoneNumber=("5556", 4),
    )
    c = profile(
        "c",
        FirstName=("Jane", 6),
        LastName=("Doe", 6),
        EmailAddress=("d@x", 7),
        PhoneNumber=("5555", 6),
    )

    a.fields, a.provenance = unite(a, [b], Resolution("RECENCY"))
    between = {path: write.source_time for path, write in a.provenance.items()}
    fields, origins = unite(a, [c], Resolution("RECENCY"))

    assert between == {"FirstName": 5, "LastName": 5, "EmailAddress": 6, "PhoneNumber": 7}
    assert fields == {
        "FirstName": "Jane",
        "LastName": "Doe",
        "EmailAddress": "d@x",
        "PhoneNumber": "5555",
    }
    assert {path: write.source_time for path, write in origins.items()} == {
        "FirstName": 6,
        "LastName": 6,
        "EmailAddress": 7,
        "PhoneNumber": 7,
    }


def test_keys_of_values_that_lost_are_kept():
    main, other = profile("m", EmailAddress="m@x"), profile("s", EmailAddress="S@x")
    other.added_keys = [("_phone", "1"), ("_profileId", "gone")]

    kept = keys_to_keep(main, [other], {"EmailAddress": "m@x"})
    turned = keys_to_keep(main, [other], {"EmailAddress": "S@x"})

    assert kept == [
        ("_profileId", "s"),
        ("_phone", "1"),
        ("_profileId", "gone"),
        ("_email", "s@x"),
    ]
    assert ("_email", "m@x") in turned
    assert ("_email", "s@x") not in turned


def test_all_sources_are_found():
    assert source_ids({"City": "a", "Attributes": {"x": "b", "y": "a"}}) == {"a", "b"}
    assert source_ids({}) == set()
