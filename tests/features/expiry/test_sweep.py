"""What the sweep removes, and what it leaves (reference §2.1, §4.8)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from openprofiles.features import domains, expiry
from openprofiles.features.context import Context
from openprofiles.features.expiry import Swept
from openprofiles.features.expiry.store import TABLES
from openprofiles.features.invoke import invoker, require_operation
from openprofiles.jobs import Tick
from tests.features.profiles.consistency import check_domain

A = {"id": "1", "mail": "ann@example.com", "serial": "s1"}
B = {"id": "2", "mail": "ann@example.com", "serial": "s2"}


@pytest.fixture
def sweep(invoke, caller) -> Callable[[], Swept]:
    """A function that sweeps."""
    return lambda: expiry.sweep(invoke, caller)


def kinds_of(database, domain) -> list[str]:
    """The kinds of the domain's journal entries that tell of an end."""
    with database.reading() as transaction:
        rows = transaction.rows(
            "select kind from journal join domains using (domain_id) where name = %s"
            " and kind like '%%.expired' order by entry_id",
            [domain],
        )
    return [row[0] for row in rows]


def test_an_object_goes_at_its_time_with_its_keys_and_records(world, sweep, clock, database):
    world.put("Order", A)
    profile_id = world.only("_email", "ann@example.com")["ProfileId"]

    clock.turn(days=29.9)
    assert sweep() == Swept()
    assert world.objects("Order", profile_id) == [A]
    clock.turn(days=0.2)
    assert sweep() == Swept(objects=1)

    assert world.objects("Order", profile_id) == []
    assert world.search("order", "1") == []
    assert world.search("serial", "s1") == []
    assert world.items("_asset", profile_id) == []
    assert check_domain(database, world.name) == {"profiles": 1, "objects": 0, "records": 0}
    assert kinds_of(database, world.name) == ["object.expired"]


def test_the_fields_that_an_expired_object_wrote_stay_with_the_profile(world, sweep, clock):
    world.put("Order", A)

    clock.turn(days=31)
    sweep()

    profile = world.only("_email", "ann@example.com")
    assert profile["EmailAddress"] == "ann@example.com"
    assert world.stats()["ProfileCount"] == 1
    assert world.stats()["ObjectCount"] == 0
    assert world.stats()["TotalSize"] == 0


def test_an_object_that_was_put_again_has_its_time_from_then(world, sweep, clock):
    world.put("Order", A)
    clock.turn(days=20)
    world.put("Order", A)
    clock.turn(days=20)

    assert sweep() == Swept()
    clock.turn(days=11)
    assert sweep() == Swept(objects=1)


def test_only_what_is_due_goes(world, sweep, clock, database):
    world.put("Order", A)
    clock.turn(days=20)
    world.put("Order", B)
    clock.turn(days=20)

    assert sweep() == Swept(objects=1)

    profile_id = world.only("_email", "ann@example.com")["ProfileId"]
    assert world.objects("Order", profile_id) == [B]
    assert check_domain(database, world.name) == {"profiles": 1, "objects": 1, "records": 1}


def test_a_type_without_expiration_days_takes_those_of_the_domain(world, sweep, clock):
    world.define("Note", {"id": ""}, {"note": (["PROFILE", "UNIQUE"], ["id"])})
    world.put("Note", {"id": "1"})

    clock.turn(days=365)
    assert sweep() == Swept()
    clock.turn(days=2)
    swept = sweep()

    assert (swept.objects, swept.profiles) == (1, 1)


def test_a_profile_goes_when_nothing_wrote_to_it_for_the_domains_days(
    world, sweep, clock, database
):
    profile_id = world.create(FirstName="Ann", PhoneNumber="+12065550100")
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=profile_id, KeyName="_account", Values=["a1"]
    )

    clock.turn(days=365.9)
    world.get(profile_id)
    assert sweep() == Swept()
    clock.turn(days=0.2)
    assert sweep() == Swept(profiles=1)

    assert world.search("_profileId", profile_id) == []
    assert world.search("_account", "a1") == []
    assert world.search("_phone", "+12065550100") == []
    assert check_domain(database, world.name) == {"profiles": 0, "objects": 0, "records": 0}
    assert kinds_of(database, world.name) == ["profile.expired"]


def test_a_profile_that_was_written_to_has_its_time_from_then(world, sweep, clock):
    profile_id = world.create(FirstName="Ann")
    clock.turn(days=300)
    world.update(profile_id, FirstName="Anne")
    clock.turn(days=300)

    assert sweep() == Swept()
    assert world.get(profile_id)["FirstName"] == "Anne"


def test_an_expired_profile_takes_objects_with_it_that_live_longer(world, sweep, clock, database):
    world.client.update_domain(DomainName=world.name, DefaultExpirationDays=10)
    world.put("Order", A)

    clock.turn(days=11)

    assert sweep() == Swept(profiles=1)
    assert check_domain(database, world.name) == {"profiles": 0, "objects": 0, "records": 0}


def test_more_than_a_batch_goes_too(world, sweep, clock, database):
    for number in range(60):
        world.put("Order", {"id": str(number), "mail": f"{number}@example.com"})

    clock.turn(days=400)

    assert sweep() == Swept(objects=60, profiles=60)
    assert check_domain(database, world.name) == {"profiles": 0, "objects": 0, "records": 0}


def test_all_domains_of_all_accounts_are_swept(world, sweep, clock, client_with):
    other = client_with(account_id="999999999999")
    other.create_domain(DomainName=world.name, DefaultExpirationDays=5)
    other.create_profile(DomainName=world.name, FirstName="Bob")
    world.create(FirstName="Ann")

    clock.turn(days=6)

    assert sweep() == Swept(profiles=1)
    assert other.get_domain(DomainName=world.name)["Stats"]["ProfileCount"] == 0
    assert world.stats()["ProfileCount"] == 1
    other.delete_domain(DomainName=world.name)


def test_a_profile_that_is_written_while_the_sweep_looks_stays(world, sweep, clock, database):
    profile_id = world.create(FirstName="Ann")
    clock.turn(days=400)
    locked, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with database.transaction() as transaction:
            transaction.row(
                "update profiles set written_at = %s, written_on = %s where profile_id = %s"
                " returning 1",
                [clock(), clock().date(), profile_id],
            )
            locked.set()
            assert go_on.wait(10)

    with ThreadPoolExecutor(2) as threads:
        writing = threads.submit(write)
        assert locked.wait(10)
        sweeping = threads.submit(sweep)
        _wait_until_blocked(database)
        go_on.set()
        writing.result()

        assert sweeping.result() == Swept()
    assert world.get(profile_id)["FirstName"] == "Ann"


def _wait_until_blocked(database) -> None:
    """Wait until a statement of ours waits for a lock."""
    for _ in range(1000):
        with database.reading() as transaction:
            waiting = transaction.row(
                "select count(*) from pg_stat_activity"
                " where datname = current_database() and wait_event_type = 'Lock'"
            )
        if waiting != (0,):
            return
        threading.Event().wait(0.01)
    raise AssertionError("nothing waits")


def test_a_domain_that_is_deleted_while_the_sweep_looks_is_left_to_the_purge(
    world, clock, database, invoke, caller, settings
):
    world.put("Order", A)
    clock.turn(days=400)
    deleted, go_on = threading.Event(), threading.Event()

    def delete() -> None:
        with database.transaction() as transaction:
            context = Context(
                transaction=transaction, caller=caller, settings=settings, now=clock()
            )
            domains.own(context, world.name)
            require_operation("DeleteDomain")(context, {"DomainName": world.name})
            deleted.set()
            assert go_on.wait(10)

    with ThreadPoolExecutor(2) as threads:
        deleting = threads.submit(delete)
        assert deleted.wait(10)
        sweeping = threads.submit(invoke, "Sweep", {"After": 0}, caller)
        _wait_until_blocked(database)
        go_on.set()
        deleting.result()

        assert sweeping.result() == {"Objects": 0, "Profiles": 0, "After": None}


def test_two_sweeps_at_once_remove_everything_once(world, sweep, clock, database):
    for number in range(40):
        world.put("Order", {"id": str(number), "mail": f"{number % 7}@example.com"})
    clock.turn(days=31)

    with ThreadPoolExecutor(2) as threads:
        one, two = threads.map(lambda _: sweep(), range(2))

    assert one.objects + two.objects == 40
    assert check_domain(database, world.name) == {"profiles": 7, "objects": 0, "records": 0}


def test_nothing_is_left_of_a_deleted_domain(world, sweep, database):
    world.put("Order", A)
    world.create(FirstName="Bob")
    world.client.tag_resource(
        resourceArn=f"arn:aws:profile:us-east-1:000000000000:domains/{world.name}",
        tags={"a": "b"},
    )
    with database.reading() as transaction:
        ((domain_id,),) = transaction.rows(
            "select domain_id from domains where name = %s", [world.name]
        )
    world.client.delete_domain(DomainName=world.name)

    swept = sweep()

    assert swept.rows > 10
    with database.reading() as transaction:
        left = {
            table: transaction.row(
                f"select count(*) from {table} where domain_id = %s", [domain_id]
            )
            for table in (*TABLES, "deleted_domains")
        }
    assert {table for table, count in left.items() if count != (0,)} == set()
    assert sweep() == Swept()


def test_many_rows_of_a_deleted_domain_go_in_batches(world, database, invoke, caller, sweep):
    with database.transaction() as transaction:
        transaction.row(
            """
            insert into rejected_objects
            select domain_id, gen_random_uuid(), 'Order', '{}', 'none', now(), 'r'
            from domains, generate_series(1, 10100) where name = %s returning 1
            """,
            [world.name],
        )
    world.client.delete_domain(DomainName=world.name)

    first = invoke("PurgeDeletedDomains", {}, caller)

    assert first == {"Rows": 10_000, "IsDone": False}
    assert sweep().rows >= 100


def test_the_name_of_a_deleted_domain_is_free_before_its_rows_are_gone(world, sweep, database):
    world.put("Order", A)
    world.client.delete_domain(DomainName=world.name)
    world.client.create_domain(DomainName=world.name, DefaultExpirationDays=366)
    world.create(FirstName="New")

    sweep()

    assert check_domain(database, world.name) == {"profiles": 1, "objects": 0, "records": 0}


def test_the_tables_of_domains_are_all_known(database):
    with database.reading() as transaction:
        rows = transaction.rows(
            "select table_name from information_schema.columns"
            " where column_name = 'domain_id' and table_schema = 'public'"
        )

    assert {row[0] for row in rows} == {*TABLES, "domains", "deleted_domains"}


def test_the_schedule_sweeps_as_the_settings_say(world, invoke, settings, clock):
    world.put("Order", A)
    clock.turn(days=31)
    (schedule,) = expiry.schedules(invoke, settings)
    steps = []

    def step(name, function, *arguments):
        steps.append(name)
        return function(*arguments)

    schedule.function(Tick(at=datetime.now(UTC), step=step, stopping=threading.Event()))

    assert schedule.cron == settings.sweep_schedule
    assert steps == ["remove what has expired"]
    assert world.stats()["ObjectCount"] == 0


def test_a_sweep_that_has_to_stop_leaves_the_rest_to_the_next(world, invoke, caller, clock, sweep):
    for number in range(60):
        world.put("Order", {"id": str(number), "mail": f"{number}@example.com"})
    clock.turn(days=400)
    batches: list[int] = []

    first = expiry.sweep(
        invoke,
        caller,
        watch=lambda swept: batches.append(swept.profiles),
        is_stopping=lambda: len(batches) == 1,
    )

    assert first == Swept(objects=60, profiles=50)
    assert sweep() == Swept(profiles=10)


def test_old_entries_of_the_audit_go_when_a_setting_says_so(invoke, caller, clock, application):
    other = replace(caller, account_id="333333333333")
    forgetting = invoker(
        application.database, replace(application.settings, audit_retention_days=30), clock
    )
    for who in (caller, other):
        invoke("CreateDomain", {"DomainName": "old", "DefaultExpirationDays": 99}, who)
    clock.turn(days=31)
    invoke("DeleteDomain", {"DomainName": "old"}, other)

    kept = expiry.sweep(invoke, caller)
    swept = expiry.sweep(forgetting, caller)

    assert kept.entries == 0 < swept.entries
    assert invoke("ListAccountAuditEntries", {}, caller)["Items"] == []
    told = invoke("ListAccountAuditEntries", {}, other)["Items"]
    assert [entry["Kind"] for entry in told] == ["DeleteDomain"]
