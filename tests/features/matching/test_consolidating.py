"""Consolidation criteria, one after the other (core reference §8.2)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.features.matching.consolidating import consolidate
from openprofiles.features.profiles import ALIAS, Profile, Resolution, unite
from openprofiles.features.profiles.provenance import Write

RECENCY = Resolution("RECENCY")
NAMES = ("FirstName", "LastName", "EmailAddress")


def hour(text: str) -> float:
    """A moment of a day."""
    return datetime(2026, 1, 1, int(text[:2]), tzinfo=UTC).timestamp()


def profile(name: str, objects: int = 1, **fields: Any) -> Profile:
    """A profile called by a letter; each field with the hour of its value."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Profile(
        id=name * 32,
        created_at=moment,
        written_at=moment,
        fields={path: value for path, (value, _) in fields.items()},
        provenance={
            path: Write("Customer", None, hour(at), hour(at), None)
            for path, (_, at) in fields.items()
        },
        object_counts={"Customer": objects},
    )


JOHN_A = profile(
    "a",
    objects=3,
    FirstName=("John", "05:00"),
    LastName=("Doe", "05:00"),
    EmailAddress=("doe@mail.net", "05:00"),
    PhoneNumber=("+15550105555", "07:00"),
)
JOHN_B = profile(
    "b",
    objects=2,
    FirstName=("John", "04:00"),
    LastName=("Doe", "04:00"),
    EmailAddress=("doe@mail.net", "06:00"),
    PhoneNumber=("+15550105556", "04:00"),
)
JANE_C = profile(
    "c",
    FirstName=("Jane", "06:00"),
    LastName=("Doe", "06:00"),
    EmailAddress=("doe@mail.net", "07:00"),
    PhoneNumber=("+15550105555", "06:00"),
)


def test_the_worked_example_of_the_guide():
    first, second = consolidate([JOHN_A, JOHN_B, JANE_C], [NAMES, ["PhoneNumber"]], RECENCY)

    assert (first.main_id, first.merged_ids, first.criterion) == (JOHN_A.id, (JOHN_B.id,), 1)
    assert first.agreeing == {
        "FirstName": "John",
        "LastName": "Doe",
        "EmailAddress": "doe@mail.net",
    }
    assert first.conflicts == {
        "PhoneNumber": {JOHN_A.id: "+15550105555", JOHN_B.id: "+15550105556"}
    }
    assert (second.main_id, second.merged_ids, second.criterion) == (JOHN_A.id, (JANE_C.id,), 2)
    assert second.agreeing == {"PhoneNumber": "+15550105555"}
    assert second.conflicts == {"FirstName": {JOHN_A.id: "John", JANE_C.id: "Jane"}}

    fields, origins = unite(JOHN_A, [JOHN_B], RECENCY)
    assert fields == JOHN_A.fields
    assert origins["EmailAddress"].effective_time == hour("06:00")
    assert origins["PhoneNumber"].effective_time == hour("07:00")
    both = JOHN_A.copy()
    both.fields, both.provenance = fields, origins
    fields, origins = unite(both, [JANE_C], RECENCY)
    assert fields == {**JOHN_A.fields, "FirstName": "Jane"}
    assert {path: write.effective_time for path, write in origins.items()} == {
        "FirstName": hour("06:00"),
        "LastName": hour("06:00"),
        "EmailAddress": hour("07:00"),
        "PhoneNumber": hour("07:00"),
    }


def test_criteria_are_independent():
    [found] = consolidate(
        [JOHN_A, JANE_C], [["BirthDate"], ["FirstName"], ["PhoneNumber"]], RECENCY
    )

    assert (found.main_id, found.merged_ids, found.criterion) == (JOHN_A.id, (JANE_C.id,), 3)


def test_who_lacks_a_value_or_has_another_is_left_out():
    nameless = profile("d", PhoneNumber=("+15550105555", "01:00"))
    other = profile("e", FirstName=("john", "01:00"), LastName=("Doe", "01:00"))

    [found] = consolidate([JOHN_A, JOHN_B, nameless, other], [("FirstName", "LastName")], RECENCY)

    assert {found.main_id, *found.merged_ids} == {JOHN_A.id, JOHN_B.id}


def test_each_value_makes_a_merge_of_its_own():
    more = [
        profile("d", FirstName=("Max", "01:00")),
        profile("e", FirstName=("Max", "01:00")),
    ]

    found = consolidate([JOHN_A, *more, JOHN_B], [["FirstName"]], RECENCY)

    assert [{one.main_id, *one.merged_ids} for one in found] == [
        {JOHN_A.id, JOHN_B.id},
        {more[0].id, more[1].id},
    ]


def test_a_member_is_found_under_the_name_it_is_kept_under():
    some = [profile(name, GenderString=("female", "01:00")) for name in "de"]

    assert len(consolidate(some, [["Gender"]], RECENCY)) == 1


def test_the_one_with_most_objects_stays():
    rich = profile("d", objects=9, FirstName=("John", "01:00"))

    [found] = consolidate([JOHN_A, rich], [["FirstName"]], RECENCY)

    assert (found.main_id, found.merged_ids) == (rich.id, (JOHN_A.id,))


def test_a_pair_that_was_decided_apart_is_never_merged():
    apart = frozenset({(JOHN_A.id, JANE_C.id)})

    found = consolidate([JOHN_A, JOHN_B, JANE_C], [NAMES, ["PhoneNumber"]], RECENCY, apart)

    assert [one.criterion for one in found] == [1]


def test_a_decision_holds_for_what_was_merged_before():
    absorbing = JANE_C.copy()
    absorbing.added_keys = [(ALIAS, "9" * 32)]
    apart = frozenset({("9" * 32, JOHN_A.id)})

    assert consolidate([JOHN_A, absorbing], [["PhoneNumber"]], RECENCY, apart) == []


def test_a_third_one_joins_whom_nothing_keeps_it_from():
    apart = frozenset({(JOHN_A.id, JOHN_B.id)})

    [found] = consolidate([JOHN_A, JOHN_B, JANE_C], [["EmailAddress"]], RECENCY, apart)

    assert (found.main_id, found.merged_ids) == (JOHN_A.id, (JANE_C.id,))


LETTERS = "abcdef0123456789"
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(["x", "y"]) for name in ("FirstName", "LastName")}
    ),
    max_size=8,
)
CRITERIA = st.lists(
    st.lists(st.sampled_from(["FirstName", "LastName"]), min_size=1, max_size=2), max_size=3
)


@given(PEOPLE, CRITERIA, st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7))))
def test_nobody_is_merged_twice_and_no_pair_that_is_apart_meets(people, criteria, pairs):
    some = [
        profile(LETTERS[place], 1, **{path: (value, "01:00") for path, value in fields.items()})
        for place, fields in enumerate(people)
    ]
    ids: list[Any] = [one.id for one in some]
    apart = frozenset(
        (min(ids[one], ids[other]), max(ids[one], ids[other]))
        for one, other in pairs
        if one != other and max(one, other) < len(ids)
    )

    found = consolidate(some, criteria, RECENCY, apart)

    merged = [one for merge in found for one in merge.merged_ids]
    assert len(merged) == len(set(merged))
    standing = {one: one for one in ids}
    for merge in found:
        assert merge.main_id not in merged[: merged.index(merge.merged_ids[0])]
        for one in ids:
            if standing[one] in merge.merged_ids:
                standing[one] = merge.main_id
    assert all(standing[one] != standing[other] for one, other in apart)


@pytest.mark.parametrize("criteria", [[], [["FirstName"]]])
def test_nobody_is_merged_with_nobody(criteria):
    assert consolidate([], criteria, RECENCY) == []
    assert consolidate([JOHN_A], criteria, RECENCY) == []
