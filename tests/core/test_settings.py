"""Settings: from the environment, from code, each of its own type."""

import sys
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from openprofiles.core.settings import (
    Origin,
    Settings,
    all_settings,
    from_environment,
    is_secret,
    with_defaults_of_command,
)


def test_without_anything_given_each_setting_has_its_default():
    assert from_environment({}) == Settings()


def test_a_variable_is_read_as_its_settings_type():
    settings = from_environment(
        {
            "OPENPROFILES_PORT": "9000",
            "OPENPROFILES_DATA_DIR": "/srv/profiles",
            "OPENPROFILES_REGION": "eu-central-1",
            "OPENPROFILES_RESPECT_SOURCE_TIMESTAMP": "yes",
        }
    )

    assert settings.port == 9000
    assert settings.data_dir == Path("/srv/profiles")
    assert settings.region == "eu-central-1"
    assert settings.respect_source_timestamp is True


@pytest.mark.parametrize("text", ["0", "false", "no", "OFF"])
def test_a_switch_can_be_off(text):
    settings = from_environment({"OPENPROFILES_RESPECT_SOURCE_TIMESTAMP": text})

    assert settings.respect_source_timestamp is False


def test_what_is_given_wins_over_the_environment_and_none_is_not_given():
    environment = {"OPENPROFILES_PORT": "9000", "OPENPROFILES_REGION": "eu-central-1"}

    settings = from_environment(environment, port=9001, region=None)

    assert (settings.port, settings.region) == (9001, "eu-central-1")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("PORT", "many", "OPENPROFILES_PORT is not a whole number"),
        ("RESPECT_SOURCE_TIMESTAMP", "maybe", "OPENPROFILES_RESPECT_SOURCE_TIMESTAMP is neither"),
        ("AUTH", "none", "OPENPROFILES_AUTH is not one of open, sigv4"),
        ("LOG_LEVEL", "loud", "OPENPROFILES_LOG_LEVEL is not one of debug, info, warning, error"),
    ],
)
def test_a_variable_of_another_type_is_told_by_name(name, text, problem):
    with pytest.raises(ValueError, match=problem):
        from_environment({f"OPENPROFILES_{name}": text})


@pytest.fixture
def kept(monkeypatch) -> dict[tuple[str, str], str]:
    """The entries of a keyring that takes the place of the system's."""

    class Kept(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            if service == "locked":
                raise KeyringLocked
            return entries.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            entries[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del entries[service, username]

    entries: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keyring.core, "_keyring_backend", Kept())
    return entries


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "url").write_text("postgresql://jane:secret@host/x\n")

    settings = from_environment({"OPENPROFILES_DATABASE_URL_FILE": str(tmp_path / "url")})

    assert settings.database_url == "postgresql://jane:secret@host/x"


def test_a_secret_may_come_from_a_variable():
    settings = from_environment({"OPENPROFILES_DATABASE_URL": "postgresql://jane@host/x"})

    assert settings.database_url == "postgresql://jane@host/x"


def test_a_secret_may_come_from_a_keyring(kept):
    kept["openprofiles/live", "key"] = "secret"

    settings = from_environment({"OPENPROFILES_SECRETS_KEY_KEYRING": "openprofiles/live/key"})

    assert settings.secrets_key == "secret"


def test_a_secret_that_is_given_leaves_other_places_alone():
    environment = {"OPENPROFILES_SECRETS_KEY_FILE": "/nowhere"}

    assert from_environment(environment, secrets_key="given").secrets_key == "given"


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        (
            {"OPENPROFILES_SECRETS_KEY": "secret", "OPENPROFILES_SECRETS_KEY_FILE": "x"},
            "OPENPROFILES_SECRETS_KEY and OPENPROFILES_SECRETS_KEY_FILE are both given",
        ),
        ({"OPENPROFILES_SECRETS_KEY_FILE": "/nowhere"}, r"_FILE cannot be read \(No such file"),
        ({"OPENPROFILES_SECRETS_KEY_FILE": "/dev/null"}, "The file of .* is empty"),
        ({"OPENPROFILES_SECRETS_KEY_FILE": "/bin/true"}, "The file of .* is not text"),
        ({"OPENPROFILES_SECRETS_KEY_KEYRING": "a/none"}, "The keyring has no entry"),
        ({"OPENPROFILES_SECRETS_KEY_KEYRING": "locked/x"}, "it may be locked"),
    ],
)
@pytest.mark.usefixtures("kept")
def test_a_secret_that_cannot_be_read_is_told_without_it(environment, problem):
    with pytest.raises(ValueError, match=problem) as failure:
        from_environment(environment)

    assert "secret" not in str(failure.value)


def test_a_keyring_needs_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)

    with pytest.raises(ValueError, match=r"needs `pip install openprofiles\[keyring\]`"):
        from_environment({"OPENPROFILES_SECRETS_KEY_KEYRING": "a/b"})


def test_secrets_do_not_show_when_settings_are_printed():
    settings = Settings(database_url="postgresql://jane:sesame@host/x", secrets_key="sesame")

    assert "sesame" not in repr(settings)
    assert "port=8787" in repr(settings)


def test_whatever_is_called_a_secret_is_treated_as_one():
    words = ("secret", "password", "token")
    called = {
        setting.name for setting in all_settings() if any(word in setting.name for word in words)
    }

    assert {setting.name for setting in all_settings() if is_secret(setting)} >= called


def test_each_setting_knows_where_it_comes_from(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    environment = {
        "OPENPROFILES_PORT": "9000",
        "OPENPROFILES_WORKERS": "3",
        "OPENPROFILES_OIDC_CLIENT_SECRET_FILE": str(secret),
        "OPENPROFILES_SECRETS_KEY": "A" * 43 + "=",
    }

    settings = from_environment(environment, workers=4, port=9000, threads=None)

    assert settings.origins == {
        "port": Origin.ENVIRONMENT,
        "workers": Origin.OPTION,
        "oidc_client_secret": Origin.FILE,
        "secrets_key": Origin.ENVIRONMENT,
    }


def test_defaults_of_a_command_are_told_from_what_people_gave():
    settings = with_defaults_of_command(from_environment({}, port=1, workers=2), ["port"])

    assert settings.origins == {"port": Origin.COMMAND, "workers": Origin.OPTION}
