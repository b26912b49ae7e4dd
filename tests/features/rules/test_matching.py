"""Which profiles match (core reference §8.5)."""

ANN = {"FirstName": "Ann", "LastName": "Lee"}


def test_profiles_match_as_soon_as_the_second_is_written(ruled, groups):
    world = ruled("EmailAddress LastName")
    one = world.create(EmailAddress="ann@example.com", **ANN)
    assert world.match_ids() == []

    other = world.create(EmailAddress="ann@example.com", **ANN)

    (match_id,) = world.match_ids()
    group = groups.of_match(world, match_id)
    assert group.level == 1
    assert set(group.profile_ids) == {one, other}
    assert groups.of_profile(world, one) == group == groups.of_profile(world, other)
