"""CreateProfile, UpdateProfile, BatchGetProfile (core reference §2.3, §11)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.core.operation import operation
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import (
    loading,
    profile,
    provenance,
    store,
)
from openprofiles.features.profiles.profile import Fields, Profile
from openprofiles.features.profiles.provenance import Provenance
from openprofiles.features.profiles.working_set import WorkingSet
from openprofiles.storage.journal import Entry

if TYPE_CHECKING:
    from types_boto3_customer_profiles import type_defs as shapes


@operation("CreateProfile")
def create_profile(
    context: Context, request: "shapes.CreateProfileRequestTypeDef"
) -> dict[str, Any]:
    """A new profile each time; duplicates are not looked for."""
    domain = domains.require_for_write(context, request["DomainName"])
    given = profile.flatten(request)
    made = Profile(context.ordered_id(), created_at=context.now, written_at=context.now)
    working = WorkingSet()
    working.add_profile(made)
    _write(context, working, made, given)
    working.journal.append(
        Entry(
            kind="profile.created", profile_id=made.id, detail={"fields_before": _before({}, given)}
        )
    )
    store.flush(context, domain, working)
    return {"ProfileId": made.id}


@operation("UpdateProfile")
def update_profile(
    context: Context, request: "shapes.UpdateProfileRequestTypeDef"
) -> dict[str, Any]:
    """Absent members keep their value, an empty text removes it; what is written becomes manual
    (§4.6).
    """
    domain = domains.require_for_write(context, request["DomainName"])
    given = profile.flatten(request)
    working = WorkingSet()
    found = require_profile(context, domain, working, request["ProfileId"])
    before, origins = found.fields, dict(found.provenance)
    _write(context, working, found, given)
    found.written_at = context.now
    working.journal.append(undoable_entry(found.id, before, origins, given))
    store.flush(context, domain, working)
    return {"ProfileId": found.id}


@operation("BatchGetProfile", reads_only=True)
def batch_get_profile(
    context: Context, request: "shapes.BatchGetProfileRequestTypeDef"
) -> dict[str, Any]:
    """Profiles in the order asked for, each once; an error for each id that is none."""
    domain = domains.require(context, request["DomainName"])
    wanted = list(dict.fromkeys(request["ProfileIds"]))
    found = store.find_fields(context.transaction, domain.id, wanted)
    return {
        "Profiles": [profile.as_response(id, found[id]) for id in wanted if id in found],
        "Errors": [
            {
                "Code": ResourceNotFound.code,
                "Message": "Profile not found",
                "ProfileId": id,
            }
            for id in wanted
            if id not in found
        ],
    }


def require_profile(
    context: Context, domain: domains.Domain, working: WorkingSet, profile_id: str
) -> Profile:
    """The profile, locked for change and put in `working`; ResourceNotFound when there is none."""
    if not loading.load_profiles(context, domain, working, [profile_id]):
        raise ResourceNotFound(f"Profile {profile_id} not found in domain {domain.name}")
    return working.profiles[profile_id]


def undoable_entry(
    profile_id: Id, fields: Fields, origins: Provenance, given: Iterable[str]
) -> Entry:
    """What the journal keeps of a change of the paths `given` by a person: the values that it
    replaces and where each came from, so that the change can be undone.
    """
    replaced = {path: origins[path] for path in given if path in origins}
    detail: dict[str, Any] = {"fields_before": _before(fields, given)}
    if replaced:
        detail["origins_before"] = provenance.encode(replaced)
    return Entry(kind="profile.updated", profile_id=profile_id, detail=detail)


def _write(context: Context, working: WorkingSet, target: Profile, given: Fields) -> None:
    """Write manual values; an empty text removes the value and frees the field."""
    fields = {**target.fields, **given}
    written = {path: value for path, value in fields.items() if value != ""}
    write = provenance.manual(context.now)
    for path in given:
        if path in written:
            target.provenance[path] = write
        else:
            target.provenance.pop(path, None)
    working.set_fields(target, written)
    profile.require_size(target)


def _before(fields: Fields, given: Iterable[str]) -> Fields:
    """What the journal keeps of a change: the values that it replaces."""
    return {path: fields.get(path) for path in given}


OPERATIONS = (create_profile, update_profile, batch_get_profile)
