"""Merges and undos while others write: nothing lost, nothing double, no deadlock, no 5xx."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from openprofiles.core.errors import BadRequest, ResourceNotFound
from tests.features.profiles.consistency import check_domain
from tests.features.profiles.merging.test_merging import define
from tests.features.profiles.test_concurrency import at_once

PROMISED = {"BadRequestException", "ResourceNotFoundException"}


def tolerant(work: Callable[[], Any]) -> str:
    """Do something that may be refused as the API promises; `done`, or the code of the error."""
    try:
        work()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in PROMISED:
            raise
        return code
    except (BadRequest, ResourceNotFound) as error:
        return error.code
    return "done"


def test_puts_go_on_while_their_profiles_merge(world, merging, database):
    define(world)
    accounts = [str(n) for n in range(6)]
    for account in accounts:
        world.put("T", {"id": account, "account": account})
    ids = [world.only("_account", account)["ProfileId"] for account in accounts]

    def put(n: int) -> None:
        world.put("T", {"id": f"new{n}", "account": str(n % 6), "serial": str(n % 4)})

    work: list[Callable[[], Any]] = [partial(put, n) for n in range(120)]
    for place, other in enumerate(ids[1:]):
        work.insert(20 * place + 10, partial(merging.merge, ids[0], other))
    at_once(lambda one: one(), work)

    stats = world.stats()
    assert (stats["ProfileCount"], stats["ObjectCount"]) == (1, 126)
    assert {world.only("_profileId", id)["ProfileId"] for id in ids} == {ids[0]}
    check_domain(database, world.name)


def test_merges_that_cross_end_as_one_of_them(world, merging, database):
    define(world)
    for round_ in range(10):
        for side in "ab":
            world.put("T", {"id": f"{round_}{side}", "account": f"{round_}{side}"})
        one, other = (world.only("_account", f"{round_}{side}")["ProfileId"] for side in "ab")

        ends = at_once(
            lambda pair: tolerant(lambda: merging.merge(*pair)), [(one, other), (other, one)]
        )

        assert sorted(ends) == ["ResourceNotFoundException", "done"]
        assert world.only("_profileId", one) == world.only("_profileId", other)
    check_domain(database, world.name)


def test_a_ring_of_merges_loses_nothing(world, merging, database):
    define(world)
    count = 12
    for n in range(count):
        world.put("T", {"id": str(n), "account": str(n)})
    ids = [world.only("_account", str(n))["ProfileId"] for n in range(count)]

    at_once(lambda n: tolerant(lambda: merging.merge(ids[n], ids[(n + 1) % count])), range(count))

    assert world.stats()["ObjectCount"] == count
    assert all(world.search("_account", str(n)) for n in range(count))
    assert all(world.search("_profileId", id) for id in ids)
    check_domain(database, world.name)


def test_one_profile_in_twenty_merges_at_once_goes_to_one(world, merging, database):
    contested = world.create(AccountNumber="contested")
    mains = [world.create(AccountNumber=str(n)) for n in range(20)]

    ends = at_once(lambda main: tolerant(lambda: merging.merge(main, contested)), mains)

    assert sorted(ends) == ["ResourceNotFoundException"] * 19 + ["done"]
    assert len(world.search("_account", "contested")) == 1
    check_domain(database, world.name)


def test_everything_at_once_with_merges_and_undos_keeps_every_invariant(
    world, merging, own, database
):
    define(world, SourcePriority=1)
    ids = [world.create(AccountNumber=str(n), EmailAddress=f"{n}@x") for n in range(8)]
    client, name = world.client, world.name

    def undo(n: int) -> None:
        merges = [one for one in own.merges() if one["UndoneAt"] is None]
        if merges:
            own("UndoMerge", MergeId=merges[n % len(merges)]["MergeId"])

    def delete(n: int) -> None:
        for item in client.list_profile_objects(
            DomainName=name, ObjectTypeName="T", ProfileId=ids[n % 8]
        )["Items"][:1]:
            client.delete_profile_object(
                DomainName=name,
                ObjectTypeName="T",
                ProfileId=ids[n % 8],
                ProfileObjectUniqueKey=item["ProfileObjectUniqueKey"],
            )

    acts: list[Callable[[int], Any]] = [
        lambda n: world.put(
            "T", {"id": str(n % 25), "account": str(n % 8), "first": str(n), "serial": str(n % 5)}
        ),
        lambda n: world.put("T", {"id": f"x{n}", "account": str(n % 8), "mail": f"{n % 8}@x"}),
        lambda n: merging.merge(ids[n % 8], ids[(n * 3 + 1) % 8]),
        lambda n: merging.by_rule(ids[(n + 5) % 8], ids[n % 8], ids[(n * 3 + 1) % 8]),
        undo,
        lambda n: world.update(ids[n % 8], FirstName=str(n)),
        lambda n: client.add_profile_key(
            DomainName=name, ProfileId=ids[n % 8], KeyName="_phone", Values=[f"206345{n % 9}890"]
        ),
        delete,
    ]
    work = [(acts[n % len(acts)], n) for n in range(240)]
    random.Random(3).shuffle(work)

    ends = at_once(lambda item: tolerant(lambda: item[0](item[1])), work)

    assert ends.count("done") > 100
    check_domain(database, name)
