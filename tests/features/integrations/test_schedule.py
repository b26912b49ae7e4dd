"""Schedules of flows: rates, cron expressions, starts, ends, offsets, time zones."""

from datetime import UTC, datetime, timedelta

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features.integrations.flows import schedule
from tests.features.integrations.conftest import every, flow, folder_flow, refusal

NOW = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)  # A Wednesday.


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def read(expression, **members):
    return schedule.read({"ScheduleExpression": expression, **members})


def first(expression, **members):
    return read(expression, **members).first(NOW)


def following(expression, after=NOW, now=NOW, anchor=NOW, **members):
    return read(expression, **members).next(after, now, anchor=anchor)


def test_a_rate_begins_at_once_or_at_its_start():
    assert first("rate(15minutes)") == NOW
    assert first("rate(15 minutes)", ScheduleStartTime=NOW + timedelta(hours=1)) == at(
        "2026-11-25T11:30"
    )
    assert first("rate(15minutes)", ScheduleStartTime=NOW - timedelta(hours=1)) == NOW


@pytest.mark.parametrize(
    ("expression", "step"),
    [
        ("rate(1 minute)", timedelta(minutes=1)),
        ("RATE(2HOURS)", timedelta(hours=2)),
        ("rate(3 days)", timedelta(days=3)),
        ("rate(1 week)", timedelta(days=7)),
        ("rate(1 month)", timedelta(days=30)),
    ],
)
def test_a_rate_goes_on_in_equal_steps(expression, step):
    assert following(expression) == NOW + step


def test_what_was_missed_is_not_caught_up():
    late = NOW + timedelta(hours=5, minutes=20)

    assert following("rate(1hour)", now=late) == NOW + timedelta(hours=6)
    assert following("cron(0 * * * ? *)", now=late) == at("2026-11-25T16:00")


def test_a_rate_counts_from_its_start_not_from_its_last_run():
    start = at("2026-11-25T10:00")

    assert following("rate(1hour)", after=NOW, ScheduleStartTime=start) == at("2026-11-25T11:00")


@pytest.mark.parametrize(
    ("expression", "moment"),
    [
        ("cron(0 12 * * ? *)", "2026-11-25T12:00"),
        ("cron(0/15 * * * ? *)", "2026-11-25T10:45"),
        ("cron(0 8 ? * 2 *)", "2026-11-30T08:00"),
        ("cron(0 8 ? * MON-FRI *)", "2026-11-26T08:00"),
        ("cron(0 8 ? * 2-6 *)", "2026-11-26T08:00"),
        ("cron(0 8 1 * ? *)", "2026-12-01T08:00"),
        ("cron(0 8 L * ? *)", "2026-11-30T08:00"),
        ("cron(0 8 ? * 6L *)", "2026-11-27T08:00"),
        ("cron(0 8 ? * 2#1 *)", "2026-12-07T08:00"),
        ("cron(0 8 1 1 ? 2028)", "2028-01-01T08:00"),
    ],
)
def test_cron_expressions_are_those_of_aws(expression, moment):
    assert first(expression) == at(moment)


def test_a_year_that_is_over_has_no_more_runs():
    assert first("cron(0 8 1 1 ? 2020)") is None


def test_a_cron_expression_is_of_its_time_zone():
    assert first("cron(0 12 * * ? *)", Timezone="America/New_York") == at("2026-11-25T17:00")
    summer = read("cron(0 12 * * ? *)", Timezone="America/New_York")
    assert summer.first(at("2026-07-01T00:00")) == at("2026-07-01T16:00")


def test_there_is_no_run_behind_the_end():
    end = NOW + timedelta(minutes=50)

    assert first("rate(1hour)", ScheduleEndTime=end) == NOW
    assert following("rate(1hour)", ScheduleEndTime=end) is None
    assert first("cron(0 12 * * ? *)", ScheduleEndTime=end) is None


def test_an_offset_puts_each_run_off():
    assert first("rate(1hour)", ScheduleOffset=600) == NOW + timedelta(minutes=10)
    due = NOW + timedelta(minutes=10)
    assert following("rate(1hour)", after=due, now=due, ScheduleOffset=600) == NOW + timedelta(
        hours=1, minutes=10
    )


@pytest.mark.parametrize(
    ("expression", "members"),
    [
        ("hourly", {}),
        ("rate(0 minutes)", {}),
        ("rate(5 fortnights)", {}),
        ("cron(0 12 * * *)", {}),
        ("cron(0 12 * * * *)", {}),
        ("cron(0 12 ? * ? *)", {}),
        ("cron(99 12 * * ? *)", {}),
        ("cron(a$b 12 * * ? *)", {}),
        ("cron(0 12 * FOO ? *)", {}),
        ("rate(1hour)", {"Timezone": "Mars/Olympus"}),
        ("rate(1hour)", {"Timezone": "../etc/passwd"}),
        ("rate(1hour)", {"ScheduleStartTime": NOW, "ScheduleEndTime": NOW}),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_refused(client, customers, expression, members):
    definition = flow(TriggerConfig=every(expression, **members))

    code, _ = refusal(
        client.put_integration,
        DomainName=customers,
        ObjectTypeName="customers",
        FlowDefinition=definition,
    )

    assert code == "BadRequestException"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"TriggerConfig": {"TriggerType": "Scheduled"}}, "Scheduled must be given"),
        ({"TriggerConfig": {"TriggerType": "Event"}}, "possible for Salesforce only"),
        ({"FlowName": "ab cd"}, "flowName"),
        ({"FlowName": "a" * 256}, "FlowName is too long"),
        (
            {"SourceFlowConfig": {"ConnectorType": "S3", "SourceConnectorProperties": {}}},
            "must have S3",
        ),
        (
            {
                "SourceFlowConfig": {
                    "ConnectorType": "Servicenow",
                    "SourceConnectorProperties": {"ServiceNow": {"Object": "task"}},
                }
            },
            "ConnectorProfileName must be given",
        ),
    ],
)
def test_the_rules_of_a_flow(client, customers, changes, sentence):
    code, message = refusal(
        client.put_integration,
        DomainName=customers,
        ObjectTypeName="customers",
        FlowDefinition=flow(**changes),
    )

    assert code == "BadRequestException"
    assert sentence in message


def test_a_flow_on_events_is_looked_at_now_and_then():
    poll = timedelta(minutes=1)
    on_events = folder_flow(TriggerConfig={"TriggerType": "Event"})

    assert schedule.first_run(on_events, NOW, poll) == NOW
    assert schedule.next_run(on_events, NOW, poll, after=NOW, anchor=NOW) == NOW + poll
    assert schedule.first_run(on_events, NOW, timedelta(0)) is None
    assert schedule.first_run(folder_flow(), NOW, poll) is None
    assert schedule.next_run(folder_flow(), NOW, poll, after=NOW, anchor=NOW) is None


def test_a_moment_without_a_zone_is_utc():
    assert schedule.moment_of("2026-11-25T10:30:00") == NOW
    assert schedule.moment_of(datetime(2026, 11, 25, 10, 30)) == NOW  # noqa: DTZ001


def test_the_first_moments_of_a_schedule_are_bounds_too():
    with pytest.raises(BadRequest):
        read("rate(1hour)", ScheduleStartTime="2026-01-02", ScheduleEndTime="2026-01-01")
