"""Many writers, one truth: objects that share keys, put at once, make one profile for each key."""

import json
import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.features.profiles.consistency import check_domain

pytestmark = pytest.mark.sealed_too

THREADS = 8


def at_once(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Do `work` on all items in many threads; the answers, or the first error."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, items))


def test_first_objects_of_one_customer_put_at_once_make_one_profile(world, database):
    world.define(
        "T",
        {"id": "", "phone": ("", "PHONE_NUMBER")},
        {
            "id": ["UNIQUE"],
            "_phone": ["PROFILE"],
        },
    )

    at_once(lambda n: world.put("T", {"id": str(n), "phone": "2063457890"}), range(40))

    profile = world.only("_phone", "2063457890")
    assert len(world.objects("T", profile["ProfileId"])) == 40
    check_domain(database, world.name)


def test_writers_with_keys_in_any_order_neither_deadlock_nor_split_a_key(world, database):
    names = ["k1", "k2", "k3"]
    world.define(
        "T",
        {"id": "", **dict.fromkeys(names, "")},
        {"id": ["UNIQUE"], **{name: ["PROFILE"] for name in names}},
    )
    generator = random.Random(7)
    contents = [
        {"id": str(n), **{name: str(generator.randrange(12)) for name in names}} for n in range(200)
    ]

    at_once(lambda content: world.put("T", content), contents)

    stats = world.stats()
    assert stats["ObjectCount"] == 200
    check_domain(database, world.name)


def test_everything_at_once_keeps_every_invariant(world, database):
    world.define(
        "T",
        {"id": "", "account": "_profile.AccountNumber", "first": "_profile.FirstName"},
        {"id": ["UNIQUE"], "_account": (["PROFILE"], ["account"])},
        SourcePriority=1,
    )
    profiles = [world.create(AccountNumber=str(n)) for n in range(6)]
    client, name = world.client, world.name

    def batch(n: int) -> None:
        items = [
            {"Id": str(k), "Object": json.dumps({"id": f"{n}-{k % 7}", "account": str(k % 6)})}
            for k in range(10)
        ]
        client.batch_put_profile_object(DomainName=name, ObjectTypeName="T", Items=items)

    acts: list[Callable[[int], Any]] = [
        lambda n: world.put("T", {"id": str(n % 20), "account": str(n % 6), "first": str(n)}),
        batch,
        lambda n: world.update(profiles[n % 5], FirstName=str(n)),
        lambda n: client.add_profile_key(
            DomainName=name, ProfileId=profiles[n % 5], KeyName="_email", Values=[f"{n}@x"]
        ),
        lambda n: client.delete_profile_key(
            DomainName=name, ProfileId=profiles[n % 5], KeyName="_email", Values=[f"{n - 5}@x"]
        ),
        lambda n: world.search("_account", str(n % 6)),
    ]
    deletion: list[Callable[[int], Any]] = [
        lambda _: client.delete_profile(DomainName=name, ProfileId=profiles[5])
    ]
    work = [(acts[n % len(acts)], n) for n in range(120)] + [(deletion[0], 0)]
    random.Random(3).shuffle(work)

    at_once(lambda item: item[0](item[1]), work)

    check_domain(database, world.name)


def test_an_object_whose_profile_is_deleted_while_it_waits_makes_a_new_one(world, database):
    world.define("T", {"id": ""}, {"id": ["PROFILE", "UNIQUE"]})
    world.put("T", {"id": "1"})
    profile_id = world.only("id", "1")["ProfileId"]

    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as transaction:
            transaction.rows("select from profiles where profile_id = %s for update", [profile_id])
            put = pool.submit(world.put, "T", {"id": "1"})
            wait_for_lock(database)
            for table in ("profiles", "profile_objects", "profile_keys"):
                transaction.send(f"delete from {table} where profile_id = %s", [profile_id])
            transaction.send(
                "update domain_counts set profiles = 0, metering_profiles = 0, objects = 0, "
                "bytes = 0 where domain_id = (select domain_id from domains where name = %s)",
                [world.name],
            )
        put.result()

    assert world.only("id", "1")["ProfileId"] != profile_id
    check_domain(database, world.name)


def wait_for_lock(database: Any) -> None:
    """Wait until some session waits for a row that another one holds."""
    for _ in range(500):
        with database.reading() as transaction:
            waiting = transaction.row(
                "select from pg_stat_activity where wait_event_type = 'Lock' "
                "and query like '%%for update%%'"
            )
        if waiting is not None:
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")
