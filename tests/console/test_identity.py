"""Who somebody is here, by what a provider claims of them."""

from dataclasses import replace

import pytest

from openprofiles.cli.serve import check_console
from openprofiles.console.identity import CannotSignIn, identity_of, mapping_of, require_sound
from openprofiles.console.roles import Role
from openprofiles.core.settings import Settings
from openprofiles.storage.errors import CannotStart

SETTINGS = Settings(auth="sigv4", account_id="000000000007")


def role_of(claim, **changes):
    return identity_of({"sub": "u-1", **claim}, replace(SETTINGS, **changes)).role


def test_the_highest_role_that_is_claimed_counts():
    assert role_of({"roles": ["viewer", "steward", "agent", "gardener"]}) is Role.STEWARD
    assert role_of({"roles": "agent"}) is Role.AGENT


def test_settings_say_which_value_gives_which_role():
    roles = "admin=operators, agent = contact centre"

    assert role_of({"groups": ["contact centre"]}, oidc_roles=roles, oidc_roles_claim="groups") == (
        Role.AGENT
    )
    with pytest.raises(CannotSignIn, match="no role"):
        role_of({"roles": ["admin"]}, oidc_roles=roles)


def test_a_claim_may_be_inside_others_and_have_dots_in_its_name():
    inside = {"realm_access": {"roles": ["admin"]}}

    assert role_of(inside, oidc_roles_claim="realm_access.roles") is Role.ADMIN
    assert role_of({"https://a.b/roles": ["agent"]}, oidc_roles_claim="https://a.b/roles") == (
        Role.AGENT
    )


@pytest.mark.parametrize("claims", [{}, {"roles": []}, {"roles": None}, {"roles": {"a": 1}}])
def test_nobody_has_a_role_that_is_not_claimed(claims):
    with pytest.raises(CannotSignIn, match="no role"):
        role_of(claims)
    assert role_of(claims, oidc_default_role="viewer") is Role.VIEWER


def test_the_account_is_that_of_the_service_or_of_a_claim():
    claims = {"sub": "u-1", "roles": ["agent"], "org": {"account": "000000000042"}}
    claimed = replace(SETTINGS, oidc_account_claim="org.account")

    assert identity_of(claims, SETTINGS).account_id == "000000000007"
    assert identity_of(claims, claimed).account_id == "000000000042"
    with pytest.raises(CannotSignIn, match="no account"):
        identity_of(claims | {"org": {"account": "mine"}}, claimed)


def test_a_name_is_the_best_that_there_is():
    claims = {"sub": "u-1", "roles": ["agent"]}

    assert identity_of(claims, SETTINGS).name == "u-1"
    assert identity_of(claims | {"preferred_username": "grace"}, SETTINGS).name == "grace"
    assert identity_of(claims | {"email": "g@example.org"}, SETTINGS).name == "g@example.org"


@pytest.mark.parametrize("roles", ["admin", "boss=operators", "admin=a,viewer"])
def test_a_mapping_that_is_none_is_refused(roles):
    with pytest.raises(ValueError, match="oidc_roles is not a list"):
        list(mapping_of(replace(SETTINGS, oidc_roles=roles)))


PROVIDED = replace(SETTINGS, oidc_issuer="https://login.example.org", oidc_client_id="console")


def test_settings_of_a_provider_that_make_sense_pass():
    require_sound(SETTINGS)
    require_sound(PROVIDED)
    require_sound(replace(PROVIDED, oidc_default_role="viewer", oidc_roles="admin=x"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"oidc_client_id": ""}, "oidc_issuer needs oidc_client_id"),
        ({"oidc_default_role": "boss"}, "oidc_default_role is one of viewer, agent"),
        ({"oidc_roles": "boss=x"}, "oidc_roles is not a list"),
    ],
)
def test_settings_of_a_provider_that_do_not_are_refused_at_the_start(change, said):
    settings = replace(PROVIDED, **change)

    with pytest.raises(ValueError, match=said):
        require_sound(settings)
    with pytest.raises(CannotStart, match=said):
        check_console(settings)
