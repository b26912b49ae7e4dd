"""Sessions of the console, below the wire: they begin, are used, and end."""

import uuid

import pytest

from openprofiles.features.console_sessions import OPERATIONS


@pytest.fixture
def ask(invoke, caller):
    def ask(name, **parameters):
        return invoke(name, parameters, caller)

    return ask


@pytest.fixture
def start(ask, settings):
    def start(subject, **more):
        token = uuid.uuid4().hex
        ask(
            "StartConsoleSession",
            Token=token,
            AccountId=settings.account_id,
            Subject=subject,
            Principal="ada",
            PrincipalArn="arn:aws:iam::1:user/ada",
            **more,
        )
        return token

    return start


def test_a_session_is_found_by_its_token(ask, start, settings):
    token = start("key:1", AccessKeyId="OPAK1")
    found = ask("FindConsoleSession", Token=token)
    session = found["Session"]

    assert found["IsDue"] is False
    assert (session["Principal"], session["AccessKeyId"], session["Role"]) == ("ada", "OPAK1", None)
    assert session["AccountId"] == settings.account_id
    assert ask("FindConsoleSession", Token="another")["Session"] is None


def test_what_is_kept_of_a_token_does_not_tell_it(start, database):
    token = start("key:2")
    with database.reading() as transaction:
        rows = transaction.rows("select * from console_sessions where subject = 'key:2'")

    assert token not in str(rows)
    assert token.encode() not in [value for row in rows for value in row]


def test_a_session_that_is_used_lives_on_until_its_hours_are_over(ask, start, settings, clock):
    token = start("key:3")
    for _ in range(settings.console_session_hours * 60 // 50):
        clock.turn(minutes=50)
        assert ask("FindConsoleSession", Token=token)["IsDue"]
        ask("KeepConsoleSession", Token=token)
        assert not ask("FindConsoleSession", Token=token)["IsDue"]
    clock.turn(minutes=50)

    assert ask("FindConsoleSession", Token=token)["Session"] is None


def test_a_session_that_is_over_cannot_be_kept(ask, start, settings, clock):
    token = start("key:4")
    clock.turn(minutes=settings.console_idle_minutes)
    ask("KeepConsoleSession", Token=token)
    ask("KeepConsoleSession", Token="unknown")

    assert ask("FindConsoleSession", Token=token)["Session"] is None


def test_the_sessions_of_one_person_end_together(ask, start):
    mine, also_mine, others = start("key:5"), start("key:5"), start("key:6")

    assert ask("EndConsoleSessions", Token=mine) == {"Ended": 2}
    assert ask("EndConsoleSessions", Token=mine) == {"Ended": 0}
    assert ask("FindConsoleSession", Token=also_mine)["Session"] is None
    assert ask("FindConsoleSession", Token=others)["Session"] is not None


def test_one_session_ends_alone_and_only_once(ask, start):
    one, other = start("key:7"), start("key:7")
    for _ in range(2):
        ask("EndConsoleSession", Token=one)

    assert ask("FindConsoleSession", Token=one)["Session"] is None
    assert ask("FindConsoleSession", Token=other)["Session"] is not None


def test_sessions_that_time_has_ended_are_removed_when_another_begins(start, database, clock):
    start("key:8")
    clock.turn(hours=1)
    start("key:9")
    with database.reading() as transaction:
        rows = transaction.rows("select subject from console_sessions where subject = 'key:8'")

    assert rows == []


def test_nobody_asks_about_sessions_over_http():
    assert {operation.route for operation in OPERATIONS} == {None}
