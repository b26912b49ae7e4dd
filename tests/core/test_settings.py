"""Settings: from the environment, from code, each of its own type."""

from pathlib import Path

import pytest

from openprofiles.core.settings import Settings, from_environment


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
