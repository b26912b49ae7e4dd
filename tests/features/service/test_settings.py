"""The settings as they are in force."""

from dataclasses import replace

import pytest

from openprofiles.core.errors import AccessDenied
from openprofiles.core.settings import Origin, all_settings
from openprofiles.features.invoke import invoker
from openprofiles.features.service.shown import without_secrets

URL = "postgresql://jane:sesame@host/x"


def settings_of(application, caller, **changes):
    changed = replace(application.settings, **changes)
    items = invoker(application.database, changed)("ListSettings", {}, caller)["Items"]
    return {item["Name"]: item for item in items}


def test_each_setting_is_shown_with_its_default(application, caller):
    shown = settings_of(application, caller)

    assert list(shown) == [setting.name for setting in all_settings()]
    assert shown["threads"]["Value"] == shown["threads"]["Default"] == "8"
    assert shown["respect_source_timestamp"]["Value"] == "no"
    assert shown["oidc_issuer"]["Value"] is None
    assert not shown["oidc_issuer"]["IsSet"]


def test_settings_say_where_they_come_from(application, caller):
    origins = {
        "port": Origin.OPTION,
        "region": Origin.ENVIRONMENT,
        "oidc_client_secret": Origin.FILE,
        "secrets_key": Origin.KEYRING,
    }

    shown = settings_of(application, caller, origins=origins)

    assert shown["workers"]["Origin"] == "DEFAULT"
    assert {name: shown[name]["Variable"] for name in origins} == {
        "port": "OPENPROFILES_PORT",
        "region": "OPENPROFILES_REGION",
        "oidc_client_secret": "OPENPROFILES_OIDC_CLIENT_SECRET_FILE",
        "secrets_key": "OPENPROFILES_SECRETS_KEY_KEYRING",
    }
    assert {name: shown[name]["Origin"] for name in origins} == origins


def test_what_is_secret_is_not_shown(application, caller):
    shown = settings_of(
        application, caller, oidc_client_secret="sesame", kms_endpoint_url="https://a:sesame@kms/x"
    )

    assert shown["oidc_client_secret"]["IsSet"]
    assert shown["kms_endpoint_url"]["Value"] == "https://…@kms/x"
    assert "sesame" not in str(shown)


def test_other_accounts_are_not_shown_them(application, caller):
    stranger = replace(caller, account_id="999999999999")

    with pytest.raises(AccessDenied, match="own account"):
        settings_of(application, stranger)


@pytest.mark.parametrize("text", ["plain", "s3://", "10.0.0.0/8,::1", "http://[", "a@b"])
def test_what_is_no_address_with_a_password_is_shown_as_it_is(text):
    assert without_secrets(text) == text
