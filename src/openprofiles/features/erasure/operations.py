"""DeleteProfile (core reference §2.3), and what goes beyond the AWS API: erasing a person, what an
erasure would remove, receipts, tombstones, and all that is held on a person.
"""

from operator import attrgetter
from typing import TYPE_CHECKING

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.erasure import disclosing, erasing, store
from openprofiles.features.erasure.person import require_ids
from openprofiles.features.erasure.shapes import (
    EraseRequest,
    ListRequest,
    OneRequest,
    PersonRequest,
    as_response,
)
from openprofiles.features.erasure.store import Erasure
from openprofiles.storage import journal
from openprofiles.storage.journal import Entry

if TYPE_CHECKING:
    from types_boto3_customer_profiles import type_defs as shapes

_DEFAULT_PAGE = 100

_PROFILES = "/domains/{DomainName}/profiles"
_ERASURES = "/domains/{DomainName}/erasures"
_TOMBSTONES = "/domains/{DomainName}/tombstones"


@operation("DeleteProfile")
def delete_profile(context: Context, request: "shapes.DeleteProfileRequestTypeDef") -> Answer:
    """The profile goes with all that is held on it; its history says what was done, not what was
    there.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    profile_id = request["ProfileId"]
    # Held before it is read: nothing is put to it, or merged into it, while it goes.
    profiles.lock_profiles(context.transaction, domain.id, [profile_id])
    person = profiles.read_person(context, domain, [profile_id])
    if not person.profiles:
        raise ResourceNotFound(f"Profile {profile_id} not found in domain {domain.name}")
    erasing.erase(context, domain, person.ids())
    return {"Message": "OK"}


@operation("EraseProfile", route=Route("POST", f"{_PROFILES}/erase", EraseRequest))
def erase_profile(context: Context, request: EraseRequest) -> Answer:
    """Remove a person everywhere: profiles, objects, keys, values of the history, merges, matches,
    rejected objects. The receipt, which says nothing of the person.
    """
    domain = domains.own(context, request["DomainName"])
    ids = require_ids(context, domain, request)
    return as_response(
        erasing.erase(context, domain, ids, tombstone=request.get("Tombstone", False))
    )


@operation("PreviewErasure", route=Route("POST", f"{_PROFILES}/erase/preview", PersonRequest))
def preview_erasure(context: Context, request: PersonRequest) -> Answer:
    """How much of each kind EraseProfile would remove, without doing it."""
    domain = domains.require_for_write(context, request["DomainName"])
    ids = require_ids(context, domain, request)
    told = disclosing.disclose(context, domain, ids)
    return {"ProfileIds": ids, "Counts": {kind: len(found) for kind, found in told.items()}}


@operation("DiscloseProfile", route=Route("POST", f"{_PROFILES}/disclose", PersonRequest))
def disclose_profile(context: Context, request: PersonRequest) -> Answer:
    """All that is held on a person (a data subject access request)."""
    domain = domains.require_for_write(context, request["DomainName"])
    ids = require_ids(context, domain, request)
    told = disclosing.disclose(context, domain, ids)
    note = Entry(kind="profile.disclosed", profile_id=ids[0], detail={})
    journal.append(context.transaction, domain.id, [note], caller=context.caller, now=context.now)
    return {"DomainName": domain.name, "DisclosedAt": context.now, "ProfileIds": ids, **told}


@operation("ContinueErasure")
def continue_erasure(context: Context, request: OneRequest) -> Answer:
    """Look through more rejected objects for those of an erased person; whether all is done."""
    domain = domains.require_for_write(context, request["DomainName"])
    erasure = _require(context, domain, request, locks=True)
    return {"IsDone": erasing.go_on(context, domain, erasure).finished_at is not None}


@operation("FindUnfinishedErasure", reads_only=True)
def find_unfinished_erasure(context: Context, _: object) -> Answer:
    """An erasure of any account that is not done; nothing when there is none."""
    row = store.find_unfinished(context.transaction)
    if row is None:
        return {}
    return {"AccountId": row[0], "DomainName": row[1], "ErasureId": row[2]}


@operation("ListErasures", reads_only=True, route=Route("GET", _ERASURES, ListRequest))
def list_erasures(context: Context, request: ListRequest) -> Answer:
    """The receipts of erasures, the newest first."""
    return _list(context, request, "ListErasures", with_tombstones=False)


@operation(
    "GetErasure", reads_only=True, route=Route("GET", f"{_ERASURES}/{{ErasureId}}", OneRequest)
)
def get_erasure(context: Context, request: OneRequest) -> Answer:
    """A receipt."""
    domain = domains.require(context, request["DomainName"])
    return as_response(_require(context, domain, request))


@operation("ListTombstones", reads_only=True, route=Route("GET", _TOMBSTONES, ListRequest))
def list_tombstones(context: Context, request: ListRequest) -> Answer:
    """The erasures whose tombstones stand, the newest first."""
    return _list(context, request, "ListTombstones", with_tombstones=True)


@operation("DeleteTombstone", route=Route("DELETE", f"{_TOMBSTONES}/{{ErasureId}}", OneRequest))
def delete_tombstone(context: Context, request: OneRequest) -> Answer:
    """Lift the tombstone of an erasure: objects with the person's key values are taken again."""
    domain = domains.own(context, request["DomainName"])
    erasure = _require(context, domain, request, locks=True)
    if not erasure.has_tombstone:
        raise BadRequest(f"Erasure {erasure.id} has no tombstone")
    profiles.lift_tombstone(context, domain, erasure.id)
    caller = context.caller
    store.note_lifted(
        context.transaction, domain.id, erasure.id, now=context.now, principal=caller.principal
    )
    note = Entry(kind="tombstone.lifted", subject=erasure.id)
    journal.append(context.transaction, domain.id, [note], caller=caller, now=context.now)
    return {"Message": "OK"}


def _list(context: Context, request: ListRequest, name: str, *, with_tombstones: bool) -> Answer:
    domain = domains.require(context, request["DomainName"])
    scope = (name, domain.id)
    before = paging.decode_id(scope, request.get("NextToken"), context.now)
    size = request.get("MaxResults", _DEFAULT_PAGE)
    found = store.list_page(
        context.transaction,
        domain.id,
        with_tombstones=with_tombstones,
        before=before,
        limit=size + 1,
    )
    page, token = paging.cut(scope, found, size, context.now, cursor_of=attrgetter("id"))
    return {"Items": [as_response(erasure) for erasure in page], "NextToken": token}


def _require(
    context: Context, domain: domains.Domain, request: OneRequest, *, locks: bool = False
) -> Erasure:
    erasure_id = request["ErasureId"]
    erasure = store.find(context.transaction, domain.id, erasure_id, locks=locks)
    if erasure is None:
        raise ResourceNotFound(f"Erasure {erasure_id} not found in domain {domain.name}")
    return erasure


OPERATIONS: tuple[Operation, ...] = (
    delete_profile,
    erase_profile,
    preview_erasure,
    disclose_profile,
    continue_erasure,
    find_unfinished_erasure,
    list_erasures,
    get_erasure,
    list_tombstones,
    delete_tombstone,
)
