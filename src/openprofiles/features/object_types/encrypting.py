"""The keys that object types name for their objects."""

from openprofiles.features.context import Context
from openprofiles.features.domains import Domain
from openprofiles.storage.encryption import Scope, use_type_key


def use_key(context: Context, domain: Domain, name: str, named_key: str | None) -> None:
    """Have the objects of a type sealed under a key, or under the domain's if that is None; the
    caller owns the domain. Raises KeyUnavailable.
    """
    scope = Scope(
        domain_id=domain.id,
        account_id=context.caller.account_id,
        domain_name=domain.name,
        object_type=name,
    )
    if use_type_key(context.transaction, scope, named_key, now=context.now):
        context.afterwards.append(("ContinueEncryption", {"DomainName": domain.name, "Rounds": 20}))
