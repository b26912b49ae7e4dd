"""Judges what a caller asks for by the caller's policies."""

from collections.abc import Iterable, Mapping, Sequence

from openprofiles.core.errors import AccessDenied
from openprofiles.core.operation import Caller, Parameters
from openprofiles.core.policies import Asked, Decision, Policy, evaluate, reads_resource_tags
from openprofiles.core.policies.keys import REQUEST_TAG, RESOURCE_TAG, ValueOf
from openprofiles.features import tags
from openprofiles.features.authorizing.action import ACTIONS
from openprofiles.features.authorizing.target import Target, targets_of
from openprofiles.features.context import Context
from openprofiles.storage import locks

NO_TAGS: Mapping[str, str] = {}


def require_allowed(context: Context, name: str, parameters: Parameters) -> None:
    """AccessDenied unless the caller may do operation `name` to all that it touches."""
    refusal = find_refusal(context, context.caller, name, parameters)
    if refusal is not None:
        raise refusal


def find_refusal(
    context: Context, caller: Caller, name: str, parameters: Parameters
) -> AccessDenied | None:
    """Why `caller` may not do it, in the same words whether or not there is such a resource."""
    policies = caller.policies
    if policies is None:
        return None
    targets = targets_of(name, parameters, caller)
    tags_of = read_tags(context, policies, name, targets)
    for target in targets:
        if not is_allowed(context, caller, name, target, parameters, tags_of.get(target)):
            return AccessDenied(
                f"User: {caller.principal_arn} is not authorized to perform: profile:{name}"
                f" on resource: {target.arn(caller)}"
            )
    return None


def depends_on_tags(caller: Caller, name: str) -> bool:
    """Whether what the caller may do, or see in a list, depends on tags of resources."""
    if caller.policies is None:
        return False
    action = ACTIONS.get(name)
    listed = action.lists if action else None
    return any(
        reads_resource_tags(caller.policies, f"profile:{asked}")
        for asked in (name, listed)
        if asked is not None
    )


def lock_tags(context: Context, callers: Iterable[Caller], name: str, given: Parameters) -> None:
    """Keep the tags on which the decision depends as they are until the transaction ends; or keep
    others from deciding by them while this operation changes them.

    Before any other lock, since writers take theirs in one order.
    """
    action = ACTIONS.get(name)
    changes = action is not None and action.changes_tags
    if not changes and not any(depends_on_tags(caller, name) for caller in callers):
        return
    lock = locks.own_tags if changes else locks.share_tags
    for domain_name in {target.domain_name for target in targets_of(name, given, context.caller)}:
        lock(context.transaction, context.caller.account_id, domain_name or "")


def read_tags(
    context: Context, policies: Sequence[Policy], name: str, targets: Sequence[Target]
) -> Mapping[Target, Mapping[str, str]]:
    """The tags of each target, if a policy asks: its own, and the domain's where it has no other.

    So what is inside a domain, most of which cannot have tags, belongs to whom the domain does.
    """
    named = {target: target.domain_name for target in targets if target.domain_name is not None}
    if not named or not reads_resource_tags(policies, f"profile:{name}"):
        return {}
    found = tags.list_by_name(
        context, list(set(named.values())), list({target.path for target in named})
    )
    return {
        target: {
            **found.get((domain_name, ""), NO_TAGS),
            **found.get((domain_name, target.path), NO_TAGS),
        }
        for target, domain_name in named.items()
    }


def is_allowed(
    context: Context,
    caller: Caller,
    name: str,
    target: Target,
    parameters: Parameters,
    resource_tags: Mapping[str, str] | None,
) -> bool:
    """Whether the caller may do operation `name` to one target."""
    asked = Asked(
        action=f"profile:{name}",
        resource=target.arn(caller),
        value_of=_values(context, caller, parameters, resource_tags or NO_TAGS),
    )
    return evaluate(caller.policies or (), asked) is Decision.ALLOWED


def _values(
    context: Context, caller: Caller, parameters: Parameters, resource_tags: Mapping[str, str]
) -> ValueOf:
    """The condition keys of a request."""
    request_tags: Mapping[str, str] = parameters.get("Tags") or parameters.get("tags") or NO_TAGS
    fixed: dict[str, Iterable[str] | None] = {
        "aws:CurrentTime": (context.now.isoformat(),),
        "aws:EpochTime": (str(int(context.now.timestamp())),),
        "aws:PrincipalAccount": (caller.account_id,),
        "aws:PrincipalArn": _one(caller.principal_arn),
        "aws:RequestedRegion": _one(caller.signed_region),
        "aws:SecureTransport": ("true" if caller.is_secure else "false",),
        "aws:SourceIp": _one(caller.source_ip),
        "aws:TagKeys": request_tags.keys() or parameters.get("tagKeys"),
        "aws:username": (caller.principal,),
    }
    families = {RESOURCE_TAG: resource_tags, REQUEST_TAG: request_tags}

    def value_of(key: str) -> tuple[str, ...] | None:
        if key in fixed:
            return tuple(fixed[key] or ())
        family, _, tag = key.partition("/")
        return _one(_find_tag(families[f"{family}/"], tag))

    return value_of


def _find_tag(of: Mapping[str, str], key: str) -> str | None:
    """The value of a tag: of the key as it is written, else of one in other letters, as IAM."""
    if key in of:
        return of[key]
    alike = sorted(name for name in of if name.lower() == key.lower())
    return of[alike[0]] if alike else None


def _one(value: str | None) -> tuple[str, ...] | None:
    return None if value is None else (value,)
