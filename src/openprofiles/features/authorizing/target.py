"""What an operation touches, as policies name it."""

from dataclasses import dataclass
from typing import Final

from openprofiles.core.operation import Caller, Parameters
from openprofiles.features import tags
from openprofiles.features.authorizing.action import ACTIONS, INTERNAL

UNNAMED: Final = "*"


@dataclass(frozen=True, slots=True)
class Target:
    """A domain, what is inside it (`object-types/Orders`), or with neither the whole account.

    `foreign_arn` is that of something which is not in the caller's account and region.
    """

    domain_name: str | None = None
    path: str = ""
    foreign_arn: str | None = None

    def arn(self, caller: Caller) -> str:
        """Its ARN; `*` for the account, as AWS has it."""
        if self.foreign_arn is not None:
            return self.foreign_arn
        if self.domain_name is None:
            return UNNAMED
        arn = f"arn:aws:profile:{caller.region}:{caller.account_id}:domains/{self.domain_name}"
        return f"{arn}/{self.path}" if self.path else arn


ACCOUNT: Final = Target()


def targets_of(name: str, parameters: Parameters, caller: Caller) -> tuple[Target, ...]:
    """All that operation `name` touches: each has to be allowed.

    BadRequest when the request names its resource by what is no ARN.
    """
    action = ACTIONS.get(name, INTERNAL)
    if action.names_target and "resourceArn" in parameters:
        return _of_arn(parameters["resourceArn"], caller)
    domain_name = parameters.get("DomainName")
    if not action.is_in_domain or domain_name is None:
        return (ACCOUNT,)
    if action.kind is None or action.member is None:
        return (Target(domain_name),)
    return within(domain_name, action.kind, parameters.get(action.member, UNNAMED))


def within(domain_name: str, kind: str, name: str) -> tuple[Target, Target]:
    """A domain and something in it."""
    return Target(domain_name), Target(domain_name, f"{kind}/{name}")


def _of_arn(arn: str, caller: Caller) -> tuple[Target, ...]:
    found = tags.parse_arn(arn)
    if (found.account_id, found.region) != (caller.account_id, caller.region):
        return (Target(foreign_arn=arn),)
    # Not as it is written: its partition may be any.
    domain = Target(found.domain_name)
    return (domain, Target(found.domain_name, found.path)) if found.path else (domain,)
