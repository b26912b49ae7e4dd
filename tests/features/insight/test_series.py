"""The numbers of a domain over time."""

from dataclasses import replace
from threading import Event

import pytest

from openprofiles.core.errors import ResourceNotFound
from openprofiles.features import domains, insight
from openprofiles.features.insight import operations
from openprofiles.jobs import Tick

NOTHING = [None] * 6


def test_the_hour_that_is_not_over_is_counted_as_it_is(company):
    company.put("one", "two")

    *before, now = company.series()

    assert now == [2, 2, 2, 0, 0, 0]
    assert before[:-1] == [NOTHING] * 22


def test_an_hour_is_kept_once_it_is_over(company):
    company.put("one", "two")
    company.turn_to_next_hour()
    company.tick()
    company.put("two", "three")

    assert company.series()[-2:] == [[2, 2, 2, 0, 0, 0], [3, 3, 2, 0, 0, 0]]


def test_an_hour_is_counted_once(company):
    company.put("one")
    company.turn_to_next_hour()

    company.tick()
    company.tick()

    assert company.series()[-2:] == [[1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0]]


def test_hours_are_counted_again_when_the_clock_was_turned_back(company):
    company.put("one")
    company.turn_to_next_hour()
    company.tick()
    company.clock.turn(hours=-1)
    company.put("two")
    company.turn_to_next_hour()

    company.ask("RecordDomainHours", Again=True)

    assert company.series()[-2:] == [[1, 1, 2, 0, 0, 0], [2, 2, 0, 0, 0, 0]]


def test_an_hour_that_ended_just_now_may_still_get_entries(company):
    company.put("one")
    company.turn_to_next_hour(minutes=1)

    company.tick()
    company.put("two")

    assert company.series()[-2:] == [[None, None, 1, 0, 0, 0], [2, 2, 1, 0, 0, 0]]


def test_hours_that_nobody_counted_are_counted_later(company):
    company.put("one")
    company.turn_to_next_hour()
    company.put("two")
    company.turn_to_next_hour()
    company.turn_to_next_hour()

    company.tick()

    # What was there before the second came, nobody knows any more.
    assert company.series()[-4:] == [
        [None, None, 1, 0, 0, 0],
        [2, 2, 1, 0, 0, 0],
        [2, 2, 0, 0, 0, 0],
        [2, 2, 0, 0, 0, 0],
    ]


def test_rejected_objects_and_merges_are_counted(company):
    company.put("nobody", type_name="Notes")
    company.put("one", "two")
    ids = [
        company.client.search_profiles(DomainName=company.name, KeyName="_account", Values=[value])[
            "Items"
        ][0]["ProfileId"]
        for value in ("one", "two")
    ]
    company.client.merge_profiles(
        DomainName=company.name, MainProfileId=ids[0], ProfileIdsToBeMerged=[ids[1]]
    )

    assert company.series()[-1] == [1, 2, 2, 1, 0, 1]


@pytest.mark.parametrize(
    ("name", "steps"), [("DAY", 24), ("WEEK", 28), ("MONTH", 30), ("YEAR", 53)]
)
def test_steps_add_up_their_hours(company, name, steps):
    company.put("one")
    company.turn_to_next_hour()
    company.tick()
    company.put("two")

    series = company.series(name)

    assert len(series) == steps
    assert series[-1][:2] == [2, 2]
    assert sum(step[2] or 0 for step in series) == 2


def test_more_than_can_be_counted_at_once_is_told(company, monkeypatch):
    monkeypatch.setattr(operations, "ENTRIES_AT_ONCE", 2)
    company.put("one", "two", "three")

    answer = company.ask("GetDomainSeries")

    assert not answer["IsWhole"]
    assert answer["Items"][-1]["ObjectsPut"] <= 2


def test_hours_are_kept_for_thirteen_months(company, database):
    company.put("one")
    company.turn_to_next_hour()
    company.tick()

    company.clock.turn(days=400)
    company.ask("RecordDomainHours")

    rows = database.run(
        lambda transaction: transaction.rows(
            "select min(hour) from domain_hours join domains using (domain_id) where name = %s",
            [company.name],
        )
    )
    assert (company.clock() - rows[0][0]).days <= 31


def test_a_worker_that_stops_counts_no_more(company):
    company.put("one")
    company.turn_to_next_hour()
    stopping = Event()
    stopping.set()

    [schedule] = insight.schedules(company.invoke, company.application.settings)
    schedule.function(Tick(company.clock(), lambda *_: None, stopping))

    assert company.ask("RecordDomainHours")["Hours"] > 0


def test_a_domain_that_is_deleted_meanwhile_keeps_no_hours(company, monkeypatch):
    company.turn_to_next_hour()
    list_all = domains.list_all

    def list_some_that_go(transaction, **limits):
        found = list_all(transaction, **limits)
        return [(account, replace(domain, name="gone-meanwhile")) for account, domain in found]

    monkeypatch.setattr(domains, "list_all", list_some_that_go)
    company.tick()
    monkeypatch.undo()

    assert company.ask("RecordDomainHours")["Hours"] > 0


def test_a_missing_domain_has_no_series(company):
    with pytest.raises(ResourceNotFound):
        company.ask("GetDomainSeries", DomainName="nowhere")
