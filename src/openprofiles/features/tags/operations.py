"""The tag operations, and what the rooms above use to tag what they own."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.core.text import require_storable
from openprofiles.features.context import Context
from openprofiles.features.tags import resource, store
from openprofiles.features.tags.resource import Resource
from openprofiles.storage import locks

if TYPE_CHECKING:
    from types_boto3_customer_profiles.type_defs import (
        ListTagsForResourceRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )

MOST_TAGS = 50
"""Tags of one resource (core reference §1.6; not adjustable)."""


@operation("TagResource")
def tag_resource(context: Context, request: "TagResourceRequestTypeDef") -> Answer:
    """Add or overwrite tags by key; BadRequest when the resource would have more than 50."""
    target = resource.parse(request["resourceArn"])
    tags = request["tags"]
    require_storable("tags", tags)
    domain_id = _require_for_write(context, target)

    if len(list_of(context, domain_id, target.path).keys() | tags.keys()) > MOST_TAGS:
        raise BadRequest(f"A resource has at most {MOST_TAGS} tags")

    store.upsert(context.transaction, domain_id, target.path, tags)
    return {}


@operation("UntagResource")
def untag_resource(context: Context, request: "UntagResourceRequestTypeDef") -> Answer:
    """Remove tags by key; keys that the resource does not have are ignored."""
    target = resource.parse(request["resourceArn"])
    domain_id = _require_for_write(context, target)

    store.delete_keys(context.transaction, domain_id, target.path, request["tagKeys"])
    return {}


@operation("ListTagsForResource", reads_only=True)
def list_tags_for_resource(
    context: Context, request: "ListTagsForResourceRequestTypeDef"
) -> Answer:
    """All tags of a resource."""
    target = resource.parse(request["resourceArn"])
    domain_id = _require(context, target)

    return {"tags": list_of(context, domain_id, target.path)}


def replace(context: Context, domain_id: int, path: str, tags: Mapping[str, str] | None) -> None:
    """Give a resource that was just created its tags, and no others."""
    require_storable("Tags", tags)
    store.delete_of_resource(context.transaction, domain_id, path)
    if tags:
        store.upsert(context.transaction, domain_id, path, tags)


def list_of(context: Context, domain_id: int, path: str) -> dict[str, str]:
    """The tags of one resource: `object-types/Orders`, or the empty path for the domain itself."""
    return store.list_of_resources(context.transaction, domain_id, [path]).get(path, {})


def list_of_resources(
    context: Context, domain_id: int, paths: Sequence[str]
) -> dict[str, dict[str, str]]:
    """The tags of several resources of a domain, by path; those without any are left out."""
    return store.list_of_resources(context.transaction, domain_id, paths)


def list_of_domains(context: Context, domain_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """The tags of several domains themselves, by id; those without any are left out."""
    return store.list_of_domains(context.transaction, domain_ids)


def list_by_name(
    context: Context, domain_names: Sequence[str], paths: Sequence[str]
) -> dict[tuple[str, str], dict[str, str]]:
    """The tags of domains of the caller's account and of these paths in each of them, by the
    domain's name and path; the domain's own path is empty.
    """
    account_id = context.caller.account_id
    return store.list_by_name(context.transaction, account_id, domain_names, ["", *paths])


def delete_under(context: Context, domain_id: int, path: str) -> None:
    """Remove the tags of a resource; with the empty path those of all that the domain holds."""
    if path:
        store.delete_of_resource(context.transaction, domain_id, path)
    else:
        store.delete_of_domain(context.transaction, domain_id)


def _require_for_write(context: Context, target: Resource) -> int:
    locks.share_domain(context.transaction, context.caller.account_id, target.domain_name)
    domain_id = _require(context, target)
    # Two callers that tag one resource take turns, or together they could pass the limit.
    locks.own_keys(context.transaction, domain_id, [("tags", target.path)])
    return domain_id


def _require(context: Context, target: Resource) -> int:
    domain_id = _find_domain(context, target)
    if domain_id is None or not _exists(context, domain_id, target):
        raise ResourceNotFound("The resource that resourceArn names does not exist")
    return domain_id


def _find_domain(context: Context, target: Resource) -> int | None:
    caller = context.caller
    if (target.account_id, target.region) != (caller.account_id, caller.region):
        return None
    return store.find_domain(context.transaction, caller.account_id, target.domain_name)


def _exists(context: Context, domain_id: int, target: Resource) -> bool:
    match target.kind, target.name:
        case None, _:
            return True
        case "object-types", str(name):
            return store.has_object_type(context.transaction, domain_id, name)
        case "integrations", str(uri):
            return store.has_integration(context.transaction, domain_id, uri)
        case _:
            # No other kind can be made yet (features/gaps.py).
            return False


OPERATIONS: tuple[Operation, ...] = (tag_resource, untag_resource, list_tags_for_resource)
