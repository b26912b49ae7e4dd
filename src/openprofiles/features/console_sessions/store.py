"""SQL of sessions: a token finds its session, which says whose account it is."""

from datetime import datetime

from openprofiles.features.console_sessions.session import Session
from openprofiles.storage.database import Transaction


def insert(transaction: Transaction, session: Session) -> None:
    """Add a session."""
    transaction.send(
        """
        insert into console_sessions (
            account_id, token_hash, subject, principal, principal_arn, access_key_id, role,
            started_at, seen_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            session.account_id,
            session.token_hash,
            session.subject,
            session.principal,
            session.principal_arn,
            session.access_key_id,
            session.role,
            session.started_at,
            session.seen_at,
        ],
    )


def find(transaction: Transaction, token_hash: bytes) -> Session | None:
    """The session of a token, over or not; None when there is none."""
    row = transaction.row(
        """
        select account_id, subject, principal, principal_arn, access_key_id, role, started_at,
            seen_at
        from console_sessions where token_hash = %s
        """,
        [token_hash],
    )
    if row is None:
        return None
    account_id, subject, principal, principal_arn, access_key_id, role, started_at, seen_at = row
    return Session(
        token_hash=token_hash,
        account_id=account_id,
        subject=subject,
        principal=principal,
        principal_arn=principal_arn,
        access_key_id=access_key_id,
        role=role,
        started_at=started_at,
        seen_at=seen_at,
    )


def see(transaction: Transaction, session: Session, now: datetime) -> None:
    """Write down that a session was used."""
    transaction.send(
        "update console_sessions set seen_at = %s where account_id = %s and token_hash = %s",
        [now, session.account_id, session.token_hash],
    )


def delete(transaction: Transaction, session: Session) -> None:
    """Remove a session."""
    transaction.send(
        "delete from console_sessions where account_id = %s and token_hash = %s",
        [session.account_id, session.token_hash],
    )


def delete_of_subject(transaction: Transaction, account_id: str, subject: str) -> int:
    """Remove all sessions of somebody; how many there were."""
    return transaction.send(
        "delete from console_sessions where account_id = %s and subject = %s",
        [account_id, subject],
    ).count


def delete_old(
    transaction: Transaction, account_id: str, *, started_before: datetime, seen_before: datetime
) -> None:
    """Remove those of an account that time has ended."""
    transaction.send(
        "delete from console_sessions"
        " where account_id = %s and (started_at <= %s or seen_at <= %s)",
        [account_id, started_before, seen_before],
    )
