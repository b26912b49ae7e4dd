"""Settings as options: none that is secret stands where the list of processes shows it."""

import inspect

import pytest

from openprofiles.cli.options import with_connection, with_settings
from openprofiles.core.settings import Settings
from openprofiles.storage.errors import CannotStart

URL = "postgresql://jane:sesame@host/x"


@with_settings
def serve(settings: Settings) -> int:
    """Serve."""
    seen.append(settings)
    return 0


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
