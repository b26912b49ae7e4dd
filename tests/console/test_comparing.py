"""Profiles side by side, and what is chosen of them."""

from openprofiles.console.pages.duplicates.comparing import compare, read_choice
from openprofiles.console.pages.duplicates.people import named, reach_of

ONE = {"ProfileId": "1", "FirstName": "Ann", "EmailAddress": "a@x.example"}
OTHER = {"ProfileId": "2", "FirstName": " ANN", "LastName": "Lee", "EmailAddress": "b@x.example"}


def test_values_stand_beside_those_of_the_main_profile():
    first, last, mail = compare([ONE, OTHER], read_choice(["1", "2"]))

    assert [cell.mark for cell in first.cells] == ["main", "same"]
    assert [cell.mark for cell in last.cells] == ["none", "adds"]
    assert [cell.mark for cell in mail.cells] == ["main", "differs"]
    assert [row.is_choice for row in (first, last, mail)] == [False, False, True]


def test_a_field_comes_from_the_main_profile_or_from_who_has_it_or_was_chosen():
    chosen = read_choice(["1", "2"], main="1", sources={"EmailAddress": "2", "LastName": "1"})

    _, last, mail = compare([ONE, OTHER], chosen)

    assert [cell.is_source for cell in last.cells] == [False, True]
    assert [cell.is_source for cell in mail.cells] == [False, True]


def test_a_choice_knows_no_other_profiles_and_always_has_its_main_one():
    choice = read_choice(["1", "2", "3"], main="9", included=["3", "9"], sources={"X": "9"})

    assert (choice.main, choice.included, choice.sources) == ("3", ("3",), {})
    assert read_choice(["1", "2"], main="2", included=[]).included == ("2",)
    assert read_choice(["1", "2"], included=[]).main == "1"


def test_a_profile_is_called_by_its_name_or_its_id_when_it_is_gone():
    assert named({"1": ONE}, "1") == "Ann, a@x.example"
    assert named({}, "1") == "1"
    assert reach_of(None) is None
