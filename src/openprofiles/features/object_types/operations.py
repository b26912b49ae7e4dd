"""The operations of object types and templates; DeleteProfileObjectType is with the profiles it
scrubs.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.features import authorizing, domains, tags
from openprofiles.features.context import Context
from openprofiles.features.domains import Domain
from openprofiles.features.object_types import (
    checking,
    defining,
    describing,
    detecting,
    encrypting,
    key_rules,
    store,
    template,
)
from openprofiles.features.object_types.object_type import ObjectType
from openprofiles.features.object_types.reaching import resource_of
from openprofiles.storage import journal

if TYPE_CHECKING:
    from types_boto3_customer_profiles.type_defs import (
        DetectProfileObjectTypeRequestTypeDef,
        GetProfileObjectTypeRequestTypeDef,
        GetProfileObjectTypeTemplateRequestTypeDef,
        ListProfileObjectTypesRequestTypeDef,
        ListProfileObjectTypeTemplatesRequestTypeDef,
        PutProfileObjectTypeRequestTypeDef,
    )

DEFAULT_PAGE = 100


@operation("PutProfileObjectType")
def put_profile_object_type(
    context: Context, request: "PutProfileObjectTypeRequestTypeDef"
) -> Answer:
    """Create or replace an object type; objects that are there stay as they are (reference
    §2.2).
    """
    most_key_entries = context.settings.keys_per_object_type
    domain = domains.own(context, request["DomainName"])
    definition = defining.define(request, most_key_entries=most_key_entries)
    name = request["ObjectTypeName"]
    current = store.find(context.transaction, domain.id, name)
    checking.require_same_encryption(domain, current, definition)
    _put_keys(context, domain, name=name, definition=definition)
    available = checking.require_room(context, domain, current, definition)
    changed = store.upsert(
        context.transaction,
        domain.id,
        name,
        definition=definition,
        version=context.ordered_id(),
        now=context.now,
    )
    store.delete_unused_keys(context.transaction, domain.id)
    encrypting.use_key(context, domain, name, definition.get("EncryptionKey"))
    if current is None:
        tags.replace(context, domain.id, resource_of(name), request.get("Tags"))
    entry = journal.Entry(
        kind="object_type.replaced" if current else "object_type.created", subject=name
    )
    journal.append(context.transaction, domain.id, [entry], caller=context.caller, now=context.now)
    return _as_response(context, domain, changed, available=available)


@operation("GetProfileObjectType", reads_only=True)
def get_profile_object_type(
    context: Context, request: "GetProfileObjectTypeRequestTypeDef"
) -> Answer:
    """An object type that was defined; implicit ones are not shown (reference §2.2)."""
    domain = domains.require(context, request["DomainName"])
    name = request["ObjectTypeName"]
    found = store.find(context.transaction, domain.id, name)
    if found is None:
        raise ResourceNotFound(f"Profile object type {name} not found in domain {domain.name}")
    return _as_response(context, domain, found, available=_available(context, domain))


@operation("ListProfileObjectTypes", reads_only=True)
def list_profile_object_types(
    context: Context, request: "ListProfileObjectTypesRequestTypeDef"
) -> Answer:
    """The object types of a domain that the caller may get, by name, without fields and keys."""
    domain = domains.require(context, request["DomainName"])
    scope = ("ListProfileObjectTypes", domain.id)
    after = paging.decode(scope, request.get("NextToken"), context.now) or ""
    size = request.get("MaxResults") or DEFAULT_PAGE

    page, more = authorizing.visible_page(
        context,
        "GetProfileObjectType",
        lambda after, limit: store.list_page(
            context.transaction, domain.id, after=after, limit=limit
        ),
        lambda item: authorizing.within(domain.name, "object-types", item.name),
        cursor_of=lambda item: item.name,
        after=after,
        size=size,
    )
    paths = [resource_of(item.name) for item in page]
    page_tags = tags.list_of_resources(context, domain.id, paths)
    available = _available(context, domain)
    return {
        "Items": [
            item.as_list_item(page_tags.get(resource_of(item.name), {}), available=available)
            for item in page
        ],
        "NextToken": paging.encode(scope, page[-1].name, context.now) if more else None,
    }


@operation("ListProfileObjectTypeTemplates", reads_only=True)
def list_profile_object_type_templates(
    context: Context, request: "ListProfileObjectTypeTemplatesRequestTypeDef"
) -> Answer:
    """The predefined object types, by id."""
    scope = ("ListProfileObjectTypeTemplates",)
    after = paging.decode(scope, request.get("NextToken"), context.now) or ""
    size = request.get("MaxResults") or DEFAULT_PAGE

    rest = [name for name in template.all_definitions() if name > after]
    page, token = paging.cut(scope, rest, size, context.now, cursor_of=str)
    return {
        "Items": [template.as_list_item(name) for name in page],
        "NextToken": token,
    }


@operation("GetProfileObjectTypeTemplate", reads_only=True)
def get_profile_object_type_template(
    context: Context,  # noqa: ARG001 - every operation takes one; templates belong to no domain
    request: "GetProfileObjectTypeTemplateRequestTypeDef",
) -> Answer:
    """A predefined object type with its fields and keys."""
    found = template.find(request["TemplateId"])
    if found is None:
        raise ResourceNotFound(f"Profile object type template {request['TemplateId']} not found")
    return template.as_response(found)


class DescribeRequest(TypedDict):
    """Nothing: it is the same for everybody."""


@operation(
    "DescribeStandardObjects",
    reads_only=True,
    route=Route("GET", "/standard-objects", DescribeRequest),
)
def describe_standard_objects(
    context: Context,  # noqa: ARG001 - every operation takes one; it belongs to no domain
    request: DescribeRequest,  # noqa: ARG001 - the same
) -> Answer:
    """What a mapping can lead to: the standard objects with their identifier and all targets, and
    the keys that every domain has. A target that ends with a dot takes any name after it.
    """
    return describing.described()


@operation("DetectProfileObjectType", reads_only=True)
def detect_profile_object_type(
    context: Context, request: "DetectProfileObjectTypeRequestTypeDef"
) -> Answer:
    """The object type that would fit sample objects (reference §11)."""
    domains.require(context, request["DomainName"])
    return {"DetectedProfileObjectTypes": detecting.detect(request["Objects"])}


def _put_keys(
    context: Context, domain: Domain, *, name: str, definition: Mapping[str, Any]
) -> None:
    declared = key_rules.declared_types(definition)
    in_domain = checking.keys_elsewhere(context, domain, name, declared)
    for problem in key_rules.find_problems_of_names(declared, in_domain):
        raise BadRequest(problem.message)
    store.put_keys(context.transaction, domain.id, declared)


def _available(context: Context, domain: Domain) -> int:
    _, claimed = store.count_and_claims(context.transaction, domain.id)
    return max(context.settings.objects_per_profile - claimed, 0)


def _as_response(
    context: Context, domain: Domain, found: ObjectType, *, available: int
) -> dict[str, Any]:
    own_tags = tags.list_of(context, domain.id, resource_of(found.name))
    return found.as_response(own_tags, available=available)


OPERATIONS: tuple[Operation, ...] = (
    put_profile_object_type,
    get_profile_object_type,
    list_profile_object_types,
    list_profile_object_type_templates,
    get_profile_object_type_template,
    describe_standard_objects,
    detect_profile_object_type,
)
