"""SQL of the audit: acts of an account, and the journal of a domain with them."""

from datetime import datetime
from typing import Any, LiteralString

from msgspec import Struct

from openprofiles.core.ids import FIRST, LAST, Id
from openprofiles.core.operation import Caller
from openprofiles.storage.database import Transaction
from openprofiles.storage.journal import PERFORMER


class AuditEntry(Struct, frozen=True):
    """One thing that somebody did. `kind` is an operation's name, or a journal's `noun.verb`."""

    id: Id
    at: datetime
    kind: str
    domain_name: str | None
    profile_id: Id | None
    subject: str | None
    principal: str
    performer: str
    request_id: str


class Filter(Struct, frozen=True, kw_only=True):
    """Which entries are meant; None = whatever. A kind that ends with `.` means all of it."""

    after: Id = FIRST
    until: Id = LAST
    principal: str | None = None
    kind: str | None = None

    def parameters(self) -> dict[str, Any]:
        """For a query with `_FILTER` in it."""
        return {
            "after": self.after,
            "until": self.until,
            "principal": self.principal,
            "kind": self.kind,
            "is_prefix": self.kind is not None and self.kind.endswith("."),
        }


def _filter(entry_id: LiteralString, kind: LiteralString) -> LiteralString:
    return f"""
        and {entry_id} > %(after)s and {entry_id} < %(until)s
        and (%(principal)s::text is null
            or principal = %(principal)s::text or {PERFORMER} = %(principal)s::text)
        and (%(kind)s::text is null or {kind} = %(kind)s::text
            or (%(is_prefix)s and starts_with({kind}, %(kind)s::text)))
    """


# What is put into these are constants of the program.
_ACTS: LiteralString = f"""
    select act_id, at, operation, domain_name, null::uuid as profile_id, subject, principal,
        {PERFORMER} as performer, request_id
    from acts where account_id = %(account)s {{of_domain}} {_filter("act_id", "operation")}
    order by act_id limit %(limit)s
"""  # noqa: S608
# A unique key is a digest of a value: of an object only its type is told.
_JOURNAL: LiteralString = f"""
    select entry_id, at, kind, %(name)s, profile_id,
        case when kind like 'object.%%' then split_part(subject, '/', 1) else subject end,
        principal, {PERFORMER}, request_id
    from journal where domain_id = %(domain)s {_filter("entry_id", "kind")}
    order by entry_id limit %(limit)s
"""  # noqa: S608


def insert(
    transaction: Transaction,
    caller: Caller,
    *,
    act_id: Id,
    now: datetime,
    operation: str,
    domain_name: str | None,
    subject: str | None,
) -> None:
    """Note that the caller did something."""
    transaction.send(
        """
        insert into acts (
            account_id, act_id, at, operation, domain_name, subject, principal, principal_arn,
            request_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            caller.account_id,
            act_id,
            now,
            operation,
            domain_name,
            subject,
            caller.principal,
            caller.principal_arn,
            caller.request_id,
        ],
    )


def delete_old(transaction: Transaction, before: Id, *, limit: int) -> int:
    """Delete up to `limit` of what was done before an id, in any account; how much went.

    From account to account by the index, so that it costs little when nothing is old.
    """
    return transaction.send(
        """
        with recursive accounts as (
            (select account_id from acts order by account_id limit 1)
            union all
            select (
                select acts.account_id from acts where acts.account_id > accounts.account_id
                order by acts.account_id limit 1
            ) from accounts where accounts.account_id is not null
        ), old as (
            select account_id, act_id from accounts cross join lateral (
                select act_id from acts where acts.account_id = accounts.account_id
                    and act_id < %(before)s order by act_id limit %(limit)s
            ) as first limit %(limit)s
        )
        delete from acts using old where acts.account_id = old.account_id
            and acts.act_id = old.act_id
        """,
        {"before": before, "limit": limit},
    ).count


def list_of_account(
    transaction: Transaction, account_id: str, wanted: Filter, *, limit: int
) -> list[AuditEntry]:
    """What was done in an account beside profiles and objects, the oldest first."""
    rows = transaction.rows(
        _ACTS.format(of_domain=""),
        {"account": account_id, "limit": limit, **wanted.parameters()},
    )
    return [AuditEntry(*row) for row in rows]


def list_of_domain(
    transaction: Transaction,
    account_id: str,
    domain_id: int,
    name: str,
    wanted: Filter,
    *,
    limit: int,
) -> list[AuditEntry]:
    """What was done in a domain, the oldest first."""
    acts = _ACTS.format(of_domain="and domain_name = %(name)s::text")
    rows = transaction.rows(
        f"""
        select * from (({acts}) union all ({_JOURNAL})) as entry order by act_id limit %(limit)s
        """,  # noqa: S608 (constants of the program)
        {
            "account": account_id,
            "domain": domain_id,
            "name": name,
            "limit": limit,
            **wanted.parameters(),
        },
    )
    return [AuditEntry(*row) for row in rows]
