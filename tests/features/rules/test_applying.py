"""Rules that come to profiles that were there before them (core reference §8.5, Status)."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from openprofiles.core.ids import LAST
from openprofiles.features import domains
from openprofiles.features.rules import applying, schedules, work_off
from openprofiles.jobs import Tick
from tests.features.rules.conftest import RuledWorld, rule_block

MAIL = {"EmailAddress": "ann@example.com"}


@pytest.fixture
def slow(monkeypatch) -> None:
    """Steps of two profiles and three keys, so that a few profiles take many."""
    monkeypatch.setattr(applying, "PROFILES_AT_ONCE", 2)
    monkeypatch.setattr(applying, "KEYS_DELETED_AT_ONCE", 3)


def test_rules_of_a_domain_without_profiles_are_active_at_once(ruled):
    world = ruled("EmailAddress")

    assert world.status() == "ACTIVE"
    world.set_rules("LastName")
    assert world.status() == "ACTIVE"


def test_rules_of_a_few_profiles_are_in_force_when_the_call_returns(ruled, groups):
    world = ruled()
    ids = {world.create(**MAIL) for _ in range(2)}

    world.set_rules("EmailAddress")

    assert world.status() == "ACTIVE"
    assert groups.all(world) == [(1, ids)]


@pytest.mark.usefixtures("slow")
def test_rules_of_many_profiles_are_applied_step_by_step(ruled, groups, client, work_off):
    world = ruled()
    ids = [world.create(**MAIL) for _ in range(7)]

    answer = client.update_domain(
        DomainName=world.name, RuleBasedMatching=rule_block("EmailAddress")
    )
    assert answer["RuleBasedMatching"]["Status"] == "PENDING"
    assert world.status() == "IN_PROGRESS"
    assert groups.all(world) == [(1, set(ids[:2]))]
    assert world.progress() == (2, 7)

    assert work_off() >= 3
    assert world.status() == "ACTIVE"
    assert groups.all(world) == [(1, set(ids))]
    assert world.progress() == (7, 7)
    assert work_off() == 0


@pytest.mark.usefixtures("slow")
def test_rules_are_locked_while_they_are_applied(ruled, client, work_off):
    world = ruled()
    for _ in range(5):
        world.create(**MAIL)
    world.set_rules("EmailAddress")

    with pytest.raises(client.exceptions.BadRequestException, match="cannot be changed while"):
        world.set_rules("LastName")
    with pytest.raises(client.exceptions.BadRequestException):
        world.set_rules()
    client.update_domain(DomainName=world.name, DefaultExpirationDays=30)
    world.set_rules("EmailAddress")

    work_off()
    world.set_rules("LastName")


@pytest.mark.usefixtures("slow")
def test_matches_of_old_rules_are_never_shown_as_those_of_new_ones(ruled, groups, work_off):
    world = ruled("EmailAddress")
    ids = [world.create(LastName="Lee", **MAIL) for _ in range(4)]
    old = world.match_ids()

    world.set_rules("LastName")

    assert world.match_ids() == []
    assert groups.of_match(world, old[0]) is None
    work_off()
    assert groups.all(world) == [(1, set(ids))]
    assert world.match_ids() != old


@pytest.mark.usefixtures("slow")
def test_profiles_that_change_while_rules_are_applied_follow_the_new_rules(ruled, groups, work_off):
    world = ruled("EmailAddress")
    world.define("T", {"id": ""}, {"id": (["UNIQUE", "PROFILE"], ["id"])})
    ids = [world.create(LastName="Lee", **MAIL) for _ in range(6)]
    world.set_rules("LastName")
    world.client.add_profile_key(
        DomainName=world.name, ProfileId=ids[4], KeyName="id", Values=["1"]
    )

    world.update(ids[0], LastName="Law")
    world.update(ids[3], LastName="Law")
    world.client.delete_profile(DomainName=world.name, ProfileId=ids[5])
    world.put("T", {"id": "1"})
    late = world.create(LastName="Lee")
    work_off()

    assert groups.all(world) == [
        (1, {ids[0], ids[3]}),
        (1, {ids[1], ids[2], ids[4], late}),
    ]


def test_a_profile_that_is_written_between_reading_and_keying_is_read_again(
    ruled, groups, monkeypatch
):
    monkeypatch.setattr(applying, "PROFILES_AT_ONCE", 1)
    world = ruled()
    world.define("T", {"id": ""}, {"id": (["UNIQUE", "PROFILE"], ["id"])})
    first = world.create(**MAIL)
    world.put("T", {"id": "1"})
    touched = world.only("id", "1")["ProfileId"]
    world.update(touched, **MAIL)
    world.set_rules("EmailAddress")
    own = domains.own

    def write_first(context, name):
        with ThreadPoolExecutor(1) as pool:
            # It changes the row, but none of the fields.
            pool.submit(world.put, "T", {"id": "1", "more": "x"}).result()
        return own(context, name)

    monkeypatch.setattr(domains, "own", write_first)
    world.ask("ApplyRules")

    assert world.progress() == (2, 2)
    assert groups.all(world) == [(1, {first, touched})]


def test_rules_that_are_off_leave_nothing(ruled, database, work_off):
    world = ruled("EmailAddress")
    for _ in range(3):
        world.create(**MAIL)

    world.set_rules()

    assert world.match_ids() == []
    assert _rows(database, world) == (0, 0)
    work_off()
    world.set_rules("EmailAddress")
    assert len(world.match_ids()) == 1


@pytest.mark.usefixtures("slow")
def test_rules_come_back_while_their_keys_are_still_going(ruled, database, groups, work_off):
    world = ruled("EmailAddress")
    ids = [world.create(**MAIL) for _ in range(8)]
    world.set_rules()
    assert _rows(database, world) == (5, 1)

    world.set_rules("EmailAddress")
    work_off()

    assert groups.all(world) == [(1, set(ids))]
    assert _rows(database, world) == (8, 1)


@pytest.mark.usefixtures("slow")
def test_rules_that_go_leave_step_by_step(ruled, database, work_off):
    world = ruled("EmailAddress")
    ids = [world.create(**MAIL) for _ in range(8)]
    world.set_rules()
    world.client.delete_profile(DomainName=world.name, ProfileId=ids[0])

    work_off()

    assert _rows(database, world) == (0, 0)


def test_only_rules_that_change_what_matches_are_applied_anew(ruled):
    world = ruled("EmailAddress", "LastName", MaxAllowedRuleLevelForMerging=1)
    world.create(**MAIL)

    def version():
        return world.ask("GetRuleMatchingStatus")["Version"]

    world.set_rules("EmailAddress", "LastName")
    assert version() == 1
    source = {"ConflictResolvingModel": "SOURCE", "SourceName": "T"}
    world.set_rules("EmailAddress", "LastName", ConflictResolution=source)
    assert version() == 1
    world.set_rules("EmailAddress", "LastName", MaxAllowedRuleLevelForMerging=2)
    assert version() == 2
    world.set_rules("EmailAddress", MaxAllowedRuleLevelForMerging=1)
    assert version() == 3
    selector = {"AttributeMatchingModel": "ONE_TO_ONE"}
    world.set_rules("EmailAddress", AttributeTypesSelector=selector)
    assert version() == 4


def test_rules_can_wait_before_they_are_applied(client_with, ruled, invoke, caller, clock):
    world = ruled()
    world.create(**MAIL)
    patient = RuledWorld(client_with(rules_wait_seconds=3600), world.name, world.ask)
    patient.set_rules("EmailAddress")
    assert patient.status() == "PENDING"
    patient.set_rules("LastName")
    assert patient.status() == "PENDING"

    clock.turn(minutes=61)
    work_off(invoke, caller)

    assert patient.status() == "ACTIVE"


def test_active_rules_can_be_locked_for_a_while(client_with, ruled, client, clock):
    world = ruled("EmailAddress")
    steady = RuledWorld(client_with(rules_locked_seconds=86400), world.name, world.ask)

    with pytest.raises(client.exceptions.BadRequestException, match="86400 seconds"):
        steady.set_rules("LastName")
    clock.turn(days=1)
    steady.set_rules("LastName")


def test_steps_that_two_workers_do_at_once_are_done_once(ruled, groups, monkeypatch):
    monkeypatch.setattr(applying, "PROFILES_AT_ONCE", 3)
    world = ruled()
    ids = [world.create(**MAIL) for _ in range(30)]
    world.set_rules("EmailAddress")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: world.ask("ApplyRules"), range(40)))

    assert world.status() == "ACTIVE"
    assert world.progress() == (30, 30)
    assert groups.all(world) == [(1, set(ids))]


def test_a_step_that_another_worker_did_meanwhile_is_left(ruled, groups, monkeypatch):
    monkeypatch.setattr(applying, "PROFILES_AT_ONCE", 1)
    world = ruled()
    ids = {world.create(**MAIL) for _ in range(3)}
    world.set_rules("EmailAddress")
    own = domains.own

    def let_another_go_first(context, name):
        monkeypatch.setattr(domains, "own", own)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(world.ask, "ApplyRules").result()
        return own(context, name)

    monkeypatch.setattr(domains, "own", let_another_go_first)
    world.ask("ApplyRules")
    assert world.progress() == (2, 3)

    for _ in range(2):
        world.ask("ApplyRules")
    assert world.status() == "ACTIVE"
    assert groups.all(world) == [(1, ids)]


def test_writers_go_on_while_rules_are_applied(ruled, groups, monkeypatch, work_off):
    monkeypatch.setattr(applying, "PROFILES_AT_ONCE", 5)
    world = ruled()
    ids = [world.create(EmailAddress=f"{n % 10}@x.org") for n in range(60)]
    world.set_rules("EmailAddress")

    def write(start: int) -> None:
        for n in range(start, 60, 4):
            world.update(ids[n], EmailAddress=f"{n % 7}@x.org")

    with ThreadPoolExecutor(5) as pool:
        writers = [pool.submit(write, start) for start in range(4)]
        pool.submit(work_off).result()
        failures = [writer.exception() for writer in writers]
    work_off()

    assert failures == [None] * 4
    by_remainder = [sorted(ids[m] for m in range(60) if m % 7 == n) for n in range(7)]
    assert groups.all(world) == [(1, set(group)) for group in sorted(by_remainder)]


def test_the_job_works_until_nothing_is_left(ruled, invoke, settings, monkeypatch, caplog):
    monkeypatch.setattr(applying, "PROFILES_AT_ONCE", 1)
    world = ruled()
    for _ in range(4):
        world.create(**MAIL)
    world.set_rules("EmailAddress")
    (schedule,) = schedules(invoke, settings)
    tick = Tick(at=None, step=None, stopping=threading.Event())  # type: ignore[arg-type]  # not looked at

    with caplog.at_level(logging.INFO):
        schedule.function(tick)
        schedule.function(tick)

    assert world.status() == "ACTIVE"
    assert caplog.messages.count("Worked on matching rules") == 1


def test_work_stops_after_a_step(ruled, invoke, caller, monkeypatch):
    monkeypatch.setattr(applying, "PROFILES_AT_ONCE", 1)
    world = ruled()
    for _ in range(4):
        world.create(**MAIL)
    world.set_rules("EmailAddress")

    assert work_off(invoke, caller, is_stopping=lambda: True) == 0
    assert world.status() == "IN_PROGRESS"


def test_rules_of_a_process_that_died_before_it_said_so_become_active(ruled, database, work_off):
    world = ruled("EmailAddress")
    with database.transaction() as transaction:
        transaction.send(
            """
            update rule_states as state set status = 'IN_PROGRESS', position = %s
            from domains where domains.domain_id = state.domain_id and name = %s
            """,
            [LAST, world.name],
        )
    assert world.status() == "IN_PROGRESS"

    work_off()

    assert world.status() == "ACTIVE"


def test_work_on_a_domain_that_is_gone_ends(ruled, client, work_off, monkeypatch):
    work_off()
    monkeypatch.setattr(applying, "PROFILES_AT_ONCE", 1)
    world = ruled()
    for _ in range(3):
        world.create(**MAIL)
    world.set_rules("EmailAddress")

    client.delete_domain(DomainName=world.name)

    assert work_off() == 0


def _rows(database, world) -> tuple[int, int]:
    """How many keys and states a domain has."""
    with database.reading() as transaction:
        [row] = transaction.rows(
            """
            select (select count(*) from rule_keys as held where held.domain_id = d.domain_id),
                (select count(*) from rule_states as state where state.domain_id = d.domain_id)
            from domains as d where name = %s
            """,
            [world.name],
        )
    return row[0], row[1]
