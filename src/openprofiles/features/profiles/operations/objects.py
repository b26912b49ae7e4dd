"""Putting, listing and deleting profile objects, and deleting an object type with them (core
reference §2.5, §4, §11).
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Any, NotRequired, TypedDict

import msgspec
from msgspec import Meta

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.core.operation import Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.profiles import profile_object, removal, search, store
from openprofiles.features.profiles.profile_object import StandardRecord
from openprofiles.features.profiles.working_set import Key
from openprofiles.storage import journal
from openprofiles.storage.journal import Entry

if TYPE_CHECKING:
    from types_boto3_customer_profiles import type_defs as shapes

_DEFAULT_PAGE = 100
_MOST_COUNTED = 100_000


@operation("ListProfileObjects", reads_only=True)
def list_profile_objects(
    context: Context, request: "shapes.ListProfileObjectsRequestTypeDef"
) -> dict[str, Any]:
    """A profile's objects of a type as they were sent, or its standard records (`_asset`, …), the
    newest first.
    """
    domain = domains.require(context, request["DomainName"])
    type_name = request["ObjectTypeName"]
    is_record = object_types.standard_objects.find(type_name) is not None
    if not is_record and not object_types.is_known_type(context, domain, type_name):
        raise _no_such_type(domain, type_name)
    profile_id = request["ProfileId"]
    if not store.profile_exists(context.transaction, domain.id, profile_id):
        raise ResourceNotFound(f"Profile {profile_id} not found in domain {domain.name}")
    keys = _filter_keys(context, domain, request.get("ObjectFilter"))
    scope = ("ListProfileObjects", domain.id, profile_id, type_name, keys)
    before = paging.decode_id(scope, request.get("NextToken"), context.now)
    size = request.get("MaxResults", _DEFAULT_PAGE)
    find = _record_items if is_record else _object_items
    items = find(context, domain, profile_id, type_name, keys=keys, before=before, limit=size + 1)
    page, token = paging.cut(scope, items, size, context.now, cursor_of=itemgetter(0))
    return {"Items": [item for _, item in page], "NextToken": token}


def _object_items(
    context: Context, domain: domains.Domain, profile_id: Id, type_name: str, **page: Any
) -> list[tuple[Id, dict[str, Any]]]:
    rows = store.list_page_of_objects(context.transaction, domain.id, profile_id, type_name, **page)
    return [
        (written_id, _item(type_name, profile_object.as_text(bytes(key)), document))
        for written_id, key, document in rows
    ]


def _record_items(
    context: Context, domain: domains.Domain, profile_id: Id, type_name: str, **page: Any
) -> list[tuple[Id, dict[str, Any]]]:
    records = store.list_page_of_records(
        context.transaction, domain.id, profile_id, type_name, **page
    )
    return [
        (record.written_id, _item(type_name, _record_key(record), _record_text(record)))
        for record in records
    ]


def _item(type_name: str, key: str, text: str) -> dict[str, Any]:
    return {"ObjectTypeName": type_name, "ProfileObjectUniqueKey": key, "Object": text}


def _record_key(record: StandardRecord) -> str:
    digest = profile_object.unique_key(record.record_type, record.id)
    return profile_object.as_text(digest)


def _record_text(record: StandardRecord) -> str:
    """The standard object as JSON: generated id, source, nested members, Attributes even when
    empty.
    """
    source = record.fed_by[-1][0]
    content: dict[str, Any] = {
        object_types.standard_objects.all_objects()[record.record_type].id_field: record.id
    }
    for path, value in record.fields.items():
        _nest(content, path, value)
    content = {**content, "DataSource": source}
    content.setdefault("Attributes", {})
    return msgspec.json.encode(content).decode()


def _nest(content: dict[str, Any], path: str, value: Any) -> None:
    """Put a flat path into nested members; what follows `Attributes.` is one name, whatever dots
    it has.

    Objects that disagree about an open member can have left both text and members there (`Seat.Row`
    and `Seat.Row.Number`): the members are shown.
    """
    member, _, rest = path.partition(".")
    inner = content.get(member)
    if not rest:
        content[member] = inner if isinstance(inner, dict) else value
        return
    if not isinstance(inner, dict):
        inner = content[member] = {}
    if member == "Attributes":
        inner[rest] = value
    else:
        _nest(inner, rest, value)


def _filter_keys(
    context: Context, domain: domains.Domain, object_filter: Mapping[str, Any] | None
) -> Sequence[Key] | None:
    """The key values an object may hold to pass the filter; None = all pass."""
    if object_filter is None:
        return None
    name, values = object_filter["KeyName"], object_filter["Values"]
    if not values:
        raise BadRequest("Values of ObjectFilter is empty")
    return [(name, value) for value in search.lookup_values(context, domain, name, values)]


class CountRequest(TypedDict):
    """A domain; of each type objects are counted up to `AtMost`."""

    DomainName: DomainName
    AtMost: NotRequired[Annotated[int, Meta(ge=1, le=10_000_000)]]


@operation(
    "CountProfileObjects",
    reads_only=True,
    route=Route("GET", "/domains/{DomainName}/object-counts", CountRequest),
)
def count_profile_objects(context: Context, request: CountRequest) -> dict[str, Any]:
    """How many objects of each type a domain has, types that nobody defined included; up to
    `AtMost` (100,000) of each, `IsExact` where that are all.
    """
    domain = domains.require(context, request["DomainName"])
    most = request.get("AtMost", _MOST_COUNTED)
    counts = store.count_by_type(context.transaction, domain.id, most=most + 1)
    return {
        "Items": [
            {"ObjectTypeName": name, "ObjectCount": min(count, most), "IsExact": count <= most}
            for name, count in counts
        ]
    }


@operation("DeleteProfileObject")
def delete_profile_object(
    context: Context, request: "shapes.DeleteProfileObjectRequestTypeDef"
) -> dict[str, Any]:
    """The object goes with its key values; the profile's fields stay (§4.8)."""
    domain = domains.require_for_write(context, request["DomainName"])
    type_name = request["ObjectTypeName"]
    if not object_types.is_known_type(context, domain, type_name):
        raise _no_such_type(domain, type_name)
    profile_id = request["ProfileId"]
    key = profile_object.from_text(request["ProfileObjectUniqueKey"])
    items = [
        item
        for item in store.find_objects(context.transaction, domain.id, [(type_name, key)])
        if item.profile_id == profile_id
    ]
    if not items or not removal.remove_objects(context, domain, items, kind="object.deleted"):
        raise ResourceNotFound(
            f"Profile object of type {type_name} with this ProfileObjectUniqueKey not found "
            f"on profile {profile_id}"
        )
    return {"Message": "OK"}


@operation("DeleteProfileObjectType")
def delete_profile_object_type(
    context: Context, request: "shapes.DeleteProfileObjectTypeRequestTypeDef"
) -> dict[str, Any]:
    """The type goes with its objects, their keys, and the profile fields whose value came from
    it.
    """
    domain = domains.own(context, request["DomainName"])
    name = request["ObjectTypeName"]
    if not object_types.is_known_type(context, domain, name):
        raise _no_such_type(domain, name)
    removal.remove_object_type(context, domain, name)
    object_types.delete(context, domain, name)
    journal.append(
        context.transaction,
        domain.id,
        [Entry(kind="object_type.deleted", subject=name)],
        caller=context.caller,
        now=context.now,
    )
    return {"Message": "OK"}


def _no_such_type(domain: domains.Domain, name: str) -> ResourceNotFound:
    return ResourceNotFound(f"Profile object type {name} not found in domain {domain.name}")


OPERATIONS = (
    list_profile_objects,
    count_profile_objects,
    delete_profile_object,
    delete_profile_object_type,
)
