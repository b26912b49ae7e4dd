"""Removes people everywhere.

All that an index leads to goes in one transaction, with the receipt. Rejected objects are on no
profile and have to be looked through: that comes after it, in steps, and goes on until it is done
whatever dies. What is looked for is sealed in the receipt until then.
"""

import hashlib
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from openprofiles.core.errors import ServiceError
from openprofiles.core.ids import Id
from openprofiles.features import (
    domains,
    history,
    matching,
    object_types,
    profiles,
    rejections,
    rules,
)
from openprofiles.features.context import Context
from openprofiles.features.erasure import store
from openprofiles.features.erasure.marks import Marks
from openprofiles.features.erasure.store import Erasure
from openprofiles.storage.sealing import open_seal

OBJECTS_AT_ONCE = 2000


def erase(
    context: Context, domain: domains.Domain, ids: Sequence[Id], *, tombstone: bool = False
) -> Erasure:
    """Remove profiles and all that is held on them; the receipt. With `tombstone`, the caller owns
    the domain, and no object with their key values is taken until it is lifted.
    """
    fields = profiles.read_fields(context, domain, ids)
    removed = profiles.remove_people(context, domain, ids, kind="profile.deleted")
    entries, versions = history.redact(context, domain, ids)
    of_matching = matching.forget_profiles(context, domain, fields, ids)
    rules.forget_profiles(context, domain, ids)
    marks = _marks(context, domain, removed)
    erasure_id = context.ordered_id()
    values = 0
    if tombstone:
        values = profiles.add_tombstone(context, domain, erasure_id, marks.keys)
    erasure = Erasure(
        id=erasure_id,
        erased_at=context.now,
        finished_at=None,
        profile_ids=list(ids),
        principal=context.caller.principal,
        request_id=context.caller.request_id,
        counts={
            "Profiles": len(removed.profile_ids),
            "Objects": len(removed.objects),
            "FormerObjects": versions,
            "StandardRecords": removed.records,
            "Keys": len(removed.keys),
            "JournalEntries": entries,
            "Merges": removed.merges,
            **of_matching,
            "RejectedObjects": 0,
            "DeadLetters": 0,
        },
        digest=None,
        pending=None,
        position=None,
        tombstone_values=values,
    )
    if (marks.keys or marks.objects) and rejections.has_any(context, domain):
        sealed = open_seal(context.settings).close(msgspec.json.encode(marks))
        erasure = replace(erasure, pending=sealed)
        request = {"DomainName": domain.name, "ErasureId": erasure_id}
        context.afterwards.append(("ContinueErasure", request))
    else:
        erasure = _finished(context, erasure)
    arn = context.caller.principal_arn
    store.insert(context.transaction, domain.id, erasure, principal_arn=arn)
    return erasure


def go_on(context: Context, domain: domains.Domain, erasure: Erasure) -> Erasure:
    """Look through the next rejected objects for those of the person; the receipt as it is then."""
    if erasure.pending is None:
        return erasure
    marks = msgspec.json.decode(open_seal(context.settings).open(erasure.pending), type=Marks)
    is_theirs = marks.finder(lambda name: find_mapping(context, domain, name))
    counts, place, left = dict(erasure.counts), erasure.position, OBJECTS_AT_ONCE
    while left:
        page = rejections.read_page(context, domain, place, limit=left)
        objects, letters = rejections.remove_those(context, domain, page, is_theirs)
        counts["RejectedObjects"] += objects
        counts["DeadLetters"] += letters
        left -= len(page.objects) + len(page.letters)
        place = page.place
        if place is None:
            break
    erasure = replace(erasure, counts=counts, position=place)
    if place is not None:
        store.note_progress(
            context.transaction, domain.id, erasure.id, counts=counts, position=place
        )
        return erasure
    erasure = _finished(context, erasure)
    store.finish(
        context.transaction,
        domain.id,
        erasure.id,
        counts=counts,
        digest=erasure.digest or "",
        now=context.now,
    )
    return erasure


def find_mapping(
    context: Context, domain: domains.Domain, object_type: str
) -> object_types.Mapping | None:
    """The mapping of a type; None when there is none any more."""
    try:
        return object_types.require_mapping(context, domain, object_type)
    except ServiceError:
        return None


def marks_of(
    context: Context,
    domain: domains.Domain,
    keys: Sequence[tuple[str, str]],
    objects: Sequence[tuple[str, bytes]],
    ids: Sequence[Id],
) -> Marks:
    """By what the rejected objects of profiles are told: by key values that no other profile has,
    and that do not only name somebody.
    """
    wanted = [key for key in keys if key[0] not in profiles.SHARED_BY_MANY]
    holders = profiles.list_holders(context, domain, wanted)
    own = [key for key in wanted if set(holders.get(key, ())) <= set(ids)]
    return Marks(keys=own, objects=[key.hex() for _, key in objects])


def _marks(context: Context, domain: domains.Domain, removed: profiles.Removed) -> Marks:
    keys = [key for key in removed.keys if key[0] != profiles.ALIAS]
    return marks_of(context, domain, keys, removed.objects, removed.profile_ids)


def _finished(context: Context, erasure: Erasure) -> Erasure:
    """The receipt of an erasure that is done, with a digest of what it says."""
    said = {
        "id": erasure.id,
        "erased_at": erasure.erased_at.isoformat(),
        "finished_at": context.now.isoformat(),
        "profile_ids": erasure.profile_ids,
        "principal": erasure.principal,
        "request_id": erasure.request_id,
        "counts": dict(sorted(erasure.counts.items())),
    }
    digest = hashlib.sha256(msgspec.json.encode(said)).hexdigest()
    return replace(erasure, finished_at=context.now, digest=digest, pending=None, position=None)
