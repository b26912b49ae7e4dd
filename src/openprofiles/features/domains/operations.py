"""The operations of domains."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.core.text import require_storable
from openprofiles.features import authorizing, tags
from openprofiles.features.context import Context, DomainChange
from openprofiles.features.domains import matching, reaching, store
from openprofiles.features.domains.domain import MEMBERS, Domain, configured
from openprofiles.storage import locks

if TYPE_CHECKING:
    from types_boto3_customer_profiles.type_defs import (
        CreateDomainRequestTypeDef,
        DeleteDomainRequestTypeDef,
        GetDomainRequestTypeDef,
        ListDomainsRequestTypeDef,
        UpdateDomainRequestTypeDef,
    )

DEFAULT_PAGE = 100


@operation("CreateDomain")
def create_domain(context: Context, request: "CreateDomainRequestTypeDef") -> Answer:
    """Make a domain; BadRequest when the name is taken, a rule broken, the quota reached."""
    configuration = _require_configuration({}, request)
    name, account_id = request["DomainName"], context.caller.account_id
    locks.own_account(context.transaction, account_id)
    locks.own_domain(context.transaction, account_id, name)

    if store.find(context.transaction, account_id, name):
        raise BadRequest(f"Domain {name} already exists")
    limit = context.settings.domains_per_account
    if store.count_of_account(context.transaction, account_id) >= limit:
        raise BadRequest(f"The account has {limit} domains, the most that are allowed")

    domain = store.insert(
        context.transaction, account_id, name=name, configuration=configuration, now=context.now
    )
    tags.replace(context, domain.id, "", request.get("Tags"))
    _tell_followers(context, domain, before={})
    return domain.as_response(request.get("Tags") or {}, _rule_status(context, domain))


@operation("GetDomain", reads_only=True)
def get_domain(context: Context, request: "GetDomainRequestTypeDef") -> Answer:
    """A domain, with statistics."""
    domain = reaching.require(context, request["DomainName"])
    counts = store.sum_counts(context.transaction, domain.id)
    return {
        **domain.as_response(tags.list_of(context, domain.id, ""), _rule_status(context, domain)),
        "Stats": {
            "ProfileCount": counts.profiles,
            "MeteringProfileCount": counts.metering_profiles,
            "ObjectCount": counts.objects,
            "TotalSize": counts.bytes,
        },
    }


@operation("UpdateDomain")
def update_domain(context: Context, request: "UpdateDomainRequestTypeDef") -> Answer:
    """Change what is given and keep the rest; `Tags` is ignored, as TagResource changes tags."""
    domain = reaching.own(context, request["DomainName"])
    configuration = _require_configuration(domain.configuration, request)

    changed = store.update(
        context.transaction, domain.id, configuration=configuration, now=context.now
    )
    _tell_followers(context, changed, before=domain.configuration)
    return changed.as_response(tags.list_of(context, domain.id, ""), _rule_status(context, changed))


@operation("DeleteDomain")
def delete_domain(context: Context, request: "DeleteDomainRequestTypeDef") -> Answer:
    """Delete a domain and all it holds; its name is free at once, its rows go with a sweep."""
    domain = reaching.own(context, request["DomainName"])

    tags.delete_under(context, domain.id, "")
    store.delete(context.transaction, domain.id, now=context.now)
    return {"Message": "OK"}


@operation("ListDomains", reads_only=True)
def list_domains(context: Context, request: "ListDomainsRequestTypeDef") -> Answer:
    """The domains of the account that the caller may get, by name."""
    scope = ("ListDomains", context.caller.account_id)
    after = paging.decode(scope, request.get("NextToken"), context.now) or ""
    size = request.get("MaxResults") or DEFAULT_PAGE

    page, more = authorizing.visible_page(
        context,
        "GetDomain",
        lambda after, limit: store.list_page(
            context.transaction, context.caller.account_id, after=after, limit=limit
        ),
        lambda domain: (authorizing.Target(domain.name),),
        cursor_of=lambda domain: domain.name,
        after=after,
        size=size,
    )
    page_tags = tags.list_of_domains(context, [domain.id for domain in page])
    return {
        "Items": [domain.as_list_item(page_tags.get(domain.id, {})) for domain in page],
        "NextToken": paging.encode(scope, page[-1].name, context.now) if more else None,
    }


def _tell_followers(context: Context, domain: Domain, *, before: Mapping[str, Any]) -> None:
    change = DomainChange(
        domain_id=domain.id, domain_name=domain.name, before=before, after=domain.configuration
    )
    for follow in context.domain_followers:
        follow(context, change)


def _rule_status(context: Context, domain: Domain) -> str | None:
    """How far the rules of a domain are applied, which the room above keeps; None without rules."""
    rules = domain.configuration.get("RuleBasedMatching")
    if not rules or not rules["Enabled"]:
        return None
    return store.find_rule_status(context.transaction, domain.id) or "PENDING"


def _require_configuration(
    current: Mapping[str, Any],
    request: "CreateDomainRequestTypeDef | UpdateDomainRequestTypeDef",
) -> dict[str, Any]:
    given = {member: value for member, value in request.items() if member in MEMBERS}
    require_storable("The configuration of the domain", given)
    matching.require_consistent(given)
    return configured(current, given)


OPERATIONS: tuple[Operation, ...] = (
    create_domain,
    get_domain,
    update_domain,
    delete_domain,
    list_domains,
)
