"""After a replay, the fields that the new mapping writes are those that it would have written had
it been there from the beginning.
"""

import random
from typing import Any

import pytest

from tests.features.profiles.conftest import World
from tests.features.profiles.consistency import check_domain

MAIL: Any = ("", "EMAIL_ADDRESS")
KEYS: Any = {"_email": (["PROFILE"], ["mail"])}
CUSTOMERS = 4
TYPES = {"Plain": None, "Strong": 1, "Weak": 7}
"""Object types, and the SourcePriority of each."""


def define(world: World, name: str, *, is_mapped: bool) -> None:
    """A type whose objects have a name, which it maps or not."""
    priority = TYPES[name]
    more: dict[str, Any] = {} if priority is None else {"SourcePriority": priority}
    world.define(
        name,
        {"id": "", "mail": MAIL, "name": "_profile.FirstName" if is_mapped else ""},
        {name.lower(): (["UNIQUE"], ["id"]), **KEYS},
        **more,
    )


def history(lots: random.Random) -> list[tuple[str, Any]]:
    """Objects, some of them twice, alone and in batches, and what people write."""
    steps: list[tuple[str, Any]] = []
    for number in range(lots.randrange(5, 25)):
        kind = lots.choice([*TYPES, *TYPES, "batch", "person"])
        if kind == "person":
            steps.append((kind, (lots.randrange(CUSTOMERS), f"person {number}")))
            continue
        size = lots.randrange(2, 5) if kind == "batch" else 1
        contents = []
        for place in range(size):
            customer, one = lots.randrange(CUSTOMERS), lots.randrange(3)
            content = {
                "id": f"{customer}-{one}",
                "mail": f"{customer}@example.com",
                "name": f"{kind} {number}.{place}",
            }
            contents.append(content)
        steps.append((kind if size == 1 else lots.choice([*TYPES]), contents))
    return steps


def act(world: World, steps: list[tuple[str, Any]], ingest_into: Any) -> None:
    for kind, given in steps:
        if kind == "person":
            customer, name = given
            found = world.search("_email", f"{customer}@example.com")
            for profile in found:
                world.update(profile["ProfileId"], FirstName=name)
        else:
            ingest_into(world.name, kind, given)


@pytest.mark.parametrize("seed", range(30))
def test_a_replay_makes_what_the_mapping_would_have_made(
    client, make_domain, ingest_into, replay_all, database, seed
):
    lots = random.Random(seed)
    changed = lots.choice([*TYPES])
    # What a person wrote between a strong type's object and a weaker one's is not known any more
    # once the weaker one has overwritten it.
    steps = [step for step in history(lots) if changed != "Strong" or step[0] != "person"]
    replayed, always = World(client, make_domain()), World(client, make_domain())
    for world in (replayed, always):
        for name in TYPES:
            define(world, name, is_mapped=name != changed or world is always)
        act(world, steps, ingest_into)

    define(replayed, changed, is_mapped=True)
    replay_all(replayed.name, changed, lots.randrange(1, 6))

    for customer in range(CUSTOMERS):
        names = [
            [found.get("FirstName") for found in world.search("_email", f"{customer}@example.com")]
            for world in (replayed, always)
        ]
        assert names[0] == names[1], (changed, customer, steps)
    check_domain(database, replayed.name)
    assert replay_all(replayed.name, changed, 100)["Changed"] == 0
