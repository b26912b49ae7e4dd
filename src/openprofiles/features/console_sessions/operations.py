"""What the console asks about sessions; none of it can be asked for over HTTP."""

import hashlib
from datetime import timedelta
from typing import NotRequired, TypedDict

from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features.console_sessions import store
from openprofiles.features.console_sessions.session import Session
from openprofiles.features.context import Context

SEEN_EVERY = timedelta(minutes=1)
"""How often it is written down that a session is used: reading pages should not write."""


class StartConsoleSessionRequest(TypedDict):
    """Who signed in, and the token that their browser will show."""

    Token: str
    AccountId: str
    Subject: str
    Principal: str
    PrincipalArn: str
    AccessKeyId: NotRequired[str | None]
    Role: NotRequired[str | None]


class ConsoleSessionRequest(TypedDict):
    """The session of a token."""

    Token: str


@operation("StartConsoleSession")
def start_console_session(context: Context, request: StartConsoleSessionRequest) -> Answer:
    """Begin a session of the console, and forget those of the account that time has ended."""
    settings, now = context.settings, context.now
    store.delete_old(
        context.transaction,
        request["AccountId"],
        started_before=now - timedelta(hours=settings.console_session_hours),
        seen_before=now - timedelta(minutes=settings.console_idle_minutes),
    )
    session = Session(
        token_hash=_hash(request["Token"]),
        account_id=request["AccountId"],
        subject=request["Subject"],
        principal=request["Principal"],
        principal_arn=request["PrincipalArn"],
        access_key_id=request.get("AccessKeyId"),
        role=request.get("Role"),
        started_at=now,
        seen_at=now,
    )
    store.insert(context.transaction, session)
    return {"Session": session.as_answer()}


@operation("FindConsoleSession", reads_only=True)
def find_console_session(context: Context, request: ConsoleSessionRequest) -> Answer:
    """The session of the console that a token belongs to, None when it is over or unknown; and
    whether KeepConsoleSession is due.
    """
    session = store.find(context.transaction, _hash(request["Token"]))
    if session is None or session.is_over(context.settings, context.now):
        return {"Session": None, "IsDue": False}
    is_due = context.now - session.seen_at >= SEEN_EVERY
    return {"Session": session.as_answer(), "IsDue": is_due}


@operation("KeepConsoleSession")
def keep_console_session(context: Context, request: ConsoleSessionRequest) -> Answer:
    """Write down that a session of the console is used; one that is over stays over."""
    session = store.find(context.transaction, _hash(request["Token"]))
    if session is not None and not session.is_over(context.settings, context.now):
        store.see(context.transaction, session, context.now)
    return {}


@operation("EndConsoleSession")
def end_console_session(context: Context, request: ConsoleSessionRequest) -> Answer:
    """End the session of the console that a token belongs to, if there is one."""
    session = store.find(context.transaction, _hash(request["Token"]))
    if session is not None:
        store.delete(context.transaction, session)
    return {}


@operation("EndConsoleSessions")
def end_console_sessions(context: Context, request: ConsoleSessionRequest) -> Answer:
    """End all sessions of the console of whoever a token belongs to, in all their browsers."""
    session = store.find(context.transaction, _hash(request["Token"]))
    if session is None:
        return {"Ended": 0}
    ended = store.delete_of_subject(context.transaction, session.account_id, session.subject)
    return {"Ended": ended}


def _hash(token: str) -> bytes:
    # Plain, since a token is 256 random bits: there is nothing to guess.
    return hashlib.sha256(token.encode()).digest()


OPERATIONS: tuple[Operation, ...] = (
    start_console_session,
    find_console_session,
    keep_console_session,
    end_console_session,
    end_console_sessions,
)
