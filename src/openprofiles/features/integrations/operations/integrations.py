"""PutIntegration and those that look at integrations (core reference §9.1)."""

from datetime import datetime
from typing import TYPE_CHECKING

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features import authorizing, domains, tags
from openprofiles.features.context import Context
from openprofiles.features.integrations import putting
from openprofiles.features.integrations.integration import resource_of
from openprofiles.features.integrations.store import integrations, runs
from openprofiles.storage import journal

if TYPE_CHECKING:
    from types_boto3_customer_profiles.type_defs import (
        DeleteIntegrationRequestTypeDef,
        GetIntegrationRequestTypeDef,
        ListAccountIntegrationsRequestTypeDef,
        ListIntegrationsRequestTypeDef,
        PutIntegrationRequestTypeDef,
    )

DEFAULT_PAGE = 100


@operation("PutIntegration")
def put_integration(context: Context, request: "PutIntegrationRequestTypeDef") -> Answer:
    """Connect a domain to a source, named by its Uri or described by a FlowDefinition; or change
    the object types of one that is connected. Tags count only when it is made.

    BadRequest when a rule is broken, the flow's name or the Uri is taken, or the quota reached;
    ResourceNotFound when the domain or an object type is missing.
    """
    domain, found = putting.put(context, request["DomainName"], request)
    return found.as_response(domain.name, tags.list_of(context, domain.id, found.resource))


@operation("GetIntegration", reads_only=True)
def get_integration(context: Context, request: "GetIntegrationRequestTypeDef") -> Answer:
    """An integration; its FlowDefinition is never shown."""
    domain = domains.require(context, request["DomainName"])
    found = integrations.find(context.transaction, domain.id, request["Uri"])
    if found is None:
        raise _missing(domain)
    return found.as_response(domain.name, tags.list_of(context, domain.id, found.resource))


@operation("DeleteIntegration")
def delete_integration(context: Context, request: "DeleteIntegrationRequestTypeDef") -> Answer:
    """Disconnect a source; what it brought stays. A run that is under way ends at its next page."""
    domain = domains.require_for_write(context, request["DomainName"])
    uri = request["Uri"]
    # First the run, then the integration, in the order in which a run that is under way locks them.
    runs.delete_of_integration(context.transaction, domain.id, uri)
    if not integrations.delete(context.transaction, domain.id, uri):
        raise _missing(domain)
    tags.delete_under(context, domain.id, resource_of(uri))
    entry = journal.Entry(kind="integration.deleted", subject=uri)
    journal.append(context.transaction, domain.id, [entry], caller=context.caller, now=context.now)
    return {"Message": "OK"}


@operation("ListIntegrations", reads_only=True)
def list_integrations(context: Context, request: "ListIntegrationsRequestTypeDef") -> Answer:
    """The integrations of a domain that the caller may get, the oldest first; `IncludeHidden`
    changes nothing.
    """
    domain = domains.require(context, request["DomainName"])
    scope = ("ListIntegrations", domain.id)
    after = _after(paging.decode(scope, request.get("NextToken"), context.now))
    size = request.get("MaxResults") or DEFAULT_PAGE

    page, more = authorizing.visible_page(
        context,
        "GetIntegration",
        lambda after, limit: integrations.list_page(
            context.transaction, domain.id, after=after, limit=limit
        ),
        lambda item: authorizing.within(domain.name, "integrations", item.uri),
        cursor_of=lambda item: (item.created_at, item.uri),
        after=after,
        size=size,
    )
    page_tags = tags.list_of_resources(context, domain.id, [item.resource for item in page])
    cursor = f"{page[-1].created_at.isoformat()} {page[-1].uri}" if more else ""
    return {
        "Items": [item.as_response(domain.name, page_tags.get(item.resource, {})) for item in page],
        "NextToken": paging.encode(scope, cursor, context.now) if more else None,
    }


@operation("ListAccountIntegrations", reads_only=True)
def list_account_integrations(
    context: Context, request: "ListAccountIntegrationsRequestTypeDef"
) -> Answer:
    """The integrations of all domains of the account that have this Uri and that the caller may
    get, by the domain's name.
    """
    account_id, uri = context.caller.account_id, request["Uri"]
    scope = ("ListAccountIntegrations", account_id, uri)
    after = paging.decode(scope, request.get("NextToken"), context.now) or ""
    size = request.get("MaxResults") or DEFAULT_PAGE

    page, more = authorizing.visible_page(
        context,
        "GetIntegration",
        lambda after, limit: integrations.list_of_account(
            context.transaction, account_id, uri, after=after, limit=limit
        ),
        lambda found: authorizing.within(found[1], "integrations", uri),
        cursor_of=lambda found: found[1],
        after=after,
        size=size,
    )
    return {
        "Items": [
            item.as_response(name, tags.list_of(context, domain_id, item.resource))
            for domain_id, name, item in page
        ],
        "NextToken": paging.encode(scope, page[-1][1], context.now) if more else None,
    }


def _missing(domain: domains.Domain) -> ResourceNotFound:
    return ResourceNotFound(f"Domain {domain.name} has no integration with this Uri")


def _after(cursor: str | None) -> tuple[datetime | str, str]:
    """What a token of ListIntegrations says; BadRequest when nobody of ours has made it."""
    if cursor is None:
        return ("-infinity", "")
    moment, _, uri = cursor.partition(" ")
    try:
        return (datetime.fromisoformat(moment), uri)
    except ValueError as error:
        raise BadRequest(paging.BROKEN) from error


OPERATIONS: tuple[Operation, ...] = (
    put_integration,
    get_integration,
    delete_integration,
    list_integrations,
    list_account_integrations,
)
