"""What pages offer to whom: an action that somebody may not do is not offered, and the service
decides when it is asked for all the same.
"""

from openprofiles.console.visit import person
from openprofiles.core.policies import Asked, Decision, evaluate


def may(name: str, domain_name: str) -> bool:
    """Whether to offer an operation on a domain. Where policies have conditions it is offered:
    whether they hold is known when it is asked for.
    """
    caller = person().caller
    policies = caller.policies
    if policies is None or any(
        statement.conditions for policy in policies for statement in policy.statements
    ):
        return True
    asked = Asked(
        action=f"profile:{name}",
        resource=f"arn:aws:profile:{caller.region}:{caller.account_id}:domains/{domain_name}",
        value_of=lambda _: None,
    )
    return evaluate(policies, asked) is Decision.ALLOWED
