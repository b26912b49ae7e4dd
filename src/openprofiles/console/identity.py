"""Who somebody is here, of whom a provider of identities claims something."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openprofiles.console.roles import Role
from openprofiles.core.settings import Settings


class CannotSignIn(Exception):
    """The provider does not let somebody in, or says nothing that can be trusted; the text is a
    sentence for them.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody whom the provider vouches for, and what they are here."""

    subject: str
    name: str
    account_id: str
    role: Role


def identity_of(claims: Mapping[str, Any], settings: Settings) -> Identity:
    """Who somebody is here; CannotSignIn when nothing that is claimed gives them a role."""
    roles = roles_of(claims, settings)
    if not roles:
        raise CannotSignIn("You have no role in this service; ask its administrators for one")
    account_id = settings.account_id
    if settings.oidc_account_claim:
        account_id = str(_claim(claims, settings.oidc_account_claim) or "")
        if len(account_id) != 12 or not account_id.isdecimal():
            raise CannotSignIn("You belong to no account of this service")
    name = claims.get("email") or claims.get("preferred_username") or claims["sub"]
    return Identity(
        subject=str(claims["sub"]),
        name=str(name)[:256],
        account_id=account_id,
        role=max(roles, key=list(Role).index),
    )


def roles_of(claims: Mapping[str, Any], settings: Settings) -> set[Role]:
    """The roles that claims give: those that settings give to a value, else those that a value
    names; without any, the default one.
    """
    given = _claim(claims, settings.oidc_roles_claim)
    values = {str(value) for value in given} if isinstance(given, list) else {str(given)}
    roles = {role for value, role in mapping_of(settings) if value in values}
    if not roles and settings.oidc_default_role:
        return {Role(settings.oidc_default_role)}
    return roles


def require_sound(settings: Settings) -> None:
    """ValueError with a sentence when the settings of sign-in by a provider make no sense."""
    if settings.oidc_issuer is None:
        return
    if not settings.oidc_client_id:
        raise ValueError("oidc_issuer needs oidc_client_id: who the console is to the provider")
    default = settings.oidc_default_role
    if default and default not in list(Role):
        raise ValueError(f"oidc_default_role is one of {', '.join(Role)}")
    tuple(mapping_of(settings))


def mapping_of(settings: Settings) -> Iterator[tuple[str, Role]]:
    """Which value of the claim gives which role; ValueError with a sentence for what is none."""
    if not settings.oidc_roles.strip():
        yield from ((str(role), role) for role in Role)
        return
    for part in settings.oidc_roles.split(","):
        name, separator, value = part.partition("=")
        if not separator or name.strip() not in list(Role):
            raise ValueError(
                "oidc_roles is not a list such as admin=operators,viewer=everybody; the roles are "
                + ", ".join(Role)
            )
        yield value.strip(), Role(name.strip())


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """The claim at a path such as `realm_access.roles`; a name with dots wins over a path."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
