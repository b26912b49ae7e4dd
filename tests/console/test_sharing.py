"""Large groups come in parts that lose nobody."""

from hypothesis import given
from hypothesis import strategies as st

from openprofiles.console.pages.duplicates.sharing import SIDE_BY_SIDE, parts_of, shown_of


@given(st.integers(2, 200))
def test_every_profile_is_in_a_part_and_every_part_has_the_first(size):
    ids = [str(number) for number in range(size)]
    parts = parts_of(size, 0, str)
    shown = [shown_of(ids, number) for number in range(len(parts) or 1)]

    assert all(part[0] == "0" and len(part) <= SIDE_BY_SIDE for part in shown)
    assert ["0", *(one for part in shown for one in part[1:])] == ids
    assert [(part[0 if number == 0 else 1], part[-1]) for number, part in enumerate(shown)] == [
        (str(part.first - 1), str(part.last - 1)) for part in parts
    ] or not parts


def test_a_part_that_there_is_not_is_the_first():
    ids = [str(number) for number in range(30)]

    assert shown_of(ids, 7) == shown_of(ids, 0)
    assert [part.is_current for part in parts_of(30, 7, str)] == [True, False]
