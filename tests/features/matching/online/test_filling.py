"""The index follows whether a domain's Matching is enabled."""

import pytest

from openprofiles.features.matching.online import filling
from tests.features.matching.conftest import ANNA, ANNA_AGAIN, BELA


@pytest.fixture
def indexed(database, town):
    """The profiles in the index of the town, by what the database says, and how many keys."""
    with database.reading() as transaction:
        [(domain_id,)] = transaction.rows(
            "select domain_id from domains where name = %s", [town.name]
        )

    def look():
        with database.reading() as transaction:
            rows = transaction.rows(
                "select profile_id from match_index where domain_id = %s order by 1", [domain_id]
            )
            [(keys,)] = transaction.rows(
                """
                select count(distinct key) filter (where profile_id in (
                    select profile_id from match_index where domain_id = %s))
                from match_keys where domain_id = %s
                """,
                [domain_id, domain_id],
            )
            return [row[0] for row in rows], keys

    return look


def work(town):
    return filling.work_off(town.machine.invoke, town.machine.caller)


def test_profiles_of_before_are_put_in_batch_by_batch(town, indexed, monkeypatch):
    monkeypatch.setattr(filling, "PROFILES_AT_ONCE", 2)
    people = town.settle(ANNA, ANNA_AGAIN, BELA)
    assert indexed() == ([], 0)

    town.enable()
    [new] = town.settle(ANNA)

    assert work(town) == 2
    found, keys = indexed()
    assert found == sorted([*people, new])
    assert keys > 0
    assert work(town) == 0


@pytest.mark.sealed_too
def test_a_profile_of_before_is_found_while_the_index_is_filled(town):
    anna, _ = town.settle(ANNA, ANNA_AGAIN)
    town.enable()
    town.run()

    assert town.own("FindMatches", ProfileId=anna)["Candidates"] == []
    work(town)
    assert len(town.own("FindMatches", ProfileId=anna)["Candidates"]) == 1


def test_the_index_is_emptied_when_matching_is_disabled(town, client, indexed, monkeypatch):
    monkeypatch.setattr(filling, "ROWS_AT_ONCE", 3)
    town.enable()
    town.settle(ANNA, BELA)
    assert len(indexed()[0]) == 2

    client.update_domain(DomainName=town.name, Matching={"Enabled": False})
    town.settle(ANNA_AGAIN)

    assert work(town) > 2
    assert indexed() == ([], 0)


def test_what_changed_while_it_was_off_is_in_the_index_again(town, client, indexed):
    town.enable()
    [anna] = town.settle(ANNA)
    client.update_domain(DomainName=town.name, Matching={"Enabled": False})
    client.update_profile(DomainName=town.name, ProfileId=anna, **BELA)
    town.enable()
    [other] = town.settle(BELA)
    town.run()
    work(town)

    assert indexed()[0] == sorted([anna, other])
    found = town.own("FindMatches", ProfileId=other)["Candidates"]
    assert [candidate["ProfileId"] for candidate in found] == [anna]


def test_an_index_that_is_on_stays_as_it_is_when_its_domain_changes(town, indexed):
    town.enable()
    town.settle(ANNA)
    work(town)
    town.enable(JobSchedule={"DayOfTheWeek": "MONDAY", "Time": "01:00"})

    assert work(town) == 0
    assert len(indexed()[0]) == 1
