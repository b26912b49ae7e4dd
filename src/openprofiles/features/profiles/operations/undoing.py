"""UndoProfileUpdate, beyond the AWS API: what somebody wrote by hand is what it was before, and its
sources may write it as before.
"""

from typing import Any, TypedDict

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import LAST, Id
from openprofiles.core.operation import Answer, Route, operation
from openprofiles.core.shapes import DomainName, ProfileId
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import profile, provenance, store
from openprofiles.features.profiles.operations.profiles import require_profile, undoable_entry
from openprofiles.features.profiles.profile import Fields, Profile
from openprofiles.features.profiles.provenance import Provenance
from openprofiles.features.profiles.working_set import WorkingSet
from openprofiles.storage import journal
from openprofiles.storage.journal import Recorded

_AT_ONCE = 500

RecordId = ProfileId
"""Records of the history have ids like profiles."""


class UndoProfileUpdateRequest(TypedDict):
    """An update of a profile, by the id of its record in the history."""

    DomainName: DomainName
    ProfileId: ProfileId
    Id: RecordId


@operation(
    "UndoProfileUpdate",
    route=Route(
        "POST",
        "/domains/{DomainName}/profiles/{ProfileId}/history/{Id}/undo",
        UndoProfileUpdateRequest,
    ),
)
def undo_profile_update(context: Context, request: UndoProfileUpdateRequest) -> Answer:
    """Give the fields that an UpdateProfile wrote the values that they had, with where those came
    from. Fields that were written since are left: `LeftFields`.

    BadRequest when that is all of them, and when the history no longer knows what was there.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    working = WorkingSet()
    found = require_profile(context, domain, working, request["ProfileId"])
    update = _require_update(context, domain, found.id, request["Id"])
    fields, origins = _before(context, update)
    later = _written_since(context, domain, found, update)
    undone = [path for path in fields if path not in later]
    if not undone:
        raise BadRequest("All that this update wrote was written anew since: nothing is left of it")
    former, sources = found.fields, dict(found.provenance)
    _restore(working, found, {path: fields[path] for path in undone}, origins)
    found.written_at = context.now
    working.journal.append(undoable_entry(found.id, former, sources, undone))
    store.flush(context, domain, working)
    return {
        "ProfileId": found.id,
        "RestoredFields": undone,
        "LeftFields": [path for path in fields if path in later],
    }


def _require_update(
    context: Context, domain: domains.Domain, profile_id: Id, record_id: Id
) -> Recorded:
    entry = journal.find(context.transaction, domain.id, record_id)
    if entry is None or entry.profile_id != profile_id:
        raise ResourceNotFound(
            f"History record {record_id} of profile {profile_id} not found in domain {domain.name}"
        )
    if entry.kind != "profile.updated":
        raise BadRequest(f"History record {record_id} is no update of the profile by UpdateProfile")
    return entry


def _before(context: Context, update: Recorded) -> tuple[Fields, Provenance]:
    """What the fields were, and where that came from: from hand where it was not noted."""
    fields: dict[str, Any] = update.detail["fields_before"]
    if not fields:
        raise BadRequest("The history no longer knows what this update replaced")
    stored = update.detail.get("origins_before")
    held = [path for path, value in fields.items() if value is not None]
    if stored is None:
        return fields, dict.fromkeys(held, provenance.manual(context.now))
    return fields, provenance.decode(stored, held)


def _written_since(
    context: Context, domain: domains.Domain, found: Profile, update: Recorded
) -> set[str]:
    """The fields that something else wrote after an update, were it the same value."""
    moment = update.at.timestamp()
    later = {path for path, write in found.provenance.items() if write.written_at > moment}
    before = LAST
    while entries := journal.list_of_profile(
        context.transaction,
        domain.id,
        found.id,
        before=before,
        after=update.id,
        limit=_AT_ONCE,
    ):
        for entry in entries:
            later.update(entry.detail.get("fields_before", ()))
        before = entries[-1].id
    return later


def _restore(working: WorkingSet, target: Profile, values: Fields, origins: Provenance) -> None:
    fields = {**target.fields, **values}
    for path, value in values.items():
        if value is None:
            fields.pop(path, None)
            target.provenance.pop(path, None)
        else:
            target.provenance[path] = origins[path]
    working.set_fields(target, fields)
    profile.require_size(target)


OPERATIONS = (undo_profile_update,)
