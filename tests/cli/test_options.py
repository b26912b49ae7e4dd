"""Settings as options: none that is secret stands where the list of processes shows it."""

import inspect

import pytest
from cyclopts import App

from openprofiles.cli.options import with_connection, with_settings, with_settings_of
from openprofiles.core.settings import Origin, Settings
from openprofiles.storage.errors import CannotStart

URL = "postgresql://jane:sesame@host/x"


def serve_of(settings: Settings) -> int:
    """Serve."""
    seen.append(settings)
    return 0


serve = with_settings(serve_of)


@with_connection
def look(settings: Settings) -> int:
    """Look."""
    seen.append(settings)
    return 0


seen: list[Settings] = []


@pytest.mark.parametrize("command", [serve, look])
def test_a_secret_is_no_option(command):
    options = inspect.signature(command).parameters

    assert "secrets_key" not in options
    assert "database_url" in options


@pytest.mark.parametrize("command", [serve, look])
def test_secrets_are_read_from_files(command, tmp_path, monkeypatch):
    (tmp_path / "key").write_text("key")
    monkeypatch.setenv("OPENPROFILES_SECRETS_KEY_FILE", str(tmp_path / "key"))

    command()

    assert seen[-1].secrets_key == "key"


@pytest.mark.parametrize("command", [serve, look])
def test_a_secret_that_cannot_be_read_keeps_it_from_starting(command, monkeypatch):
    monkeypatch.setenv("OPENPROFILES_SECRETS_KEY_FILE", "/nowhere")

    with pytest.raises(CannotStart, match="cannot be read"):
        command()


def test_a_setting_knows_whether_it_was_an_option_or_a_variable(monkeypatch):
    monkeypatch.setenv("OPENPROFILES_REGION", "eu-central-1")
    app = App(result_action="return_value")
    app.default(with_settings_of(log_level="warning", workers=1)(serve_of))

    app(["--port", "9000", "--workers", "3"])

    expected = {
        "port": Origin.OPTION,
        "workers": Origin.OPTION,
        "region": Origin.ENVIRONMENT,
        "log_level": Origin.COMMAND,
    }
    assert expected.items() <= seen[-1].origins.items()
    assert "host" not in seen[-1].origins


def test_a_password_among_the_arguments_is_warned_of(caplog):
    look(database_url=URL)

    assert "The password in --database-url shows in the list of processes" in caplog.text
    assert "sesame" not in caplog.text
    assert seen[-1].database_url == URL


def test_a_password_in_a_variable_is_no_reason_to_warn(caplog, monkeypatch):
    monkeypatch.setenv("OPENPROFILES_DATABASE_URL", URL)

    # As the command line hands on what it read from the variable.
    look(database_url=URL)

    assert caplog.text == ""
