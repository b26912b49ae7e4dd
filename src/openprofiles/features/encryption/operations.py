"""Operations on the encryption of a domain, beyond the AWS API."""

from dataclasses import replace
from datetime import datetime
from typing import Any, NotRequired, TypedDict

from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.encryption import continuing, store
from openprofiles.features.encryption.following import work_afterwards
from openprofiles.storage import journal
from openprofiles.storage.encryption import (
    Scope,
    State,
    cipher_of,
    is_usable,
    list_keys,
    renew_keys,
)

_PATH = "/domains/{DomainName}/encryption"


class EncryptionRequest(TypedDict):
    """The domain whose encryption is meant."""

    DomainName: DomainName


class ContinueRequest(TypedDict):
    """`DomainName` and how many `Rounds` to go at most, or `After`: the next domain of any account
    behind it.
    """

    DomainName: NotRequired[str]
    After: NotRequired[int]
    Rounds: NotRequired[int]


@operation("GetEncryption", reads_only=True, route=Route("GET", _PATH, EncryptionRequest))
def get_encryption(context: Context, request: EncryptionRequest) -> Answer:
    """Which keys a domain and its object types seal with, whether they can be used at the moment,
    and how far the domain is sealed anew.
    """
    domain = domains.require(context, request["DomainName"])
    cipher = cipher_of(context.transaction, domain.id)
    state = cipher.state if cipher else State()
    current = state.numbers()
    work = store.find(context.transaction, domain.id)
    return {
        "DomainName": domain.name,
        "Status": _status(state, is_working=work is not None),
        "IsUsable": is_usable(context.transaction, domain.id),
        "DataKeys": [
            _data_key(key.kind, key.object_type, key.named_key, key.made_at, key.number in current)
            for key in list_keys(context.transaction, domain.id)
        ],
        "RowsDone": work.rows if work else None,
        "StartedAt": work.started_at if work else None,
        "LastUpdatedAt": work.updated_at if work else None,
    }


@operation("RotateEncryption", route=Route("POST", f"{_PATH}/rotate", EncryptionRequest))
def rotate_encryption(context: Context, request: EncryptionRequest) -> Answer:
    """Give a domain fresh data keys, under the keys that it and its object types name, and seal all
    that it holds with them, in the background.

    BadRequest when the domain has no key, or is still being encrypted or decrypted.
    """
    domain = domains.own(context, request["DomainName"])
    cipher = cipher_of(context.transaction, domain.id)
    if cipher is None:
        raise BadRequest(f"Domain {domain.name} and its object types have no encryption key")
    if cipher.state.is_turning:
        raise BadRequest(f"Domain {domain.name} is still being encrypted or decrypted")
    cipher.require()
    scope = Scope(
        domain_id=domain.id, account_id=context.caller.account_id, domain_name=domain.name
    )
    renew_keys(context.transaction, scope, now=context.now)
    journal.append(
        context.transaction,
        domain.id,
        [journal.Entry(kind="encryption.rotated")],
        caller=context.caller,
        now=context.now,
    )
    work_afterwards(context, domain.name)
    return {"DomainName": domain.name, "Status": "RESEALING"}


@operation("ContinueEncryption")
def continue_encryption(context: Context, request: ContinueRequest) -> Answer:
    """Seal some more of a domain anew, with the keys that it has now.

    `IsDone` says that the domain has nothing left; `After` is its number, None when there is none.
    A domain whose key cannot be used at the moment is left for later.
    """
    name = request.get("DomainName")
    if name is not None:
        is_done = continuing.continue_in(context, name)
        rounds = request.get("Rounds", 1) - 1
        if not is_done and rounds:
            follow = {"DomainName": name, "Rounds": rounds}
            context.afterwards.append(("ContinueEncryption", follow))
        return {"After": None, "IsDone": is_done}
    due = store.find_due(context.transaction, after=request.get("After", 0))
    if due is None:
        return {"After": None, "IsDone": True}
    account_id, name, domain_id = due
    if not is_usable(context.transaction, domain_id):
        return {"After": domain_id, "IsDone": True}
    own = replace(context, caller=replace(context.caller, account_id=account_id))
    return {"After": domain_id, "IsDone": continuing.continue_in(own, name)}


def _status(state: State, *, is_working: bool) -> str:
    if state.is_turning:
        return "ENCRYPTING" if state.index is not None else "DECRYPTING"
    if is_working:
        return "RESEALING"
    return "ENCRYPTED" if state.numbers() else "NOT_ENCRYPTED"


def _data_key(
    kind: str, object_type: str | None, named_key: str, made_at: datetime, is_current: bool
) -> dict[str, Any]:
    members = {
        "Kind": kind,
        "ObjectTypeName": object_type,
        "EncryptionKey": named_key,
        "MadeAt": made_at,
        "IsCurrent": is_current,
    }
    return {name: value for name, value in members.items() if value is not None}


OPERATIONS: tuple[Operation, ...] = (get_encryption, rotate_encryption, continue_encryption)
