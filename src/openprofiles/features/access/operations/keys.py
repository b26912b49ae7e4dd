"""Operations on access keys. A secret is in the answer that makes it, and nowhere else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from operator import attrgetter
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from openprofiles.core import paging
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Parameters, Route, operation
from openprofiles.features.access import builtin, key
from openprofiles.features.access.key import Key
from openprofiles.features.access.operations.policies import (
    PolicyDocument,
    PolicyName,
    require_sound,
)
from openprofiles.features.access.store import keys, policies
from openprofiles.features.context import Context
from openprofiles.storage import locks
from openprofiles.storage.sealing import open_seal

MOST_KEYS = 5_000
DEFAULT_PAGE = 100
DEFAULT_OVERLAP = 24 * 3600
KEPT_EXPIRED = timedelta(days=30)
EVERY_ACCOUNT = "*"
FIRST_NAME = "admin"

_PATH = "/access-keys"
_ONE = f"{_PATH}/{{AccessKeyId}}"

AccessKeyId = Annotated[str, Meta(min_length=16, max_length=128, pattern=r"^[A-Z0-9]+\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[\w+=,.@-]+\Z")]
Policies = Annotated[list[PolicyName], Meta(max_length=10)]


class CreateAccessKeyRequest(TypedDict):
    """Who the key is of, and what it may do: policies by name, and one of its own as a document.

    With `DurationSeconds` the key is temporary: it has a session token, and expires.
    """

    Name: Name
    Policies: NotRequired[Policies]
    PolicyDocument: NotRequired[PolicyDocument]
    DurationSeconds: NotRequired[Annotated[int, Meta(ge=60, le=30 * 24 * 3600)]]


class UpdateAccessKeyPoliciesRequest(TypedDict):
    """All policies that the key has from now on."""

    AccessKeyId: AccessKeyId
    Policies: NotRequired[Policies]
    PolicyDocument: NotRequired[PolicyDocument]


class RotateAccessKeyRequest(TypedDict):
    """How long the old key stays valid: a day unless said."""

    AccessKeyId: AccessKeyId
    OverlapSeconds: NotRequired[Annotated[int, Meta(ge=0, le=30 * 24 * 3600)]]


class AccessKeyRequest(TypedDict):
    """One key of the account."""

    AccessKeyId: AccessKeyId


class ListAccessKeysRequest(TypedDict):
    """A page of the account's keys."""

    NextToken: NotRequired[Annotated[str, Meta(min_length=1, max_length=1024)]]
    MaxResults: NotRequired[Annotated[int, Meta(ge=1, le=1000)]]


@operation("CreateAccessKey", route=Route("POST", _PATH, CreateAccessKeyRequest))
def create_access_key(context: Context, request: CreateAccessKeyRequest) -> Answer:
    """Make an access key; its secret is shown here and never again.

    BadRequest without any policy, with one that there is not, or beyond 5,000 keys.
    """
    account_id = context.caller.account_id
    locks.own_account(context.transaction, account_id)
    names = _require_policies(context, request)
    keys.delete_expired(context.transaction, account_id, before=context.now - KEPT_EXPIRED)
    seconds = request.get("DurationSeconds")
    lifetime = None if seconds is None else timedelta(seconds=seconds)
    return _make(
        context,
        name=request["Name"],
        names=names,
        inline=request.get("PolicyDocument"),
        lifetime=lifetime,
    )


@operation("ListAccessKeys", reads_only=True, route=Route("GET", _PATH, ListAccessKeysRequest))
def list_access_keys(context: Context, request: ListAccessKeysRequest) -> Answer:
    """The keys of the account without their secrets, each with its last use (to the minute)."""
    account_id = context.caller.account_id
    scope = ("ListAccessKeys", account_id)
    after = paging.decode(scope, request.get("NextToken"), context.now) or ""
    size = request.get("MaxResults") or DEFAULT_PAGE
    found = keys.list_page(context.transaction, account_id, after=after, limit=size + 1)
    page, token = paging.cut(scope, found, size, context.now, cursor_of=attrgetter("id"))
    return {
        "Items": [item.as_response(context.now) for item in page],
        "NextToken": token,
    }


@operation("GetAccessKey", reads_only=True, route=Route("GET", _ONE, AccessKeyRequest))
def get_access_key(context: Context, request: AccessKeyRequest) -> Answer:
    """A key without its secret, with its last use (to the minute)."""
    found = keys.find(context.transaction, context.caller.account_id, request["AccessKeyId"])
    if found is None:
        raise _missing(request["AccessKeyId"])
    return found.as_response(context.now)


@operation("RotateAccessKey", route=Route("POST", f"{_ONE}/rotate", RotateAccessKeyRequest))
def rotate_access_key(context: Context, request: RotateAccessKeyRequest) -> Answer:
    """Make another key of the same name and policies; the old one expires after an overlap.

    BadRequest for a temporary key, which is made anew, and for one that is not active.
    """
    old = _require_for_change(context, request["AccessKeyId"])
    if old.expires_at is not None or not old.is_enabled:
        raise BadRequest("Only an active key that does not expire can be rotated")
    overlap = timedelta(seconds=request.get("OverlapSeconds", DEFAULT_OVERLAP))
    keys.update(context.transaction, replace(old, expires_at=context.now + overlap))
    return _make(context, name=old.name, names=old.policies, inline=old.inline, lifetime=None)


@operation("DisableAccessKey", route=Route("POST", f"{_ONE}/disable", AccessKeyRequest))
def disable_access_key(context: Context, request: AccessKeyRequest) -> Answer:
    """Let a key sign nothing any more, until it is enabled again."""
    return _change(context, request["AccessKeyId"], is_enabled=False)


@operation("EnableAccessKey", route=Route("POST", f"{_ONE}/enable", AccessKeyRequest))
def enable_access_key(context: Context, request: AccessKeyRequest) -> Answer:
    """Let a disabled key sign again."""
    return _change(context, request["AccessKeyId"], is_enabled=True)


@operation(
    "UpdateAccessKeyPolicies",
    route=Route("PUT", f"{_ONE}/policies", UpdateAccessKeyPoliciesRequest),
)
def update_access_key_policies(context: Context, request: UpdateAccessKeyPoliciesRequest) -> Answer:
    """Replace the policies of a key."""
    found = _require_for_change(context, request["AccessKeyId"])
    names = _require_policies(context, request)
    changed = replace(found, policies=names, inline=request.get("PolicyDocument"))
    keys.update(context.transaction, changed)
    return changed.as_response(context.now)


@operation("DeleteAccessKey", route=Route("DELETE", _ONE, AccessKeyRequest))
def delete_access_key(context: Context, request: AccessKeyRequest) -> Answer:
    """Remove a key and its secret."""
    account_id = context.caller.account_id
    if not keys.delete(context.transaction, account_id, request["AccessKeyId"]):
        raise _missing(request["AccessKeyId"])
    return {"Message": "OK"}


@operation("MakeFirstAccessKey")
def make_first_access_key(context: Context, _: Parameters) -> Answer:
    """Make a key that may do everything, if no account has any key yet; else nothing."""
    locks.own_account(context.transaction, EVERY_ACCOUNT)
    if keys.has_any(context.transaction):
        return {}
    return _make(context, name=FIRST_NAME, names=("admin",), inline=None, lifetime=None)


def _make(
    context: Context,
    *,
    name: str,
    names: Sequence[str],
    inline: str | None,
    lifetime: timedelta | None,
) -> Answer:
    account_id = context.caller.account_id
    if keys.count(context.transaction, account_id) >= MOST_KEYS:
        raise BadRequest(f"The account has {MOST_KEYS} access keys, the most there are")
    is_temporary = lifetime is not None
    key_id = key.new_id(is_temporary=is_temporary)
    secret = key.new_secret(is_temporary=is_temporary)
    made = Key(
        id=key_id,
        account_id=account_id,
        name=name,
        sealed=key.seal(open_seal(context.settings), key_id, secret),
        policies=tuple(names),
        inline=inline,
        is_enabled=True,
        created_at=context.now,
        expires_at=None if lifetime is None else context.now + lifetime,
    )
    keys.insert(context.transaction, made)
    return made.as_response(context.now) | secret.as_response()


def _require_policies(
    context: Context, request: CreateAccessKeyRequest | UpdateAccessKeyPoliciesRequest
) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(request.get("Policies", ())))
    document = request.get("PolicyDocument")
    if document is not None:
        require_sound("PolicyDocument", document)
    elif not names:
        raise BadRequest("A key needs Policies or a PolicyDocument: without one it may do nothing")
    missing = policies.missing(context.transaction, context.caller.account_id, builtin.names(names))
    if missing:
        raise ResourceNotFound(f"Policy {missing[0]} does not exist")
    return names


def _require_for_change(context: Context, key_id: str) -> Key:
    locks.own_account(context.transaction, context.caller.account_id)
    found = keys.find(context.transaction, context.caller.account_id, key_id)
    if found is None:
        raise _missing(key_id)
    return found


def _change(context: Context, key_id: str, *, is_enabled: bool) -> Answer:
    changed = replace(_require_for_change(context, key_id), is_enabled=is_enabled)
    keys.update(context.transaction, changed)
    return changed.as_response(context.now)


def _missing(key_id: str) -> ResourceNotFound:
    return ResourceNotFound(f"Access key {key_id} does not exist")


OPERATIONS: tuple[Operation, ...] = (
    create_access_key,
    list_access_keys,
    get_access_key,
    rotate_access_key,
    disable_access_key,
    enable_access_key,
    update_access_key_policies,
    delete_access_key,
    make_first_access_key,
)
