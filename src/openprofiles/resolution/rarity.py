"""How rare a name is, in tiers, twice with one result: as SQL macros and as functions."""

MACROS = (
    "create or replace macro last_name_tier(count, size) as"
    " case when count <= greatest(5, size / 20000) then 0"
    " when count <= greatest(50, size / 2000) then 1 else 2 end",
    "create or replace macro full_name_tier(first_count, last_count, size) as"
    " case when first_count * last_count < 0.03 * size then 0"
    " when first_count * last_count < 0.3 * size then 1"
    " when first_count * last_count < 3 * size then 2 else 3 end",
    "create or replace macro town_is_rare(count, size) as count <= greatest(5, size / 200)",
)


def last_name_tier(count: int, size: int) -> int:
    """0 rare, 1 known, 2 common."""
    if count <= max(5, size / 20000):
        return 0
    return 1 if count <= max(50, size / 2000) else 2


def full_name_tier(first_count: int, last_count: int, size: int) -> int:
    """How many of `size` people bear the whole name by chance: 0 none, 1 hardly one, 2 one or
    two, 3 more.
    """
    expected = first_count * last_count
    return sum(expected >= limit * size for limit in (0.03, 0.3, 3))


def town_is_rare(count: int, size: int) -> bool:
    """Whether a town is small enough to tell something."""
    return count <= max(5, size / 200)
