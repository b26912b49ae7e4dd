"""What people may do, so that pages offer what is not in vain."""

from openprofiles.console.visit import person
from openprofiles.core.policies import Asked
from openprofiles.core.policies.policy import Effect


def might(name: str) -> bool:
    """Whether some statement of the person's policies allows an operation, and none denies it for
    whatever resource. A hint for what to show: operations decide for themselves.
    """
    policies = person().caller.policies
    if policies is None:
        return True
    action = f"profile:{name}"
    asked = Asked(action=action, resource="*", value_of=lambda _: None)
    about = [
        statement
        for policy in policies
        for statement in policy.statements
        if statement.matches_action(action)
    ]
    return any(statement.effect is Effect.ALLOW for statement in about) and not any(
        statement.effect is Effect.DENY and statement.applies(asked) for statement in about
    )
