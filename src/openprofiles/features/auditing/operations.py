"""The audit as operations, beyond the AWS API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from openprofiles.core import ids, paging
from openprofiles.core.ids import FIRST, LAST
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName, Token
from openprofiles.features import domains
from openprofiles.features.auditing import store
from openprofiles.features.auditing.store import AuditEntry, Filter
from openprofiles.features.context import Context

PAGE = 1000
OLD_AT_ONCE = 10_000


class AuditRequest(TypedDict):
    """Entries from `Since` on and before `Until`, of a principal (its name or ARN), of a kind: an
    operation, or `noun.verb`, or all of `noun.`.
    """

    Since: NotRequired[datetime]
    Until: NotRequired[datetime]
    Principal: NotRequired[Annotated[str, Meta(min_length=1, max_length=255)]]
    Kind: NotRequired[Annotated[str, Meta(min_length=1, max_length=255)]]
    MaxResults: NotRequired[Annotated[int, Meta(ge=1, le=PAGE)]]
    NextToken: NotRequired[Token]


class DomainAuditRequest(AuditRequest):
    """The same of a domain."""

    DomainName: DomainName


@operation(
    "ListAuditEntries",
    reads_only=True,
    route=Route("GET", "/domains/{DomainName}/audit", DomainAuditRequest),
)
def list_audit_entries(context: Context, request: DomainAuditRequest) -> Answer:
    """Who did what in a domain, the oldest first: changes of profiles, objects, matches, and all
    operations that change something.
    """
    domain = domains.require(context, request["DomainName"])
    account_id = context.caller.account_id

    def find(wanted: Filter, limit: int) -> list[AuditEntry]:
        return store.list_of_domain(
            context.transaction, account_id, domain.id, domain.name, wanted, limit=limit
        )

    return _page(context, request, ("ListAuditEntries", account_id, domain.id), find)


@operation("ListAccountAuditEntries", reads_only=True, route=Route("GET", "/audit", AuditRequest))
def list_account_audit_entries(context: Context, request: AuditRequest) -> Answer:
    """Who did what in the account, the oldest first: domains made and deleted, access keys and
    policies, all operations that change something but the profiles and objects of a domain.
    """
    account_id = context.caller.account_id

    def find(wanted: Filter, limit: int) -> list[AuditEntry]:
        return store.list_of_account(context.transaction, account_id, wanted, limit=limit)

    return _page(context, request, ("ListAccountAuditEntries", account_id), find)


@operation("PurgeAudit")
def purge_audit(context: Context, _: object) -> Answer:
    """Remove a batch of the operations in the audit, of any account, that are older than
    `audit_retention_days`.

    `Entries` says how many went; `IsDone` that none are left.
    """
    days = context.settings.audit_retention_days
    if days == 0:
        return {"Entries": 0, "IsDone": True}
    before = ids.lowest_id(context.now - timedelta(days=days))
    entries = store.delete_old(context.transaction, before, limit=OLD_AT_ONCE)
    return {"Entries": entries, "IsDone": entries < OLD_AT_ONCE}


def _page(
    context: Context,
    request: AuditRequest,
    scope: tuple[Any, ...],
    find: Callable[[Filter, int], list[AuditEntry]],
) -> Answer:
    since, until = request.get("Since"), request.get("Until")
    scope = (*scope, since, until, request.get("Principal"), request.get("Kind"))
    cursor = paging.decode_id(scope, request.get("NextToken"), context.now)
    size = request.get("MaxResults", PAGE)
    wanted = Filter(
        after=cursor or (ids.lowest_id(since) if since else FIRST),
        until=ids.lowest_id(until) if until else LAST,
        principal=request.get("Principal"),
        kind=request.get("Kind"),
    )
    found = find(wanted, size + 1)
    page, token = paging.cut(scope, found, size, context.now, cursor_of=attrgetter("id"))
    return {"Items": [_as_response(entry) for entry in page], "NextToken": token}


def _as_response(entry: AuditEntry) -> dict[str, Any]:
    members = {
        "Id": entry.id,
        "At": entry.at,
        "Kind": entry.kind,
        "DomainName": entry.domain_name,
        "ProfileId": entry.profile_id,
        "Subject": entry.subject,
        "Principal": entry.principal,
        "PerformedBy": entry.performer,
        "RequestId": entry.request_id,
    }
    return {name: value for name, value in members.items() if value is not None}


OPERATIONS: tuple[Operation, ...] = (list_audit_entries, list_account_audit_entries, purge_audit)
