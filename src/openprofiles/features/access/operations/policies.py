"""Operations on policies: documents with a name, which keys of the account have."""

from typing import Annotated, TypedDict

from msgspec import Meta

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.policies import InvalidPolicy, read
from openprofiles.features.access.builtin import BUILT_IN, PURPOSES
from openprofiles.features.access.store import policies
from openprofiles.features.context import Context
from openprofiles.storage import locks
from openprofiles.storage.database import Row

MOST_POLICIES = 200

_PATH = "/policies"
_ONE = f"{_PATH}/{{PolicyName}}"

PolicyName = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[\w+=,.@-]+\Z")]
PolicyDocument = Annotated[str, Meta(min_length=1, max_length=10_240)]


class PutPolicyRequest(TypedDict):
    """`PolicyDocument` is the policy's JSON, as a text."""

    PolicyName: PolicyName
    PolicyDocument: PolicyDocument


class PolicyRequest(TypedDict):
    """One policy of the account."""

    PolicyName: PolicyName


class ListPoliciesRequest(TypedDict):
    """Nothing: they are those of the caller's account."""


@operation("PutPolicy", route=Route("PUT", _ONE, PutPolicyRequest))
def put_policy(context: Context, request: PutPolicyRequest) -> Answer:
    """Make a policy or replace its document, for all keys that have it.

    BadRequest when it is not sound, or the name is that of a built-in one.
    """
    name, account_id = request["PolicyName"], context.caller.account_id
    if name in BUILT_IN:
        raise BadRequest("A built-in policy cannot be changed")
    require_sound("PolicyDocument", request["PolicyDocument"])
    locks.own_account(context.transaction, account_id)
    if (
        policies.find(context.transaction, account_id, name) is None
        and len(policies.list_all(context.transaction, account_id)) >= MOST_POLICIES
    ):
        raise BadRequest(f"The account has {MOST_POLICIES} policies, the most there are")
    policies.put(
        context.transaction,
        account_id,
        name=name,
        document=request["PolicyDocument"],
        now=context.now,
    )
    return _as_response(_require(context, name))


@operation("GetPolicy", reads_only=True, route=Route("GET", _ONE, PolicyRequest))
def get_policy(context: Context, request: PolicyRequest) -> Answer:
    """A policy of the account, or a built-in one."""
    name = request["PolicyName"]
    if name in BUILT_IN:
        return _built_in(name)
    return _as_response(_require(context, name))


@operation("ListPolicies", reads_only=True, route=Route("GET", _PATH, ListPoliciesRequest))
def list_policies(context: Context, _: ListPoliciesRequest) -> Answer:
    """The built-in policies, then those of the account by name."""
    own = policies.list_all(context.transaction, context.caller.account_id)
    return {"Items": [*map(_built_in, BUILT_IN), *map(_as_response, own)]}


@operation("DeletePolicy", route=Route("DELETE", _ONE, PolicyRequest))
def delete_policy(context: Context, request: PolicyRequest) -> Answer:
    """Remove a policy; BadRequest while a key has it, or when it is a built-in one."""
    name, account_id = request["PolicyName"], context.caller.account_id
    if name in BUILT_IN:
        raise BadRequest("A built-in policy cannot be removed")
    locks.own_account(context.transaction, account_id)
    if policies.is_attached(context.transaction, account_id, name):
        raise BadRequest(f"Policy {name} is that of an access key")
    if not policies.delete(context.transaction, account_id, name):
        raise _missing(name)
    return {"Message": "OK"}


def require_sound(member: str, document: str) -> None:
    """BadRequest with the place and the reason when a document is no policy."""
    try:
        read(document)
    except InvalidPolicy as error:
        raise BadRequest(f"{member} is not valid: {error}") from error


def _require(context: Context, name: str) -> Row:
    row = policies.find(context.transaction, context.caller.account_id, name)
    if row is None:
        raise _missing(name)
    return row


def _missing(name: str) -> ResourceNotFound:
    return ResourceNotFound(f"Policy {name} does not exist")


def _as_response(row: Row) -> Answer:
    name, document, created_at, updated_at = row
    return {
        "PolicyName": name,
        "IsBuiltIn": False,
        "PolicyDocument": document,
        "CreatedAt": created_at,
        "LastUpdatedAt": updated_at,
    }


def _built_in(name: str) -> Answer:
    return {
        "PolicyName": name,
        "IsBuiltIn": True,
        "Description": PURPOSES[name],
        "PolicyDocument": BUILT_IN[name],
    }


OPERATIONS: tuple[Operation, ...] = (put_policy, get_policy, list_policies, delete_policy)
