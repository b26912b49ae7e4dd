"""AddProfileKey and DeleteProfileKey (core reference §2.4)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import operation
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.profiles import store
from openprofiles.features.profiles.key import ADDED
from openprofiles.features.profiles.operations.profiles import require_profile
from openprofiles.features.profiles.search import alternatives, require_key
from openprofiles.features.profiles.working_set import Key, WorkingSet
from openprofiles.storage import locks
from openprofiles.storage.journal import Entry

if TYPE_CHECKING:
    from types_boto3_customer_profiles import type_defs as shapes


@operation("AddProfileKey")
def add_profile_key(
    context: Context, request: "shapes.AddProfileKeyRequestTypeDef"
) -> dict[str, Any]:
    """Values that the profile is found by from now on, like those of an object; adding one again
    changes nothing.
    """
    domain = domains.require_for_write(context, request["DomainName"])
    keys = _keys(context, domain, request["KeyName"], request["Values"])
    locks.own_keys(context.transaction, domain.id, keys)
    working = WorkingSet()
    found = require_profile(context, domain, working, request["ProfileId"])
    new = [key for key in keys if key not in found.added_keys]
    for key in new:
        working.hold(key, found.id, ADDED)
    found.added_keys = [*found.added_keys, *new]
    found.is_changed = True
    working.journal.append(
        Entry(kind="profile.key_added", profile_id=found.id, detail={"keys": keys})
    )
    store.flush(context, domain, working)
    return {"KeyName": request["KeyName"], "Values": list(request["Values"])}


@operation("DeleteProfileKey")
def delete_profile_key(
    context: Context, request: "shapes.DeleteProfileKeyRequestTypeDef"
) -> dict[str, Any]:
    """Values that were added, or that objects gave, go; those that follow from standard fields
    stay (§13 no. 17).
    """
    domain = domains.require_for_write(context, request["DomainName"])
    keys = _keys(context, domain, request["KeyName"], request["Values"])
    locks.own_keys(context.transaction, domain.id, keys)
    working = WorkingSet()
    found = require_profile(context, domain, working, request["ProfileId"])
    for key in keys:
        working.drop(key, found.id, ADDED)
    found.added_keys = [key for key in found.added_keys if key not in keys]
    found.is_changed = True
    working.journal.append(
        Entry(kind="profile.key_deleted", profile_id=found.id, detail={"keys": keys})
    )
    store.drop_object_keys(context.transaction, domain.id, found.id, keys)
    store.flush(context, domain, working)
    return {"Message": "OK"}


def _keys(context: Context, domain: domains.Domain, name: str, values: Sequence[str]) -> list[Key]:
    """The normalised key values of a request; BadRequest for an unknown key, `_profileId`, no or
    unusable values.
    """
    if name == "_profileId":
        raise BadRequest("KeyName _profileId cannot be added or deleted: it is the profile's id")
    if not values:
        raise BadRequest(f"Values of key {name} is empty")
    content_types = require_key(context, domain, name)
    keys = []
    for given in alternatives(content_types, values):
        value = object_types.normalise(content_types[: len(given)], given)
        if value is None:
            raise BadRequest(
                f"A value of key {name} is empty once it is normalised by its content type"
            )
        keys.append((name, value))
    return list(dict.fromkeys(keys))


OPERATIONS = (add_profile_key, delete_profile_key)
